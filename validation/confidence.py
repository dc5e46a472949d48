"""Confidence: how far a Monte Carlo mean may lie from its expectation, at one look or at every look."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import stdtrit

from .measured import Array

FIRST_LOOK = 256  # below it the normal approximation is not granted
TUNED_FOR = 2048  # replicates at which the confidence sequence is narrowest
LARGE_CORRECTION = 0.2  # skewness correction, relative to the quantile, above which a mean rests on few draws
CAUTION = 4.0  # how much wider such an interval is made


class Looks(ABC):
    """How often the same growing experiment is judged: once, or whenever more replicates have arrived."""

    @abstractmethod
    def spent(self, level: float) -> float:
        """The share of the false-alarm probability `level` that this look may spend."""

    @abstractmethod
    def quantile(self, level: float, replicates: int) -> float:
        """Half width, in standard errors, of the two-sided interval for the mean of one stream of replicates."""


@final
@dataclass(frozen=True)
class Once(Looks):
    """A number of replicates fixed beforehand: Student's interval.

    >>> round(Once().quantile(0.05, 100_000), 2)
    1.96
    """

    def spent(self, level: float) -> float:
        return level

    def quantile(self, level: float, replicates: int) -> float:
        return student_quantile(level, replicates)


@final
@dataclass(frozen=True)
class Growing(Looks):
    """The look number `look` at a growing experiment; the intervals of all looks hold together.

    The interval for a mean is the asymptotic confidence sequence of the normal mixture, valid at every t >= 256:
    $$ \\sqrt{\\frac{2 (t \\rho^2 + 1)}{t \\rho^2} \\log \\frac{\\sqrt{t \\rho^2 + 1}}{\\alpha}} $$
    standard errors, with rho tuned for t = 2048. Where several streams are combined, look k spends alpha / (k (k + 1)).

    Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Time-uniform central limit theory, arXiv 2103.06476.

    Args:
        look: 1, 2, 3, ...

    >>> 0.025 < sum(Growing(k).spent(0.05) for k in range(1, 1000)) < 0.05
    True
    """

    look: int

    def spent(self, level: float) -> float:
        return level / (self.look * (self.look + 1))

    def quantile(self, level: float, replicates: int) -> float:
        scale = replicates / TUNED_FOR * (-2 * math.log(level) + math.log(1 - 2 * math.log(level)))
        return math.sqrt(2 * (scale + 1) / scale * (0.5 * math.log1p(scale) - math.log(level)))


def student_quantile(level: float, replicates: int) -> float:
    """The two-sided quantile of Student's law, in standard errors."""
    return float(stdtrit(replicates - 1, 1 - level / 2))


@final
@dataclass(frozen=True)
class Estimate:
    """A Monte Carlo number with what is needed to say how far off it may be.

    Attributes:
        value: the number.
        standard_error: its standard error.
        skewness: of the estimator itself, which shrinks like 1 / sqrt(replicates).
        replicates: the smallest number of replicates that went into it.
    """

    value: float
    standard_error: float
    skewness: float
    replicates: int

    @classmethod
    def mean(cls, errors: Array) -> Estimate:
        """The mean of independent replicates, shape (R,).

        >>> Estimate.mean(np.array([1.0, 2.0, 3.0]))
        Estimate(value=2.0, standard_error=0.577..., skewness=0.0, replicates=3)
        """
        count, value = len(errors), float(np.mean(errors))
        if count < 2 or not math.isfinite(value):
            return cls(value, math.inf, 0.0, count)
        largest = float(np.max(np.abs(errors - value)))
        if largest == 0.0:
            return cls(value, 0.0, 0.0, count)
        deviation = (errors - value) / largest  # so that cubes neither overflow nor underflow
        spread = float(np.sqrt(np.mean(deviation**2)))
        skewness = float(np.mean(deviation**3)) / spread**3 / math.sqrt(count)
        return cls(value, largest * spread / math.sqrt(count - 1), skewness, count)

    def gap(self, theory: float) -> Estimate:
        """The relative gap to a non-zero `theory`."""
        scale = abs(theory)
        skewness = self.skewness
        return Estimate((self.value - theory) / scale, self.standard_error / scale, skewness, self.replicates)

    def half_width(self, quantile: float) -> float:
        """Half width of the interval, corrected to second order (Edgeworth) for the skewness of the replicates.

        $$ se \\, [ z + |\\gamma| (2 z^2 + 1) / 6 ] $$
        with gamma the skewness of the estimator. Where the correction is not small, the mean rests on a few draws and
        the interval is made four times as wide.
        """
        correction = abs(self.skewness) * (2 * quantile**2 + 1) / 6
        caution = CAUTION if correction > LARGE_CORRECTION * quantile else 1.0
        return caution * self.standard_error * (quantile + correction)


def combine(weights: Array, estimates: Sequence[Estimate]) -> Estimate:
    """The weighted sum of independent estimates."""
    value = float(sum(w * e.value for w, e in zip(weights, estimates, strict=True)))
    parts = np.array([w * e.standard_error for w, e in zip(weights, estimates, strict=True)])
    error = float(np.sqrt(np.sum(parts**2)))
    skews = np.array([e.skewness for e in estimates])
    skewness = float(np.sum(skews * (parts / error) ** 3)) if 0 < error < math.inf else 0.0
    return Estimate(value, error, skewness, min(e.replicates for e in estimates))
