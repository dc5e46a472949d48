"""Hypotheses that several readings share, each with the error that names it."""

from __future__ import annotations

from typing import Any

from ..problem import checks
from ..problem.chain import Chain
from ..problem.covariates import Fresh, SameRows
from ..problem.errors import NoTheorem, Swell
from ..problem.generation import Generation
from ..problem.memory import Forget
from ..problem.selection import KeepAll
from ..problem.source import Source
from ..problem.spectrum import Spectrum

SIMULATE = "simulate(chain), which reads every chain but judged rows in samples of a store"


def require(holds: bool, hypothesis: str, instead: str = SIMULATE) -> None:
    """Raise `NoTheorem` naming the hypothesis that fails."""
    if not holds:
        raise NoTheorem(hypothesis, instead)


def too_large(swell: Swell) -> NoTheorem:
    """What a derivation that has grown too large means for a chain."""
    return NoTheorem(f"a derivation of moderate size ({swell})", f"fewer generations, or {SIMULATE}")


DRAWN_OR_AGAIN: tuple[type, ...] = (Fresh, SameRows)


def require_common_ground(chain: Chain, covariates: tuple[type, ...] = DRAWN_OR_AGAIN) -> None:
    """What every statement so far assumes of a chain: nothing selected, no offset at the start, the test covariance.

    Args:
        chain: what is read.
        covariates: the kinds of covariates that a statement speaks of.
    """
    require(chain.initial is None, "model 0 is the truth (this chain gives it an initial offset)")
    spectrum = chain.population.spectrum
    seen: set[int] = set()
    for number, step in enumerate(chain.generations, start=1):
        if id(step) in seen:
            continue
        seen.add(id(step))
        require(
            isinstance(step.selection, KeepAll),
            f"no rows are selected (generation {number} has a {type(step.selection).__name__}, not read yet)",
            "the chain with KeepAll() in its place",
        )
        for source in step.generated:
            require_plain_covariates(source, spectrum, number, covariates)


def require_plain_covariates(
    source: Source, spectrum: Spectrum, number: int, covariates: tuple[type, ...] = DRAWN_OR_AGAIN
) -> None:
    """Rows with the population's covariance, as they are."""
    require(
        source.covariance is None or source.covariance == spectrum,
        f"all rows have the population's covariance (a source of generation {number} has its own)",
    )
    kind = type(source.covariates).__name__
    require(
        isinstance(source.covariates, covariates),
        f"covariates are drawn from the population (those of generation {number} are {kind})",
    )


def require_fresh(step: Generation, number: int) -> None:
    """No earlier rows in a generation."""
    require(
        all(isinstance(source.covariates, Fresh) for source in step.generated),
        f"rows are fresh in every generation (generation {number} labels earlier rows)",
    )


def require_forgetful(step: Generation, number: int) -> None:
    """Nothing but the rows of its own generation enters a fit."""
    require(
        isinstance(step.memory, Forget) and not step.kept,
        f"a fit sees the rows of its own generation (generation {number} sees earlier ones)",
    )


def weighed(step: Generation) -> list[Source]:
    """The sources of a generation whose rows have a weight: a weight of 0 leaves the source out of the fit."""
    return [source for source in step.generated if not (checks.is_concrete(source.weight) and source.weight == 0)]


def common_weight(step: Generation, number: int) -> Any:
    """The weight that all rows of a generation have, but for those that have none.

    Raises:
        NoTheorem: where they differ.
    """
    weights = [source.weight for source in step.kept] + [source.weight for source in weighed(step)]
    same = all(checks.same(weight, weights[0]) for weight in weights)
    require(same, f"all rows of a generation have one weight (those of generation {number} differ)")
    return weights[0]


def same_rows_throughout(chain: Chain, count: int) -> bool:
    """Whether the first `count` generations have one source each, on the rows of the very first."""
    if any(len(step.sources) != 1 for step in chain.generations[:count]):
        return False
    return all(first_seen(chain, number) == (1, 0) for number in range(1, count + 1))


def first_seen(chain: Chain, number: int, source: int = 0) -> tuple[int, int] | None:
    """Where the rows of a source were generated, (generation, source); None where not drawn from the population.

    >>> from modelcollapse.theory.problem import *
    >>> fresh, again = Source(50, 0.3, PREVIOUS), Source(50, 0.3, PREVIOUS, covariates=SameRows(1))
    >>> steps = [Generation((one,), MinimumNorm()) for one in (fresh, again, fresh)]
    >>> chain = Chain(Population(Isotropic(20), UniformTarget()), steps)
    >>> [first_seen(chain, number) for number in (1, 2, 3)]
    [(1, 0), (1, 0), (3, 0)]
    """
    here = chain.generations[number - 1].sources[source]
    while isinstance(here, Source) and isinstance(here.covariates, SameRows):
        number, source = here.covariates.generation, here.covariates.source
        here = chain.generations[number - 1].sources[source]
    fresh = isinstance(here, Source) and isinstance(here.covariates, Fresh)
    return (number, source) if fresh else None
