"""Text in files: written in one step, read up to a size."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from .. import checks
from ..errors import SpecificationError


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file in UTF-8: all of it or nothing, the file being replaced in one step.

    Raises:
        SpecificationError: naming `path`, and why it cannot be written.
    """
    target = checked_path(path)
    beside = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise SpecificationError("path", str(path), f"a file that can be written ({error.strerror})") from None


def read_text(path: str | os.PathLike[str], largest: int) -> str:
    """At most `largest` + 1 bytes of a file in UTF-8; one more than allowed shows that it is too long.

    Raises:
        SpecificationError: naming `path`, and why it cannot be read.
    """
    source, largest = checked_path(path), checks.concrete_size("largest", largest)
    try:
        if not source.is_file():  # nor a pipe or a device, which never end
            raise SpecificationError("path", str(path), "a file that is there")
        with source.open("rb") as file:
            content = file.read(largest + 1)
        return content.decode("utf-8")
    except OSError as error:
        raise SpecificationError("path", str(path), f"a file that can be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise SpecificationError("path", str(path), f"a file in UTF-8 (byte {error.start} is not)") from None


def checked_path(path: Any) -> Path:
    """A path that names a file; whether it is there is for the caller."""
    try:
        name = os.fspath(path)
    except TypeError:
        name = None
    if not isinstance(name, str) or not name or "\0" in name:
        raise SpecificationError("path", path, "the path of a file, as a str or a Path")
    found = Path(name)
    try:
        is_folder = found.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if is_folder or not found.name:
        raise SpecificationError("path", path, "the path of a file, not of a folder")
    return found
