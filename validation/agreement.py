"""The judgement of one number: does a formula agree with an experiment, disagree, or is it unresolved?"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, final

import numpy as np

from ..theory.results.plain import plain
from .confidence import FIRST_LOOK, Estimate, Looks
from .measured import Array

POWER_90 = 1.2815515655446004  # normal quantile of 90 %
ROUNDING = 1e-9  # relative; two correct float64 evaluations may differ by this much


class Verdict(Enum):
    """What an experiment says about a formula."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    UNRESOLVED = "unresolved"


@final
@dataclass(frozen=True)
class Judgement:
    """The verdict on the error of one generation, and what stands behind it.

    Attributes:
        generation: 1..N.
        verdict: AGREES, DISAGREES or UNRESOLVED.
        theory: the formula's number.
        estimate: the experiment's number (extrapolated to infinite size for a deterministic equivalent).
        standard_error: of `estimate`.
        gap: (estimate - theory) / |theory|.
        level: probability that a true formula is called DISAGREES in any generation of the comparison.
        detectable_error: smallest relative error of the formula that this check would have called DISAGREES with a
            probability of at least 90 %; infinite where it can detect nothing.
        rule: how the verdict was reached, a sentence.
        replicates: behind the estimate (the fewest, where several sizes enter).
    """

    generation: int
    verdict: Verdict
    theory: float
    estimate: float
    standard_error: float
    gap: float
    level: float
    detectable_error: float
    rule: str
    replicates: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: the verdict by name, infinities and NaN as strings."""
        return {name: plain(value) for name, value in asdict(self).items()}


@final
@dataclass(frozen=True)
class Standard:
    """The standard of proof of a whole comparison.

    Args:
        level: family-wise false-alarm probability, in (0, 1).
        tolerance: relative error of a formula that AGREES must exclude, > 0.
        generations: how many numbers share the level (Bonferroni).
        looks: how often the experiment is judged.
    """

    level: float
    tolerance: float
    generations: int
    looks: Looks

    @property
    def share(self) -> float:
        """The level of one generation, at all looks together."""
        return self.level / self.generations

    @property
    def spent(self) -> float:
        """The level of one generation at this look."""
        return self.looks.spent(self.share)


@final
@dataclass(frozen=True)
class Band:
    """How far off a formula may and must not be, relative to its value.

    Args:
        allowance: a gap that a correct formula may have; only a larger one is a disagreement.
        tolerance: the gap that AGREES excludes. Where it is larger than `allowance`, AGREES also asks that an error of
            this size would have been detected.
        bias: how far the measured gap may be off systematically.
    """

    allowance: float
    tolerance: float
    bias: float = 0.0

    def verdict(self, gap: float, half_width: float, detectable: float) -> Verdict:
        """Disagreement first, then equivalence.

        >>> Band(0.0, 0.02).verdict(gap=0.001, half_width=0.005, detectable=0.007)
        <Verdict.AGREES: 'agrees'>
        """
        if abs(gap) - half_width > self.allowance:
            return Verdict.DISAGREES
        close = abs(gap) + half_width + self.bias <= self.tolerance
        sharp = detectable <= self.tolerance or self.allowance >= self.tolerance
        return Verdict.AGREES if close and sharp else Verdict.UNRESOLVED


def judge_gap(
    generation: int, theory: float, gap: Estimate, quantile: float, band: Band, standard: Standard, rule: str
) -> Judgement:
    """The three-way judgement of a relative gap, with interval `gap` +- its half width at `quantile`.

    DISAGREES when the interval lies outside the allowance, AGREES when it lies inside the tolerance, else UNRESOLVED.
    A formula that is wrong by more than the tolerance is called AGREES with at most the level's probability.
    """
    half_width = gap.half_width(quantile)
    detectable = band.allowance + half_width + POWER_90 * gap.standard_error
    if gap.replicates < FIRST_LOOK:
        verdict, detectable = Verdict.UNRESOLVED, math.inf
        rule = f"Only {gap.replicates} replicates: no mean is judged below {FIRST_LOOK}; give more time or replicates."
    elif not math.isfinite(gap.value):
        verdict, detectable, rule = Verdict.UNRESOLVED, math.inf, "The simulated errors are not finite numbers."
    else:
        verdict = band.verdict(gap.value, half_width, detectable)
    estimate, error = theory + abs(theory) * gap.value, abs(theory) * gap.standard_error
    return Judgement(
        generation, verdict, theory, estimate, error, gap.value, standard.level, detectable, rule, gap.replicates
    )


def judge_mean(generation: int, theory: float, errors: Array, band: Band, standard: Standard, rule: str) -> Judgement:
    """The judgement of the mean of replicates, shape (R,), whose variance is known to be finite."""
    mean = Estimate.mean(errors)
    if math.isinf(theory):
        rule = "Theory is infinite, but every generation is in the range where mean and variance are finite."
        return Judgement(
            generation,
            Verdict.DISAGREES,
            theory,
            mean.value,
            mean.standard_error,
            -1.0,
            standard.level,
            0.0,
            rule,
            mean.replicates,
        )
    quantile = standard.looks.quantile(standard.share, max(mean.replicates, 2))
    return judge_gap(generation, theory, mean.gap(theory), quantile, band, standard, rule)


def judge_exact(generation: int, theory: float, errors: Array, standard: Standard) -> Judgement:
    """A statement that is exact at finite size: an unbiased test, any significant gap is a disagreement."""
    rule = (
        "Exact at finite size: DISAGREES where the interval of the mean excludes theory, AGREES where it lies within "
        f"{standard.tolerance:.2g} of theory and an error of that size would have been detected."
    )
    return judge_mean(generation, theory, errors, Band(ROUNDING, standard.tolerance), standard, rule)


def judge_single_size(
    generation: int, theory: float, errors: Array, finite_size: float, standard: Standard
) -> Judgement:
    """A deterministic equivalent at one size, where a gap of the order of `finite_size` (relative) is no error."""
    allowance = max(standard.tolerance, 4 * finite_size)
    rule = (
        "Deterministic equivalent at a single size: AGREES where the interval of the mean lies within "
        f"{standard.tolerance:.2g} of theory, DISAGREES where it lies beyond {allowance:.2g} (the tolerance, or four "
        "times the indicative finite-size gap); a size ladder is sharper."
    )
    return judge_mean(generation, theory, errors, Band(allowance, standard.tolerance), standard, rule)


def judge_zero(generation: int, errors: Array, null_risk: float, standard: Standard) -> Judgement:
    """A theory of exactly zero: every replicate must be zero up to rounding.

    Rounding is an error below eps = 2.2e-16 times `null_risk`, the error E|w_0|^2 of the zero model; that is,
    coefficients right to 1.5e-8 of their size.
    """
    bound = float(np.finfo(np.float64).eps) * null_risk
    largest, mean = float(np.max(errors)), Estimate.mean(errors)
    verdict = Verdict.AGREES if largest <= bound else Verdict.DISAGREES
    rule = f"Theory is zero: AGREES where every replicate is below rounding, {bound:.2g}; the largest is {largest:.2g}."
    gap, detectable = (0.0, bound / null_risk if null_risk else 0.0) if largest <= bound else (math.inf, 0.0)
    return Judgement(
        generation, verdict, 0.0, mean.value, mean.standard_error, gap, standard.level, detectable, rule, len(errors)
    )


def unresolved(generation: int, theory: float, errors: Array, standard: Standard, reason: str) -> Judgement:
    """No verdict, for a reason that no number of replicates can cure."""
    return Judgement(
        generation,
        Verdict.UNRESOLVED,
        theory,
        float(np.median(errors)),
        math.nan,
        math.nan,
        standard.level,
        math.inf,
        reason,
        len(errors),
    )
