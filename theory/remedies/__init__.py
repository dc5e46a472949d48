"""Remedies: what may be done about collapse, and how much of it works."""

from .performance_gap import performance_gap_recovered as performance_gap_recovered
