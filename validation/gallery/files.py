"""Pictures as files: each is written as soon as it is drawn, all of it or nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

import matplotlib

from ...theory.problem import SpecificationError
from .picture import Picture

RESOLUTION = 200  # of png, dots to an inch
# What each format may hold besides the drawing; without a date the same picture is the same file.
_METADATA: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "svg": {"title": "Title", "text": "Description", "date": "Date"},
        "pdf": {"title": "Title", "text": "Subject", "date": "CreationDate"},
        "png": {"title": "Title", "text": "Description"},
    }
)
FORMATS = tuple(_METADATA)


def write_pictures(pictures: Sequence[Picture], folder: Path, suffix: str = "svg") -> Iterator[Path]:
    """Draw one picture after the other into a folder, with their count on standard error.

    Args:
        pictures: of the gallery, or one's own.
        folder: made where missing; a file of the same name is replaced.
        suffix: one of `FORMATS`.

    Yields:
        Each file when it is finished; what is finished is kept when a later picture fails or is interrupted.

    Raises:
        SpecificationError: for another format, before any work.
        MissingExtra: for real data without scikit-learn.
        KeyboardInterrupt: when interrupted from the keyboard.
    """
    require_format(suffix)
    for number, picture in enumerate(pictures, start=1):
        print(f"{number} of {len(pictures)}: ", end="", file=sys.stderr)
        path = folder / f"{picture.name}.{suffix}"
        write_picture(picture, path)
        yield path


def write_picture(picture: Picture, path: Path) -> None:
    """Draw a picture into a file; its name, and then how long it took, on standard error.

    Args:
        picture: of the gallery, or one's own.
        path: its suffix is the format, one of `FORMATS`; folders are made where missing, a file is replaced.

    Raises:
        SpecificationError: for another format, before any work.
    """
    suffix = require_format(path.suffix.removeprefix("."))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".partial")
    said = {"title": picture.title, "text": picture.text, "date": None}
    metadata = {field: said[what] for what, field in _METADATA[suffix].items()}
    print(picture.name, end=" ", file=sys.stderr, flush=True)
    begun = perf_counter()
    figure = picture.figure()
    with matplotlib.rc_context({"svg.hashsalt": picture.name}):
        figure.savefig(beside, format=suffix, dpi=RESOLUTION, metadata=metadata)
    os.replace(beside, path)
    print(f"({perf_counter() - begun:.0f} s)", file=sys.stderr, flush=True)


def require_format(suffix: str) -> str:
    """The format itself.

    Raises:
        SpecificationError: unless it is one of `FORMATS`.
    """
    if suffix not in FORMATS:
        raise SpecificationError("format", suffix, " or ".join(FORMATS))
    return suffix
