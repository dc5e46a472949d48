"""A remedy at its best parameters."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from ..evaluation.prediction import predict
from ..problem.chain import Chain
from ..problem.errors import NotCertified, NoTheorem, NothingKept
from ..problem.labels import Truth
from ..problem.memory import Forget
from ..rules.bibliography import Reference
from .budget import Budget, Expense, expense_of
from .parameter import Parameter
from .remedy import Remedy, require_needs
from .search import Certificate, Effort, least
from .situation import Situation

Refusal = (NoTheorem, NothingKept, NotCertified)


class Policy(NamedTuple):
    """A remedy at its best parameters.

    Attributes:
        title: of the remedy.
        error: what counts: the excess error after the last generation, or after infinitely many.
        by_generation: (N,) the excess error after each generation.
        names: of its parameters.
        values: of these.
        chain: the chain itself.
        expense: what it uses up over all generations.
        cost: that at the budget's prices.
        certificate: of the optimum.
        sources: of the statements behind the errors.
    """

    title: str
    error: float
    by_generation: Any
    names: tuple[str, ...]
    values: tuple[float, ...]
    chain: Chain
    expense: Expense
    cost: float
    certificate: Certificate
    sources: tuple[Reference, ...]


def optimised(remedy: Remedy, situation: Situation, effort: Effort) -> tuple[Policy | None, str]:
    """A remedy at its best parameters; or None, and why.

    Args:
        remedy: whose parameters are searched.
        situation: what is given.
        effort: how thoroughly.
    """
    choices, own = situation.budget.choices(remedy.needs), remedy.parameters(situation)
    parameters: tuple[Parameter, ...] = (*choices, *own)
    reasons: list[str] = []

    def values_at(position: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(parameter.at(place) for parameter, place in zip(parameters, position, strict=True))

    def chain_at(values: tuple[float, ...]) -> Chain:
        goods: Budget = situation.budget.provided(remedy.needs, values[: len(choices)])
        require_needs(remedy, situation, goods)
        return remedy.chain(situation, goods, values[len(choices) :])

    def error(position: tuple[float, ...]) -> float:
        try:
            found = error_of(chain_at(values_at(position)), situation.endless)
        except Refusal as refusal:
            reasons.append(reason_of(refusal))
            return math.inf
        if not math.isfinite(found):
            reasons.append("its error is infinite")
        return found

    found = least(error, len(parameters), effort, [parameter.grain for parameter in parameters])
    if not math.isfinite(found.error):
        return None, Counter(reasons).most_common(1)[0][0]
    values = values_at(found.position)
    chain = chain_at(values)
    prediction, expense = predict(chain), expense_of(chain)
    names = tuple(parameter.name for parameter in parameters)
    sources = tuple(statement.source for statement in prediction.statements)
    cost = situation.budget.prices.of(expense)
    errors = np.asarray(prediction.error)
    return Policy(
        remedy.title, found.error, errors, names, values, chain, expense, cost, found.certificate, sources
    ), ""


def error_of(chain: Chain, endless: bool) -> float:
    """The excess error after the last generation of a chain, or after infinitely many like it; infinite where NaN."""
    prediction = predict(chain)
    only_real = all(isinstance(source.labels, Truth) for source in chain.generations[-1].generated)
    at_its_end = not endless or (only_real and isinstance(chain.generations[-1].memory, Forget))
    value = float(prediction.error[-1] if at_its_end else prediction.limit)
    return math.inf if math.isnan(value) else value


def reason_of(refusal: Exception) -> str:
    """Why there is no number, in short."""
    return f"needed: {refusal.hypothesis}" if isinstance(refusal, NoTheorem) else str(refusal)
