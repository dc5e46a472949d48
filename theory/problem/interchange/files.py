"""Chains in files."""

from __future__ import annotations

import os

from ..chain import Chain
from ..errors import SpecificationError
from .reading import LARGEST_TEXT
from .text_files import checked_path, read_text, write_text


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
    checked_path(path)  # a path that is none is named before anything is written out
    write_text(path, chain.to_toml())


def load(path: str | os.PathLike[str], *, largest: int = LARGEST_TEXT) -> Chain:
    """Read a chain that `save` or a person has written.

    Args:
        path: the file.
        largest: bytes that are read at most.

    Raises:
        SpecificationError: naming `path`, or the place in the file, what is there, and what may be.
    """
    text = read_text(path, largest)
    return Chain.from_toml(text, largest=largest)
