"""What kind of truth a number is."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """Exact at finite size, deterministic equivalent (error O(1/dimension)), or limit of many rows per direction."""

    EXACT = "exact at finite size"
    EQUIVALENT = "deterministic equivalent"
    LOW_DIMENSIONAL = "limit of rows much larger than the rank"
