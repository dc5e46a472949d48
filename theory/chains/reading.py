"""A chain read as mathematics, generation by generation: which one-step rule each falls under."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, assert_never, final

import numpy as np

from ..problem import checks
from ..problem.chain import Chain
from ..problem.covariates import Fresh, Perturbed
from ..problem.estimator import MinimumNorm, RandomProjection, Ridge
from ..problem.generation import Generation
from ..problem.labels import LabelledBy, labellers
from ..problem.memory import Accumulate
from ..problem.source import Source
from ..problem.spectrum import Spectrum
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.disturbed_rows import DISTURBED_LEAST_SQUARES
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.one_step import OneStep
from ..rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from ..rules.projection import PROJECTION
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.resolvent import RESOLVENT
from .hypotheses import (
    DRAWN_OR_AGAIN,
    common_weight,
    require,
    require_common_ground,
    require_forgetful,
    same_rows_throughout,
    weighed,
)
from .labelling import Labelling, labelling_of, offsets_of

RULES = (
    RESOLVENT,
    LEAST_SQUARES,
    RANDOM_SUBSPACE,
    ACCUMULATED_ROWS,
    REPEATED_ROWS,
    PROJECTION,
    PROJECTED_LEAST_SQUARES,
    DISTURBED_LEAST_SQUARES,
)
WITH_ROOT = (RESOLVENT, PROJECTION)  # rules with an effective ridge


@final
@dataclass(frozen=True)
class Step:
    """One generation as theory sees it.

    Attributes:
        rule: the one-step rule that applies.
        rows: rows that the rule speaks of: those in the fit, counted once.
        penalty: of the objective; 0 for minimum norm.
        noise_squared: label noise variance, averaged over the new rows.
        labelling: who labels the rows.
        infinite_noise: whether label noise has an infinite effect (minimum norm, rows within 1 of the rank).
        kind: what the numbers after this generation are.
        new_rows: rows that this generation generated.
        copies: how many generations, this one included, have labelled the same rows.
        width: of a random projection, infinite without one.
        disturbance: standard deviation of what is added to every covariate that the fit sees.
        infinite: whether the fit has an infinite effect on any labels (rows within 1 of a width below the rank).
    """

    rule: OneStep
    rows: Any
    penalty: Any
    noise_squared: Any
    labelling: Labelling
    infinite_noise: bool
    kind: Kind
    new_rows: Any = 1
    copies: int = 1
    width: Any = np.inf
    disturbance: Any = 0.0
    infinite: bool = False

    @property
    def share(self) -> Any:
        """theta, what the model before has in the labels; the truth has the rest."""
        return self.labelling.previous

    @property
    def restarts(self) -> bool:
        """Whether no model labels any rows, so that earlier generations are forgotten."""
        return isinstance(self.share, float) and self.share == 0.0

    @property
    def blended(self) -> bool:
        """Whether the labels say anything but what the model before, or the truth alone, says, or offsets are known."""
        return (
            bool(self.labelling.offsets)
            or self.labelling.several
            or not (isinstance(self.share, float) and self.share in (0.0, 1.0))
        )


def read(chain: Chain) -> tuple[Step, ...]:
    """The steps of a chain of fits on fresh rows, or on everything so far, that one-step rules cover.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    require_common_ground(chain, (*DRAWN_OR_AGAIN, Perturbed))
    rank, isotropic = chain.population.spectrum.rank(), is_isotropic(chain.population.spectrum)
    offsets = offsets_of(chain)
    steps: list[Step] = []
    kind = Kind.EXACT
    known_steps: dict[int, Step] = {}  # equal generations are read once
    for number, generation in enumerate(chain.generations, start=1):
        step = known_steps.get(id(generation))
        if step is None:
            labelling = labelling_of(number, generation, offsets)
            if isinstance(generation.memory, Accumulate) and number > 1:
                step = _accumulated(chain, number, labelling, rank)
            else:
                step = _forgetful(chain, number, labelling, rank, isotropic)
                if number > 1 and _reads_the_same_everywhere(generation):
                    known_steps[id(generation)] = step
        kind = Kind.EXACT if step.restarts else kind
        kind = step.kind if step.kind is Kind.EQUIVALENT else kind
        steps.append(step if step.kind is kind else replace(step, kind=kind))
    return tuple(steps)


