"""The judgement of a whole distribution, for generations whose error has no finite variance."""

from __future__ import annotations

import math

import numpy as np

from ..theory.problem import Chain, Forget, Generation, Lottery, MinimumNorm
from .agreement import POWER_90, ROUNDING, Judgement, Standard, Verdict
from .confidence import FIRST_LOOK
from .exact_law import WalkLaw, ancestry, distinct_rows
from .measured import Array

FINITE_VARIANCE = 4  # least distance of rows from the rank at which the squared noise of minimum norm has a variance
DRAWS_PER_REPLICATE = 8  # of the law; more would hardly sharpen the test


def heavy_tails(chain: Chain, generation: int) -> str | None:
    """Which fit leaves the error after `generation` without a finite variance, or None.

    Minimum norm passes label noise on with a factor tr((X'X)^{-1}), of infinite variance for |rows - rank| <= 3.
    """
    rank = chain.population.spectrum.rank()
    steps = ancestry(chain, generation)
    for number, step in enumerate(steps, start=generation - len(steps) + 1):
        rows = distinct_rows(chain, number)
        distance = abs(rows - rank)
        noisy = _carries_noise(step)
        if isinstance(step.estimator, MinimumNorm) and noisy and distance < FINITE_VARIANCE:
            return f"generation {number} fits {rows} noisy rows by minimum norm at rank {rank}"
    return None


def _carries_noise(step: Generation) -> bool:
    """Whether labels differ from what one model says, by noise or because several models say different things."""
    if step.kept or not isinstance(step.memory, Forget):
        return True
    labels = {source.labels for source in step.generated}
    several = len(labels) > 1 or any(isinstance(one, Lottery) for one in labels)
    return several or any(source.noise > 0 for source in step.generated)


def judge_law(
    generation: int,
    theory: float,
    errors: Array,
    law: WalkLaw,
    standard: Standard,
    generator: np.random.Generator,
) -> Judgement:
    """Simulated errors (R,) against draws of their exact law, and `theory` against the mean of that law.

    Two-sample Kolmogorov-Smirnov test at the threshold sqrt(log(2 / alpha) (n + m) / (2 n m)).

    Source: Wei and Dudley, arXiv 1107.5356: the constant 2 is proved for n = m >= 458, computed for 4 <= n < m <= 200
    and n = 2m, and conjectured in between; the limit of large samples is below it.
    """
    drawn = np.sort(law.draw(DRAWS_PER_REPLICATE * len(errors), generator))
    effective = len(errors) * len(drawn) / (len(errors) + len(drawn))
    threshold = math.sqrt(math.log(2 / standard.spent) / (2 * effective))
    distance = kolmogorov_distance(errors, drawn)
    detectable = detectable_scale(drawn, threshold + POWER_90 * 0.5 / math.sqrt(effective))
    middle = float(np.median(errors))
    rule = (
        f"No finite variance: the simulated errors are compared with their exact law (Kolmogorov-Smirnov distance "
        f"{distance:.2g}, threshold {threshold:.2g}) and theory with the mean of that law, {law.mean():.6g}; the "
        "estimate is a median, the detectable error one of scale."
    )
    return Judgement(
        generation,
        _verdict(theory, distance, threshold, detectable, len(errors), law, standard),
        theory,
        middle,
        math.nan,
        middle / float(np.median(drawn)) - 1.0,
        standard.level,
        detectable,
        rule,
        len(errors),
    )


def _verdict(
    theory: float, distance: float, threshold: float, detectable: float, count: int, law: WalkLaw, standard: Standard
) -> Verdict:
    if distance > threshold or not math.isclose(theory, law.mean(), rel_tol=ROUNDING):
        return Verdict.DISAGREES
    resolved = count >= FIRST_LOOK and detectable <= standard.tolerance
    return Verdict.AGREES if resolved else Verdict.UNRESOLVED


def kolmogorov_distance(first: Array, second: Array) -> float:
    """The largest distance between two empirical distribution functions.

    >>> kolmogorov_distance(np.array([1.0, 2.0]), np.array([1.5, 3.0]))
    0.5
    """
    first, second = np.sort(first), np.sort(second)
    both = np.concatenate([first, second])
    below = np.searchsorted(first, both, side="right") / len(first)
    return float(np.max(np.abs(below - np.searchsorted(second, both, side="right") / len(second))))


def detectable_scale(drawn: Array, distance: float) -> float:
    """The relative change of scale that moves the law, given by its positive draws, by a Kolmogorov `distance`."""
    share = np.linspace(0.0, 1.0, 1025)[1:-1]
    logarithm = np.log(np.quantile(drawn, share))

    def moved(shift: float) -> float:
        return float(np.max(np.abs(share - np.interp(logarithm - shift, logarithm, share, left=0.0, right=1.0))))

    low, high = 0.0, 50.0
    if moved(high) < distance:
        return math.inf
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if moved(middle) < distance else (low, middle)
    return math.expm1(high)
