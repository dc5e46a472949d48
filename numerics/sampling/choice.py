"""Which sampler is right for a chain, and which of them is fast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

import numpy as np

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Covariates, Fresh, Perturbed, Refitted, SameRows
from ...theory.problem.errors import SpecificationError
from ...theory.problem.labels import Lottery
from ...theory.problem.memory import Forget
from ...theory.problem.selection import NormWindow
from ..designs import GAUSSIAN, Design, Gaussian
from ..estimators.penalty import penalty
from ..measurement.label_noise import DRAWN, Integrated, LabelNoise
from ..reading.directions import directions
from ..reading.numbers import number, numbers
from ..reading.single_rows import single_rows_matter
from ..selections.judging import is_judged, rule_of
from . import (
    BANDED,
    LAZY_GAUSSIAN,
    LEAST_SQUARES_WALK,
    NAIVE,
    ONE_DESIGN,
    SUFFICIENT_STATISTICS,
    VERIFIED_STATISTICS,
    WISHART,
    Banded,
    LazyGaussian,
    LeastSquaresWalk,
    Naive,
    OneDesign,
    Sampler,
    SufficientStatistics,
    VerifiedStatistics,
    Wishart,
)
from .backends import NUMPY

WORTHWHILE = 2.0  # rows for each pseudo-row
LARGE = 300  # dimension
FEW_JUDGED = 50  # directions, up to which verified statistics cost less than a band
LAZY_COST = 10  # products of a lazy step, relative to those of a factorisation
STEPS_PER_ROOT = 6.0  # of the condition number
ENOUGH_ROWS, FEW_STEPS = 1.5, 40.0  # rows for each direction, from which on a lazy fit takes few steps
NAMED = (
    "NAIVE",
    "SUFFICIENT_STATISTICS",
    "VERIFIED_STATISTICS",
    "LEAST_SQUARES_WALK",
    "ONE_DESIGN",
    "BANDED",
    "LAZY_GAUSSIAN",
    "WISHART",
)


def choose(chain: Chain, design: Design = GAUSSIAN, noise: LabelNoise = DRAWN) -> tuple[Sampler, str]:
    """The fastest sampler that is exact for a chain, and why it is that one.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(PowerLaw(40, 1.0), UniformTarget())
    >>> for estimator in (MinimumNorm(), Ridge(0.1)):
    ...     print(type(choose(replace(population, 2, rows=200, noise=0.1, estimator=estimator))[0]).__name__)
    LeastSquaresWalk
    SufficientStatistics
    """
    for sampler in (LEAST_SQUARES_WALK,) if _few_judged(chain) else (LEAST_SQUARES_WALK, BANDED):
        if not obstacle_to(sampler, chain, design, noise):
            return sampler, f"{sampler.title}, exact in law at a cost that no dimension changes"
    if not _is_large(chain) and not obstacle_to(ONE_DESIGN, chain, design, noise):
        return ONE_DESIGN, f"{ONE_DESIGN.title}, exact in law"
    if is_judged(chain):
        obstacle = needs_judged_rows(chain, design)
        if obstacle:
            return NAIVE, f"{NAIVE.title}, as {obstacle}"
        return VERIFIED_STATISTICS, f"{VERIFIED_STATISTICS.title}, exact in law"
    if _is_large(chain):
        for one in (LAZY_GAUSSIAN, WISHART):
            worthwhile = one is WISHART or _steps(chain) ** 2 * LAZY_COST < float(chain.population.dimension) ** 2
            if worthwhile and not obstacle_to(one, chain, design, noise):
                return one, f"{one.title}, exact in law and best for {chain.population.dimension} directions"
    return _by_rows(chain, design)


def choose_for_all(chains: Iterable[Chain], noise: LabelNoise) -> Sampler:
    """The sampler that several chains share, so that they can have the same random numbers."""
    chains = list(chains)
    choices = list(dict.fromkeys(choose(chain, GAUSSIAN, noise)[0] for chain in chains))
    # In the band rows of a verifier, and of another number of sources, have streams of their own: nothing is shared.
    alike = len({(is_judged(chain), tuple(len(step.generated) for step in chain.generations)) for chain in chains}) == 1
    for sampler in [*choices, SUFFICIENT_STATISTICS]:
        if isinstance(sampler, Banded) and not alike and not any(map(_is_large, chains)):
            continue
        if not any(obstacle_to(sampler, chain, GAUSSIAN, noise) for chain in chains):
            return sampler
    return NAIVE


def require(sampler: Sampler | None, chain: Chain, design: Design, noise: LabelNoise = DRAWN) -> tuple[Sampler, str]:
    """The sampler that was asked for, or the chosen one; and why.

    Raises:
        SpecificationError: for anything else, and for a sampler that is not exact for the chain.
    """
    if sampler is None:
        return choose(chain, design, noise)
    if not isinstance(sampler, Sampler):
        raise SpecificationError("sampler", sampler, f"None or one of {', '.join(NAMED)}")
    obstacle = obstacle_to(sampler, chain, design, noise)
    if obstacle:
        raise SpecificationError("sampler", sampler, f"NAIVE or None, as {obstacle}")
    return sampler, f"{_name(sampler)}, as asked for"


def obstacle_to(sampler: Sampler, chain: Chain, design: Design, noise: LabelNoise) -> str:
    """Why a sampler is not exact for a chain; empty where it is."""
    match sampler:
        case Naive():
            return ""
        case SufficientStatistics():
            return needs_real_rows(chain, design)
        case VerifiedStatistics():
            return needs_judged_rows(chain, design) if is_judged(chain) else "no verifier judges any rows"
        case LeastSquaresWalk() | Banded() | OneDesign() | LazyGaussian() | Wishart():
            if not isinstance(design, Gaussian):
                return "rows are not Gaussian"
            if isinstance(noise, Integrated):
                return "label noise is integrated out, which takes rows"
            return sampler.obstacle(chain)
        case _:
            assert_never(sampler)


def _name(sampler: Sampler) -> str:
    """Its title, and all that decides about its random numbers."""
    match sampler:
        case Banded() | LeastSquaresWalk() if sampler.backend != NUMPY:
            return f"{sampler.title} ({sampler.backend})"
        case LazyGaussian() if sampler != LAZY_GAUSSIAN:
            return f"{sampler.title} (tolerance {sampler.tolerance})"
        case _:
            return sampler.title


def _by_rows(chain: Chain, design: Design) -> tuple[Sampler, str]:
    """One of the samplers that draw rows, or what stands for them."""
    obstacle = needs_real_rows(chain, design)
    if obstacle:
        return NAIVE, f"{NAIVE.title}, as {obstacle}"
    rows, sources = 0, 0
    for step in chain.generations:
        rows += checks.concrete_size("rows", step.rows)
        sources += len(step.generated)
    count = directions(chain).count
    if rows > WORTHWHILE * sources * count:
        return SUFFICIENT_STATISTICS, f"{SUFFICIENT_STATISTICS.title}, exact in law and independent of their number"
    return NAIVE, f"{NAIVE.title}, as sources have few rows for their {count} directions"


def _is_large(chain: Chain) -> bool:
    """Whether loops over replicates cost less than what is done in them."""
    return checks.concrete_size("dimension", chain.population.dimension) > LARGE


def _few_judged(chain: Chain) -> bool:
    """Whether rows are judged in so few directions that all of them together cost less than a band."""
    return is_judged(chain) and checks.concrete_size("dimension", chain.population.dimension) <= FEW_JUDGED


def _steps(chain: Chain) -> float:
    """About how many steps a lazy fit takes: few on enough rows, else by the condition number with the penalty."""
    rank = chain.population.spectrum.rank()
    if min(checks.concrete_size("rows", rows) for rows in chain.rows) >= ENOUGH_ROWS * rank:
        return FEW_STEPS
    blocks = chain.population.spectrum.checked_levels()
    values = numbers("eigenvalues", chain.population.spectrum.eigenvalues() if blocks is None else np.array(blocks[0]))
    least = min(number("penalty", penalty(step.estimator)) for step in chain.generations)
    with np.errstate(divide="ignore"):
        condition = 1 + 4 * values.max() / np.float64(least)
    return float(min(STEPS_PER_ROOT * np.sqrt(condition), rank))


def needs_judged_rows(chain: Chain, design: Design) -> str:
    """Why each row that a verifier judges must be drawn; empty where only what it sees must be."""
    if not isinstance(design, Gaussian):
        return "rows are not Gaussian"
    if directions(chain).count < 2:
        return "there is one direction only"
    for step in chain.generations:
        if isinstance(rule_of(step.selection), NormWindow):
            return "a verifier sees the norm of the row"
        if step.kept or not isinstance(step.memory, Forget):
            return "rows are remembered"
        for source in step.generated:
            plain = isinstance(source.covariates, Fresh) and source.covariance is None
            if not plain or isinstance(source.labels, Lottery):
                return "rows have a law of their own"
    return ""


def needs_real_rows(chain: Chain, design: Design) -> str:
    """Why each row must be drawn; empty where it need not."""
    if not isinstance(design, Gaussian):
        return "rows are not Gaussian"
    return single_rows_matter(chain, _changes_rows, "covariates are changed row by row")


def _changes_rows(covariates: Covariates) -> bool:
    match covariates:
        case Fresh() | SameRows():
            return False
        case Refitted():
            return covariates.rank is not None or number("shrink", covariates.shrink) > 0
        case Perturbed():
            return True
        case _:
            assert_never(covariates)