def last_restart(steps: tuple[Step, ...]) -> int:
    """Position of the last generation that the truth labels: nothing before it matters after it."""
    return max(index for index, step in enumerate(steps) if step.restarts or index == 0)


def is_isotropic(spectrum: Spectrum) -> bool:
    """Whether the spectrum says, by its `levels`, that all positive eigenvalues are equal."""
    blocks = spectrum.levels()
    if blocks is None:
        return False
    values, _ = blocks
    if len(values) == 1:
        return True
    if not all(checks.is_concrete(value) for value in values):
        return False
    return len({float(value) for value in values if value > 0}) == 1


def noise_squared(generation: Generation) -> Any:
    """Label noise variance averaged over the rows; exact where they are exchangeable."""
    sources = weighed(generation)
    if all(checks.same(source.noise, sources[0].noise) for source in sources[1:]):
        return sources[0].noise ** 2
    total = sum(source.rows * source.noise**2 for source in sources)
    return total / sum(source.rows for source in sources)


def finite_noise(step: Step) -> np.float64 | Any:
    """The noise variance that enters the recursion; infinite effects are accounted for separately."""
    return 0.0 if step.infinite_noise else step.noise_squared


def known(*sizes: Any) -> bool:
    """Whether all sizes are numbers."""
    return not any(checks.is_symbolic(size) for size in sizes)


def _reads_the_same_everywhere(generation: Generation) -> bool:
    """Whether a generation means the same in any later place; who model 1 is, and whether S is drawn, depends on it."""
    older = any(isinstance(one, LabelledBy) for source in generation.generated for one in labellers(source.labels))
    estimator = generation.estimator
    return not older and not (isinstance(estimator, RandomProjection) and not estimator.redraw)


def _forgetful(chain: Chain, number: int, labelling: Labelling, rank: Any, isotropic: bool) -> Step:
    generation = chain.generations[number - 1]
    if number > 1 or not isinstance(generation.memory, Accumulate):
        require_forgetful(generation, number)
    sources = weighed(generation)
    rows = sum(source.rows for source in sources)
    scale = scale_of_penalty(generation, number, rows)
    rule, penalty, width = _rule(chain, number, rows, rank, isotropic and not labelling.disagrees)
    disturbed = [std for source in sources if (std := _disturbance(source)) is not None]
    if disturbed:
        rule = _rule_of_disturbed_rows(chain, number, rule, labelling)
    fresh = all(isinstance(source.covariates, Fresh | Perturbed) for source in sources)
    require(
        fresh or (rule is LEAST_SQUARES and len(generation.sources) == 1 and not labelling.disagrees),
        f"rows are fresh, or fitted by least squares with rows >= rank (generation {number} labels earlier rows)",
    )
    narrow = rule in (PROJECTION, PROJECTED_LEAST_SQUARES)
    ridgeless = isinstance(penalty, float) and penalty == 0.0 and known(rows, rank, width)
    critical = ridgeless and abs(rows - min(width, rank)) <= 1
    # What lies outside of fewer features than directions acts as label noise, too.
    blind = critical and narrow and width < rank
    kind = Kind.EQUIVALENT if labelling.disagrees else rule.noise.kind
    return Step(
        rule,
        rows,
        penalty if scale is None else penalty * scale,
        noise_squared(generation),
        labelling,
        critical and not blind,
        kind,
        width=width if narrow else np.inf,
        disturbance=disturbed[0] if disturbed else 0.0,
        infinite=blind,
    )


def scale_of_penalty(generation: Generation, number: int, rows: Any) -> Any:
    """What the penalty is multiplied by for weights of 1 and n rows of the sources that have a weight; None for 1.

    A common weight scales the objective; rows without a weight count in its 1/n only.
    """
    weight = common_weight(generation, number)
    unweighed = len(weighed(generation)) < len(generation.generated)
    if isinstance(weight, float) and weight == 1.0 and not unweighed:
        return None
    return (generation.rows / rows if unweighed else 1.0) / weight


