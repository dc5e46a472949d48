"""Measurement: what is read off a fitted model."""
