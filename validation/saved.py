"""Results read back from files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TypeAlias

from ..numerics.simulation import Simulation
from ..theory.evaluation.prediction import Prediction
from ..theory.problem.errors import SpecificationError, TooLarge
from ..theory.problem.interchange.text_files import read_text

LARGEST_RESULT = 100_000_000

Saved: TypeAlias = Prediction | Simulation


def load_result(path: str | os.PathLike[str], *, largest: int = LARGEST_RESULT) -> Saved:
    """Read a prediction or a simulation that its `save` has written; nothing in the file is run.

    Every stored number comes back bit for bit, the chain with it. A comparison, a derivation, a table of `vary` and a
    report of sabotage are saved for other programs to read: made again from their chains, they are the same.

    Args:
        path: the file.
        largest: bytes that are read at most.

    Raises:
        TooLarge: for a larger file.
        SpecificationError: naming `path`, or the field of the file that does not fit.
    """
    text = read_text(path, largest)
    if len(text.encode()) > largest:
        raise TooLarge("path", str(path), f"a file of at most {largest} bytes; see `largest`")
    readers: dict[str, Callable[[str], Saved]] = {
        "Prediction": Prediction.from_json,
        "Simulation": Simulation.from_json,
    }
    name = _kind_of(text)
    if name not in readers:
        raise SpecificationError("path", str(path), f"JSON of one of {', '.join(readers)}, written by its `save`")
    return readers[name](text)


def _kind_of(text: str) -> str:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    name = record.get("result") if isinstance(record, dict) else None
    return name if isinstance(name, str) else ""