def _accumulated(chain: Chain, number: int, labelling: Labelling, rank: Any) -> Step:
    """A generation fitted on everything so far; the first one is an ordinary fit."""
    generation = chain.generations[number - 1]
    so_far = chain.generations[:number]
    weights = [common_weight(step, g) for g, step in enumerate(so_far, start=1)]
    require(
        all(checks.same(weight, weights[0]) for weight in weights),
        f"all stored rows have one weight (they differ between generations up to {number})",
    )
    require(
        all(isinstance(step.memory, Accumulate) and isinstance(step.estimator, MinimumNorm) for step in so_far),
        f"accumulation by least squares in every generation up to {number}",
    )
    plain = isinstance(labelling.previous, float) and labelling.previous == 1.0 and not labelling.several
    require(plain, f"the model before labels the new rows (in generation {number} the truth has a share, or another)")
    require(
        not known(chain.rows[0], rank) or chain.rows[0] >= rank,
        f"the first generation has at least as many rows as the rank ({chain.rows[0]} < {rank})",
    )
    noise = noise_squared(generation)
    if same_rows_throughout(chain, number):
        rows = chain.rows[0]
        infinite = known(rows, rank) and abs(rows - rank) <= 1
        return Step(REPEATED_ROWS, rows, 0.0, noise, labelling, infinite, Kind.EXACT, rows, number)
    fresh = all(isinstance(source.covariates, Fresh) for step in so_far for source in step.generated)
    require(fresh, f"accumulated rows are all fresh or all the same (they are mixed up to generation {number})")
    rows = chain.rows[number - 1]
    infinite = known(rows, rank) and abs(rows - rank) <= 1
    return Step(ACCUMULATED_ROWS, rows, 0.0, noise, labelling, infinite, Kind.EXACT, generation.rows)


def _rule(chain: Chain, number: int, rows: Any, rank: Any, isotropic: bool) -> tuple[OneStep, Any, Any]:
    """The rule, the penalty and the width."""
    match chain.generations[number - 1].estimator:
        case Ridge(penalty):
            return RESOLVENT, penalty, np.inf
        case MinimumNorm():
            return _minimum_norm_rule(rows, rank, isotropic), 0.0, np.inf
        case RandomProjection(width, penalty, redraw):
            drawn = redraw or not any(
                isinstance(step.estimator, RandomProjection) for step in chain.generations[: number - 1]
            )
            require(drawn, f"the projection is drawn anew in every generation (generation {number} keeps one)")
            if penalty is not None:
                return PROJECTION, penalty, width
            return _ridgeless_projection_rule(rows, rank, width, isotropic), 0.0, width
        case _ as never:
            assert_never(never)


def _disturbance(source: Source) -> Any:
    """Standard deviation of what is added to the rows, None for nothing."""
    covariates = source.covariates
    if not isinstance(covariates, Perturbed) or (checks.is_concrete(covariates.std) and covariates.std == 0):
        return None
    return covariates.std


def _rule_of_disturbed_rows(chain: Chain, number: int, rule: OneStep, labelling: Labelling) -> OneStep:
    """Least squares on enough rows that are all disturbed alike; the engine derives other fits on disturbed rows."""
    sources, spectrum = weighed(chain.generations[number - 1]), chain.population.spectrum
    stds = [_disturbance(source) for source in sources]
    alike = stds[0] is not None and all(std is not None and checks.same(std, stds[0]) for std in stds)
    require(alike, f"all rows of a fit are disturbed by the same amount (those of generation {number} differ)")
    require(not labelling.disagrees, f"one model, or one blend, labels disturbed rows (not in generation {number})")
    rank, rows = spectrum.rank(), sum(source.rows for source in sources)
    enough = rule is LEAST_SQUARES and (not known(rows, rank) or rows >= rank + 2)
    require(enough, f"disturbed rows are fitted by least squares with rows >= rank + 2 (not in generation {number})")
    require(not known(rank) or rank == spectrum.dimension, "the covariance of disturbed rows has full rank")
    return DISTURBED_LEAST_SQUARES


def _minimum_norm_rule(rows: Any, rank: Any, isotropic: bool) -> OneStep:
    if not known(rows, rank) or rows >= rank:  # a symbol stands for enough rows; the hypothesis is printed
        return LEAST_SQUARES
    return RANDOM_SUBSPACE if isotropic else RESOLVENT


def _ridgeless_projection_rule(rows: Any, rank: Any, width: Any, isotropic: bool) -> OneStep:
    """Neither rows nor width below the rank: least squares in all directions, whatever the projection is."""
    if not known(rows, rank, width):
        return PROJECTION
    if min(rows, width) >= rank:
        return LEAST_SQUARES
    return PROJECTED_LEAST_SQUARES if isotropic and rows >= width else PROJECTION
