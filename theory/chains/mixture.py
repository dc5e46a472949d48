"""A chain of least-squares fits read as mathematics: who labels how many rows of each generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..problem import checks
from ..problem.chain import Chain
from ..problem.estimator import MinimumNorm
from ..problem.generation import Generation
from ..problem.labels import LabelledBy, Previous, Shifted, Truth
from ..problem.population import Population
from .hypotheses import common_weight, require, require_common_ground, require_forgetful, require_fresh, weighed
from .labelling import numbers, objects, offsets_of, options, parts_of
from .reading import noise_squared


@final
@dataclass(frozen=True, eq=False)
class MixtureStep:
    """One generation whose rows fall into groups, each with one labeller.

    Labellers are written in terms of the models 1..N, then of the chain's `offsets`; the truth is zero, because
    everything is measured from it.

    Attributes:
        rows: n.
        noise_squared: label noise variance, averaged over the rows.
        labellers: shape (groups, N + number of offsets), the share of each model in a group's labels.
        counts: expected number of rows of each group, shape (groups,).
        pairs: expected number of ordered pairs of different rows from two groups, shape (groups, groups).
    """

    rows: Any
    noise_squared: Any
    labellers: Any
    counts: Any
    pairs: Any


@final
@dataclass(frozen=True, eq=False)
class Mixture:
    """A chain whose rows have several labellers.

    Attributes:
        steps: one for each generation.
        offsets: the distinct shifted truths that label rows.
    """

    steps: tuple[MixtureStep, ...]
    offsets: tuple[Shifted, ...]


def read_mixture(chain: Chain) -> Mixture:
    """Read a chain of least-squares fits on fresh rows with any labellers.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    require_common_ground(chain)
    rank = chain.population.spectrum.rank()
    offsets = offsets_of(chain)
    mixed = next(
        (g for g, step in enumerate(chain.generations, start=1) if len({id(one.labels) for one in step.generated}) > 1),
        1,
    )
    require(
        all(isinstance(step.estimator, MinimumNorm) for step in chain.generations),
        f"least squares throughout, where several models label the rows of a generation (generation {mixed})",
    )
    steps = []
    for number, step in enumerate(chain.generations, start=1):
        require_forgetful(step, number)
        require_fresh(step, number)
        common_weight(step, number)
        rows = sum(source.rows for source in weighed(step))
        require(
            checks.is_symbolic(rows) or rows >= rank + 2,
            f"rows >= rank + 2 where several models label them (generation {number}: {rows}, rank {rank})",
        )
        steps.append(_step(step, number, len(chain), offsets))
    return Mixture(tuple(steps), offsets)


def product_of_offsets(population: Population, first: Shifted, second: Shifted) -> Any:
    """E o_1'Sigma o_2 of two offsets from the truth; different ones are independent.

    >>> from modelcollapse.theory.problem import Isotropic, UniformTarget
    >>> shift, population = Shifted(UniformTarget(3.0)), Population(Isotropic(4, scale=2.0), UniformTarget())
    >>> round(float(product_of_offsets(population, shift, shift)), 12)
    6.0
    """
    spectrum = population.spectrum
    if first == second:
        moments = first.offset.second_moments(spectrum)
    else:
        k = np.arange(1, checks.concrete_size("dimension", spectrum.dimension) + 1)
        moments = first.offset.mean(k, spectrum) * second.offset.mean(k, spectrum)
    return (spectrum.eigenvalues() * moments).sum()


def _step(step: Generation, number: int, generations: int, offsets: tuple[Shifted, ...]) -> MixtureStep:
    sources = weighed(step)
    groups = [
        (source.rows, probability, _shares(labels, number, generations, offsets))
        for source in sources
        for labels, probability in options(source.labels)
    ]
    owners = [index for index, source in enumerate(sources) for _ in options(source.labels)]
    counts = _array([rows * probability for rows, probability, _ in groups])
    return MixtureStep(
        rows=sum(source.rows for source in sources),
        noise_squared=noise_squared(step),
        labellers=np.stack([shares for _, _, shares in groups]),
        counts=counts,
        pairs=_pairs(groups, owners),
    )


def _pairs(groups: list[Any], owners: list[int]) -> Any:
    """E of the ordered pairs of different rows: independent between sources, multinomial within one."""
    table = []
    for (rows, chance, _), owner in zip(groups, owners, strict=True):
        table.append(
            [
                (rows * (rows - 1) if owner == other_owner else rows * other_rows) * chance * other_chance
                for (other_rows, other_chance, _), other_owner in zip(groups, owners, strict=True)
            ]
        )
    return _array(table)


def _shares(labels: Any, number: int, generations: int, offsets: tuple[Shifted, ...]) -> Any:
    """What each model and each offset has in a labeller."""
    shares: list[Any] = [0.0] * (generations + len(offsets))
    for part, share in parts_of(labels):
        position = _position(part, number, generations, offsets)
        if position is not None:
            shares[position] = shares[position] + share
    return _array(shares)


def _position(part: Any, number: int, generations: int, offsets: tuple[Shifted, ...]) -> int | None:
    match part:
        case Truth():
            return None
        case Previous():
            return None if number == 1 else number - 2
        case LabelledBy(generation):
            return int(generation) - 1
        case Shifted():
            return generations + offsets.index(part)
        case _:  # recorded labels have their own rows, and those are not fresh
            raise AssertionError(part)


def _array(values: Any) -> Any:
    """float64 where all are numbers, else an array of objects (symbols, tracers)."""
    rows = [objects(row) if isinstance(row, list) else row for row in values]
    array = np.stack(rows) if isinstance(values[0], list) else objects(rows)
    return numbers(array)
