"""`vary`: predictions over a grid of parameters with one compilation."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..problem import checks
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import SpecificationError
from ..results.labelled import LABEL_UNITS, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..results.tables import SHOWN_ROWS, points_not_shown
from ..rules.bibliography import cite
from .batch import predict_all
from .builder import built, position, require_builder
from .prediction import Prediction


@final
@dataclass(frozen=True, eq=False, repr=False)
class Table(Tabled):
    """Predictions over a grid, labelled.

    Attributes:
        axes: name and values of every axis, in order.
        predictions: an object array of `Prediction`, one axis per name.
    """

    axes: tuple[tuple[str, tuple[Any, ...]], ...]
    predictions: Any

    @property
    def error(self) -> Vector:
        """Excess errors, shape (*grid, N)."""
        return self._collect("error")

    @property
    def bias(self) -> Vector:
        """Noise-free errors, shape (*grid, N)."""
        return self._collect("bias")

    @property
    def variance(self) -> Vector:
        """What label noise injects, shape (*grid, N)."""
        return self._collect("variance")

    def _collect(self, name: str) -> Vector:
        flat = np.array([getattr(prediction, name) for prediction in self.predictions.ravel()])
        return flat.reshape(*self.predictions.shape, -1)

    def best(self, generation: int = -1) -> tuple[dict[str, Any], Prediction]:
        """The grid point with the smallest error in a generation, 1..N, or -1 for the last."""
        errors = self.error[..., position(generation, self.error.shape[-1])]
        index = np.unravel_index(np.nanargmin(errors), self.predictions.shape)
        point = {name: values[i] for (name, values), i in zip(self.axes, index, strict=True)}
        return point, self.predictions[index]

    def to_dict(self) -> dict[str, Any]:
        """Axes and per-generation errors as plain lists, infinities and NaN as strings."""
        arrays = {"error": self.error, "bias": self.bias, "variance": self.variance}
        return {"result": "Table", "axes": plain(dict(self.axes)), **plain(arrays)}

    def labelled(self) -> Labelled:
        """One row for each grid point and generation: `error`, `bias`, `variance`, `kind`."""
        flat = list(self.predictions.ravel())
        axes = {name: plain(values) for name, values in self.axes} | {"generation": range(1, len(flat[0].kind) + 1)}
        shape = tuple(len(values) for values in axes.values())
        kinds = np.array([kind.value for prediction in flat for kind in prediction.kind]).reshape(shape)
        columns = {name: Column(self._collect(name), LABEL_UNITS) for name in ("error", "bias", "variance")}
        assumptions = dict.fromkeys(text for prediction in flat for text in prediction.assumptions)
        sources = dict.fromkeys(text for prediction in flat for text in prediction.sources)
        about = {"assumptions": list(assumptions), "sources": list(sources)}
        return Labelled(axes, {**columns, "kind": Column(kinds)}, about)

    def cite(self) -> str:
        """BibTeX of the software and of exactly the papers whose statements were used."""
        flat = self.predictions.ravel()
        return cite([statement.source for prediction in flat for statement in prediction.statements])

    @property
    def _head(self) -> tuple[str, ...]:
        return (*(name for name, _ in self.axes), "last error")

    def _rows(self) -> list[tuple[str, ...]]:
        points = itertools.islice(itertools.product(*(values for _, values in self.axes)), SHOWN_ROWS)
        shown = zip(points, self.predictions.ravel()[:SHOWN_ROWS], strict=True)
        return [(*map(str, point), f"{prediction.error[-1]:.6g}") for point, prediction in shown]

    def _notes(self) -> list[str]:
        return points_not_shown(self.predictions.size)


def vary(chain_builder: Callable[..., Chain], grid: Mapping[str, Sequence[Any]]) -> Table:
    """Predictions on the product of the grid's axes; chains of equal shape share one compilation.

    Args:
        chain_builder: called with one keyword argument per axis, returns a `Chain`.
        grid: name of the argument -> its values.

    Returns:
        A `Table` with one `Prediction` per grid point.

    Raises:
        SpecificationError: for an empty grid, or an impossible chain.

    >>> import modelcollapse as mc
    >>> population = mc.Population(mc.Isotropic(10), mc.UniformTarget())
    >>> build = lambda noise: mc.replace(population, generations=2, rows=31, noise=noise, estimator=mc.MinimumNorm())
    >>> vary(build, {"noise": [1.0, 2.0]}).error
    array([[0.5, 1. ],
           [2. , 4. ]])
    """
    require_builder(chain_builder)
    axes = axes_of(grid)
    names = [name for name, _ in axes]
    points = itertools.product(*(values for _, values in axes))
    chains = [built(chain_builder, **dict(zip(names, point, strict=True))) for point in points]
    if len({len(chain) for chain in chains}) > 1:
        raise SpecificationError("chain_builder", chain_builder, "chains with one and the same number of generations")
    predictions = np.empty(len(chains), dtype=object)
    predictions[:] = predict_all(chains)
    return Table(axes, predictions.reshape([len(values) for _, values in axes]))


def axes_of(grid: Mapping[str, Sequence[Any]]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Names and values of the axes of a grid.

    Raises:
        SpecificationError: for anything but a non-empty mapping from names to non-empty sequences.
    """
    allowed = "a non-empty mapping from argument names to non-empty sequences of values"
    if not isinstance(grid, Mapping) or not grid:
        raise SpecificationError("grid", grid, allowed)
    axes = []
    for name, values in grid.items():
        if not isinstance(name, str) or not isinstance(values, Sequence | np.ndarray) or len(values) == 0:
            raise SpecificationError("grid", {name: values}, allowed)
        axes.append((name, tuple(value.item() if isinstance(value, np.generic) else value for value in values)))
    checks.require_memory("grid", float(np.prod([len(values) for _, values in axes])), 4096)
    return tuple(axes)
