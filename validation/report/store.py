"""Finished parts of a report on disk, so that an interrupted run loses nothing but the part it was in."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Finished:
    """Parts of a report on disk.

    Attributes:
        path: the JSON file that holds them.
        made_with: what a part depends on besides its parameters.
        parts: by fingerprint; those of earlier runs are used again.
    """

    path: Path
    made_with: Mapping[str, str]
    parts: dict[str, dict[str, Any]]

    def has(self, name: str, parameters: Any) -> bool:
        """Whether an earlier run has finished a part."""
        return self._key(name, parameters) in self.parts

    def _key(self, name: str, parameters: Any) -> str:
        return fingerprint({"name": name, "parameters": parameters, "made with": self.made_with})

    def part(self, name: str, parameters: Any, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """From an earlier run, or made now and on disk before the next one begins."""
        key = self._key(name, parameters)
        print(f"{name}{' (kept)' if key in self.parts else ''}", file=sys.stderr)
        if key not in self.parts:
            self.parts[key] = plain({"fingerprint": key, **make()})
            write_json(self.path, {"sections": list(self.parts.values())})
        return self.parts[key]


def read_finished(path: Path) -> dict[str, dict[str, Any]]:
    """Parts by fingerprint from an earlier run; a missing, foreign or damaged file counts as empty."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return {}
        report = json.loads(path.read_text(encoding="utf-8"))
        parts = [
            *report["sections"],
            *report.get("claims", []),
            *([report["sabotage"]] if "sabotage" in report else []),
        ]
        return {part["fingerprint"]: part for part in parts}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
