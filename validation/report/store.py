"""Finished sections of a report on disk, so that an interrupted run loses nothing but the section it was in."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

LARGEST_FILE = 50_000_000


def plain(value: Any) -> Any:
    """`value` in JSON's types; infinite and undefined numbers, which JSON lacks, become words.

    >>> import numpy as np
    >>> plain({"error": np.array([1.5, np.inf]), "rows": np.int64(3)})
    {'error': [1.5, 'inf'], 'rows': 3}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def fingerprint(value: Any) -> str:
    """A digest that changes whenever anything in `value` does."""
    text = json.dumps(plain(value), sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON, all of it or nothing."""
    write_text(path, json.dumps(plain(value), indent=1, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write all of `text` or nothing: the file is replaced in one step."""
    beside = path.with_name(path.name + ".partial")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def read_sections(path: Path) -> dict[str, Any]:
    """Sections by fingerprint from an earlier run; a missing, foreign or damaged file counts as empty."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return {}
        sections = json.loads(path.read_text(encoding="utf-8"))["sections"]
        return {section["fingerprint"]: section for section in sections}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
