"""Numbers with names, axes and units, as pandas and xarray want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from ..problem.errors import MissingExtra, SpecificationError

LABEL_UNITS = "label units squared"
MODEL_UNITS = "coefficient units squared"
RATIO = "1"


@final
@dataclass(frozen=True)
class Column:
    """An array and what it is measured in.

    Attributes:
        values: one entry for each point of the axes.
        unit: such as "label units squared"; empty for words.
        axes: names of its axes; None for all axes of the rows.
    """

    values: Any
    unit: str = ""
    axes: tuple[str, ...] | None = None


@final
@dataclass(frozen=True)
class Labelled:
    """A result as columns over axes.

    Attributes:
        axes: name -> labels, in order; a table has one row for each point of their product.
        columns: name -> column over all axes.
        about: what else is to be known, such as assumptions and sources.
        further: columns over other axes, which only xarray can hold; axes that are not in `axes` count from 1.
    """

    axes: Mapping[str, Sequence[Any]]
    columns: Mapping[str, Column]
    about: Mapping[str, Any]
    further: Mapping[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        twice = set(self.axes) & {*self.columns, *self.further}
        if twice:
            raise SpecificationError("axes", sorted(twice), f"other names than those of the columns, {[*self.columns]}")

    def to_pandas(self) -> Any:
        """A DataFrame, one row for each point of the axes; units and `about` in its `attrs`."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("to_pandas", "pandas", "tables") from None
        shape = tuple(len(labels) for labels in self.axes.values())
        places = np.indices(shape).reshape(len(shape), -1)
        points = zip(self.axes.items(), places, strict=True)
        columns: dict[str, Any] = {name: [labels[place] for place in where] for (name, labels), where in points}
        columns |= {name: np.asarray(column.values).reshape(-1) for name, column in self.columns.items()}
        frame = pandas.DataFrame(columns)
        frame.attrs = {"units": {name: column.unit for name, column in self.columns.items()}, **self.about}
        return frame

    def to_xarray(self) -> Any:
        """A Dataset; units in the `attrs` of each variable, `about` in its own."""
        try:
            import xarray
        except ImportError:
            raise MissingExtra("to_xarray", "xarray", "tables") from None
        variables: dict[str, Any] = {}
        sizes: dict[str, int] = {}
        for name, column in {**self.columns, **self.further}.items():
            values, axes = np.asarray(column.values), tuple(self.axes) if column.axes is None else column.axes
            variables[name] = (axes, values, {"units": column.unit} if column.unit else {})
            sizes |= dict(zip(axes, values.shape, strict=True))
        labels = {name: np.arange(1, size + 1) for name, size in sizes.items() if name not in self.axes}
        labels |= {name: np.asarray(values) for name, values in self.axes.items()}
        return xarray.Dataset(variables, coords=labels, attrs=dict(self.about))
