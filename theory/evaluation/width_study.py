"""Whether a larger model amplifies or mitigates collapse: error and collapse term against the width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..problem.chain import Chain
from ..problem.errors import NoTheorem, SpecificationError
from ..problem.estimator import RandomProjection
from ..results.labelled import LABEL_UNITS, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..rules.bibliography import cite
from ..statements.strong_collapse import COLLAPSE_OF_A_PROJECTED_MIXTURE, TEST_ERROR_OF_A_PROJECTED_MIXTURE
from .collapse_over import MixtureErrors, collapse_over

DECADES = 18.0  # of penalties that are searched, downwards from where the fit is all penalty
GRID = 73  # penalties in the first search, four for each decade
FINER, ROUNDS = 9, 10  # each round divides the step by 4, in the end to 1e-6 in log penalty


@final
@dataclass(frozen=True, eq=False, repr=False)
class WidthStudy(Tabled):
    """Error and collapse at every width.

    Attributes:
        chain: what was studied, at its own width.
        widths: m, shape (W,).
        penalty: the one of the chain, or the best one at each width, shape (W,).
        error, bias, variance, collapse: of the mixture, shape (W,); infinite at m = n without a penalty.
        real_error: of real labels on the same rows, at the best penalty of its own where penalties are tuned, (W,).
        tuned: whether penalties were tuned.
    """

    chain: Chain
    widths: Any
    penalty: Any
    error: Any
    bias: Any
    variance: Any
    collapse: Any
    real_error: Any
    tuned: bool

    @property
    def gap(self) -> Any:
        """What synthetic labels cost at each width, error - real_error; the collapse term itself at a fixed penalty."""
        return self.error - self.real_error if self.tuned else self.collapse

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the statements."""
        return cite([TEST_ERROR_OF_A_PROJECTED_MIXTURE.source, COLLAPSE_OF_A_PROJECTED_MIXTURE.source])

    def to_dict(self) -> dict[str, Any]:
        """All numbers as plain lists, infinities as strings."""
        return {"result": "WidthStudy", "tuned": self.tuned, **plain({name: getattr(self, name) for name in _COLUMNS})}

    def labelled(self) -> Labelled:
        """One row for each width."""
        columns = {name: Column(getattr(self, name), unit) for name, unit in _COLUMNS.items() if name != "widths"}
        statements = (TEST_ERROR_OF_A_PROJECTED_MIXTURE, COLLAPSE_OF_A_PROJECTED_MIXTURE)
        about = {
            "assumptions": list(dict.fromkeys(h for one in statements for h in one.hypotheses)),
            "sources": list(dict.fromkeys(f"{one.name}: {one.source}" for one in statements)),
            "tuned": self.tuned,
        }
        return Labelled({"width": list(self.widths)}, columns, about)

    @property
    def _head(self) -> tuple[str, ...]:
        return tuple(_COLUMNS)

    def _rows(self) -> list[tuple[str, ...]]:
        columns = [getattr(self, name) for name in _COLUMNS]
        return [tuple(f"{value:.6g}" for value in row) for row in zip(*columns, strict=True)]


_COLUMNS = {
    "widths": "features",
    "penalty": "covariance units",
    "error": LABEL_UNITS,
    "bias": LABEL_UNITS,
    "variance": LABEL_UNITS,
    "collapse": LABEL_UNITS,
    "real_error": LABEL_UNITS,
}


def collapse_versus_width(chain: Chain, widths: Sequence[int], *, tuned: bool = False) -> WidthStudy:
    """Error and collapse term of a mixture against the width of its random projection.

    $$ \\zeta(m) = E(m) - E_\\text{real labels}(m) $$ at a fixed penalty, or each at its own best penalty.

    Args:
        chain: as for `collapse_over`, fitted by a `RandomProjection` of any width.
        widths: m >= 1, at least one.
        tuned: whether the penalty is the one of least error at each width, instead of the chain's.

    Returns:
        A `WidthStudy`.

    Raises:
        NoTheorem: for other chains.
        SpecificationError: for impossible widths.

    Source: theory/statements/strong_collapse.py.

    >>> from modelcollapse.theory.problem import *
    >>> sources = Source(100, 0.5), Source(100, 0.5, Shifted(GaussianTarget([0.0025] * 400)))
    >>> chain = Chain(Population(Isotropic(400), UniformTarget()), (Generation(sources, RandomProjection(20)),))
    >>> collapse_versus_width(chain, [20, 100, 180]).collapse.round(4)  # c^2 [f u + f^2 (1 - u) m/d], u = m/(n - m)
    array([0.0667, 0.5   , 3.6   ])
    """
    if not all(isinstance(step.estimator, RandomProjection) for step in getattr(chain, "generations", ())):
        raise NoTheorem("the estimator is a random projection", "a chain with RandomProjection(width, penalty)")
    if len(widths) == 0:
        raise SpecificationError("widths", widths, "at least one width")
    array = np.asarray(widths, dtype=np.float64)
    if not tuned:
        found = collapse_over(chain, width=array)
        estimator = chain.generations[0].estimator
        assert isinstance(estimator, RandomProjection)
        penalty = np.full(len(array), 0.0 if estimator.penalty is None else float(estimator.penalty))
        return WidthStudy(chain, array, penalty, *found[:4], found.bias + found.variance, tuned)
    penalty = _best_penalty(chain, array, lambda found: found.error)
    found = collapse_over(chain, width=array, penalty=penalty)
    clean = _best_penalty(chain, array, lambda found: found.bias + found.variance)
    real = collapse_over(chain, width=array, penalty=clean)
    return WidthStudy(chain, array, penalty, *found[:4], real.bias + real.variance, tuned)


def _best_penalty(chain: Chain, widths: Any, objective: Callable[[MixtureErrors], Any]) -> Any:
    """The penalty of least objective at each width: the best of a grid, then of ever finer ones around it."""
    top = float(np.sum(chain.population.spectrum.eigenvalues()))  # more than this leaves nothing to fit
    logs = np.log(10.0 * top) - np.log(10.0) * np.linspace(0.0, DECADES, GRID)
    low, high = np.full(len(widths), logs[-1]), np.full(len(widths), logs[0])
    for points in (GRID, *(FINER,) * ROUNDS):
        grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, points)
        values = objective(collapse_over(chain, width=widths[:, None], penalty=np.exp(grid)))
        best = np.take_along_axis(grid, np.argmin(values, axis=1)[:, None], axis=1)[:, 0]
        step = (high - low) / (points - 1)
        low, high = best - step, best + step
    return np.exp(best)
