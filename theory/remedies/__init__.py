"""Remedies: what to do about collapse, evaluated and compared."""

from .performance_gap import performance_gap_recovered as performance_gap_recovered
