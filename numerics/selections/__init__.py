"""Selections: which generated rows a verifier keeps, and with which labels."""
