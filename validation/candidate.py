"""What is judged: a formula's numbers for a chain, and what the formula says at other sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, final

import numpy as np

from ..theory.evaluation.prediction import predict
from ..theory.problem import Chain, NoTheorem, SpecificationError
from ..theory.rules.kind import Kind
from .measured import Array


class Candidate(Protocol):
    """A formula's numbers for one chain; a `Prediction` is one."""

    @property
    def error(self) -> Array: ...

    @property
    def kind(self) -> tuple[Kind, ...]: ...


Formula: TypeAlias = Callable[[Chain], Candidate]


def candidate_of(chain: Chain, prediction: Candidate | Formula | None) -> tuple[Candidate, Formula]:
    """The numbers to judge (the book's for None), and the formula that gives them at other sizes.

    Numbers alone are carried to other sizes by the book's own dependence on the size (by none where no statement of the
    book applies): it is their relative error at the size of the chain that is judged.

    Raises:
        NoTheorem: where `prediction` is None and no statement of the book applies.
        SpecificationError: for a prediction that does not fit the chain.
    """
    if prediction is None:
        return predict(chain), predict
    if callable(prediction):
        return _checked(prediction(chain), chain), prediction
    numbers = _checked(prediction, chain)
    return numbers, lambda larger: _Carried(numbers, _ratio(larger, chain))


def finite_size_of(chain: Chain) -> Array:
    """The book's indicative relative gap of each generation, zero where no statement of the book applies."""
    try:
        return np.asarray(predict(chain).finite_size)
    except NoTheorem:
        return np.zeros(len(chain))


@final
@dataclass(frozen=True, eq=False)
class _Carried:
    """Numbers of a chain, multiplied by how much the book's numbers change with the size."""

    numbers: Candidate
    ratio: Array

    @property
    def error(self) -> Array:
        return np.asarray(self.numbers.error) * self.ratio

    @property
    def kind(self) -> tuple[Kind, ...]:
        return self.numbers.kind


def _ratio(larger: Chain, chain: Chain) -> Array:
    try:
        above, below = predict(larger).error, predict(chain).error
    except NoTheorem:
        return np.ones(len(chain))
    regular = np.isfinite(above) & np.isfinite(below) & (below > 0)
    return np.asarray(np.divide(above, below, out=np.ones(len(chain)), where=regular))


def _checked(candidate: Candidate, chain: Chain) -> Candidate:
    allowed = f"{len(chain)} errors (not NaN) and {len(chain)} kinds, or a function of the chain that gives them"
    try:
        errors, kinds = np.asarray(candidate.error, dtype=np.float64), tuple(candidate.kind)
    except (AttributeError, TypeError, ValueError):
        raise SpecificationError("prediction", candidate, allowed) from None
    known = all(isinstance(kind, Kind) for kind in kinds)
    if errors.shape != (len(chain),) or np.isnan(errors).any() or len(kinds) != len(chain) or not known:
        raise SpecificationError("prediction", candidate, allowed)
    return candidate
