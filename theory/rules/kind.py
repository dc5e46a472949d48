"""What kind of truth a number is."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """Exact at finite size, or the deterministic equivalent of the proportional limit (error O(1/dimension))."""

    EXACT = "exact at finite size"
    EQUIVALENT = "deterministic equivalent"
