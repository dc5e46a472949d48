"""Chains in files."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from .. import checks
from ..chain import Chain
from ..errors import SpecificationError
from .reading import LARGEST_TEXT


def save(chain: Chain, path: str | os.PathLike[str]) -> None:
    """Write a chain as TOML: all of it or nothing, the file being replaced in one step.

    Args:
        chain: of numbers and packaged classes, see `Chain.to_toml`.
        path: the file, in a folder that exists.

    Raises:
        SpecificationError: naming `chain` or `path`, and why it cannot be written.
    """
    if not isinstance(chain, Chain):
        raise SpecificationError("chain", chain, "a Chain")
    target, text = _checked(path), chain.to_toml()
    beside = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise SpecificationError("path", str(path), f"a file that can be written ({error.strerror})") from None


def load(path: str | os.PathLike[str], *, largest: int = LARGEST_TEXT) -> Chain:
    """Read a chain that `save` or a person has written.

    Args:
        path: the file.
        largest: bytes that are read at most.

    Raises:
        SpecificationError: naming `path`, or the place in the file, what is there, and what may be.
    """
    source, largest = _checked(path), checks.concrete_size("largest", largest)
    try:
        if not source.is_file():  # nor a pipe or a device, which never end
            raise SpecificationError("path", str(path), "a file that is there")
        with source.open("rb") as file:
            content = file.read(largest + 1)
        text = content.decode("utf-8")
    except OSError as error:
        raise SpecificationError("path", str(path), f"a file that can be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise SpecificationError("path", str(path), f"a file in UTF-8 (byte {error.start} is not)") from None
    return Chain.from_toml(text, largest=largest)


def _checked(path: Any) -> Path:
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
