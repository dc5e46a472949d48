"""Remedies: what to do about collapse, evaluated and compared."""
