"""What every public result can do with its numbers."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any

from ..problem.interchange.text_files import write_text
from .labelled import Labelled
from .plain import json_text


class Result(ABC):
    """A result: it converts to plain values, JSON, pandas and xarray, and is saved.

    A new kind of result says `to_dict` and `labelled`. If it prints as one table, it is a `Tabled` (tabled.py) and says
    what is in it; else `__str__`, `_repr_html_` and `_repr_latex_` are its own. A dataclass leaves `__repr__` to this
    class: `repr=False`.
    """

    __slots__ = ()

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists; "result" names the class."""

    @abstractmethod
    def labelled(self) -> Labelled:
        """The numbers as columns over named axes."""

    @abstractmethod
    def __str__(self) -> str:
        """What a terminal shows."""

    def __repr__(self) -> str:
        return str(self)

    @abstractmethod
    def _repr_html_(self) -> str:
        """What a notebook shows."""

    @abstractmethod
    def _repr_latex_(self) -> str:
        """What a notebook turned into LaTeX shows: the formula where there is one, else a table."""

    def to_json(self) -> str:
        """`to_dict` as JSON, infinities and NaN as strings."""
        return json_text(self.to_dict())

    def to_pandas(self) -> Any:
        """The numbers as a tidy DataFrame, units, assumptions and sources in its `attrs`.

        Raises:
            MissingExtra: without pandas.
        """
        return self.labelled().to_pandas()

    def to_xarray(self) -> Any:
        """The numbers as a Dataset with named axes, units, assumptions and sources in `attrs`.

        Raises:
            MissingExtra: without xarray.
        """
        return self.labelled().to_xarray()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `to_json` to a file: all of it or nothing. `load_result` reads predictions and simulations back.

        Raises:
            SpecificationError: naming `path`, and why it cannot be written.
        """
        write_text(path, self.to_json())
