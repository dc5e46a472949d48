"""Claims on data policies: what accumulates, what is retained, and which monitor warns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, final

import numpy as np
from scipy.optimize import bisect

from ...theory.evaluation.monitor_signal import Signal
from ...theory.evaluation.monitors import expected_monitors
from ...theory.problem import (
    Chain,
    Isotropic,
    MinimumNorm,
    Population,
    PowerLaw,
    UniformTarget,
    accumulate,
    regenerate_covariates,
    rephrase,
    replace,
    retain_real,
)
from ...theory.problem.monitors import Monitor
from ..figures.limits import plot_limits
from ..figures.monitors import plot_monitors
from ..figures.policies import plot_schemes
from ..measured import Array
from .claim import Claim, Evidence
from .verification import PREDICTED, ErrorsOf

SignalsOf: TypeAlias = Callable[[Chain], Mapping[Monitor, Signal]]
ALARM = 3.0  # null standard deviations
RULES_OF_THUMB = (0.2, 0.25, 0.3)
NEAR = 0.01  # of gamma, to either side of a threshold

_FITS: dict[str, Any] = {"noise": 1.0, "estimator": MinimumNorm()}


def accumulating_is_bounded(formula: ErrorsOf) -> Evidence:
    """Replaced rows: E_g = g E_1, no limit. Accumulated rows: below pi^2/6 E_1 for ever, fresh or not.

    Args:
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are limits over E_1, whatever the covariance.
    """
    holds, drawn, numbers = True, dict[str, Any](), dict[str, float]()
    for spectrum in (Isotropic(20), PowerLaw(20, 1.5)):
        for rows in (23, 200):
            common: dict[str, Any] = {
                "population": Population(spectrum, UniformTarget()),
                "generations": 30,
                "rows": rows,
                **_FITS,
            }
            replaced, fresh = formula(replace(**common)), formula(accumulate(**common))
            same = formula(accumulate(**common, same_rows=True))
            first = replaced.error[0]
            holds &= bool(np.isinf(replaced.limit) and np.allclose(replaced.error, first * np.arange(1, 31)))
            for one in (fresh, same):
                holds &= bool(one.error[-1] < one.limit <= np.pi**2 / 6 * first * (1 + 1e-9))
            holds &= bool(np.all(fresh.error <= same.error * (1 + 1e-12)))
            if not drawn:
                drawn = {"replace": replaced.error, "accumulate, same rows": same.error, "accumulate": fresh.error}
            numbers[f"same rows, {rows}"] = float(same.limit / first)
            numbers[f"fresh rows, {rows}"] = float(fresh.limit / first)
    return Evidence(holds, numbers, lambda ax: plot_schemes(drawn, ax=ax))


def a_quarter_is_not_enough_near_interpolation(formula: ErrorsOf) -> Evidence:
    """Least squares with a share of fresh real rows settles below gamma = (2 - alpha)/(3 - 2 alpha), and only there.

    Args:
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are the thresholds of the rules of thumb that were found by bisection.
    """

    def limit(share: float, ratio: float, dimension: int) -> float:
        chain = retain_real(
            Population(Isotropic(dimension), UniformTarget()), 2, rows=round(dimension / ratio), share=share, **_FITS
        )
        return formula(chain).limit

    thresholds = {share: (2 - share) / (3 - 2 * share) for share in RULES_OF_THUMB}
    sides = [
        np.isfinite(limit(share, at - NEAR, 2000)) and np.isinf(limit(share, at + NEAR, 2000))
        for share, at in thresholds.items()
    ]
    numbers = {f"{share:.0%}": _edge(partial(limit, share, dimension=100_000)) for share in RULES_OF_THUMB}
    found = [abs(numbers[f"{share:.0%}"] - at) < 1e-3 for share, at in thresholds.items()]
    ratios = np.geomspace(1.05, 20.0, 61)
    limits = {share: np.array([limit(share, 1 / ratio, 2000) for ratio in ratios]) for share in RULES_OF_THUMB}
    bounded = [np.array_equal(np.isfinite(limits[share]), ratios > 1 / at) for share, at in thresholds.items()]
    named = {f"{share:.0%} real": values for share, values in limits.items()}
    marked = {f"{share:.0%} real": 1 / at for share, at in thresholds.items()}
    holds = all(sides) and all(found) and all(bounded)
    return Evidence(holds, numbers, lambda ax: plot_limits(ratios, named, marked, ax=ax))


def residuals_of_the_fit_never_warn(formula: SignalsOf) -> Evidence:
    """RSS/(n - d) of least squares is the label noise for ever, whatever the error does; others warn.

    Generation 1 is left out of the first sentence, as `rephrase` starts on real labels alone, whose noise is another.

    Args:
        formula: for what the monitors are expected to show.

    Returns:
        An `Evidence`; its numbers are rounds to an alarm at 30 dimensions, 3000 rows, |w_0|^2 = 4, 1000 labels.
    """
    population = Population(Isotropic(30), UniformTarget(4.0))
    common: dict[str, Any] = {"generations": 12, "rows": 300, **_FITS}
    chains = [
        replace(population, **common),
        rephrase(population, **common, synthetic_share=0.9),
        regenerate_covariates(population, **common),
    ]
    noises = [chain.generations[-1].generated[0].noise for chain in chains]
    later = [formula(chain)[Monitor.IN_SAMPLE].expected[1:] for chain in chains]
    blind = [np.allclose(values, noise**2, rtol=1e-9) for values, noise in zip(later, noises, strict=True)]
    signals = formula(replace(population, 90, rows=3000, **_FITS))
    rounds = {monitor: signals[monitor].rounds(ALARM) for monitor in signals}
    warned = max(rounds[one] for one in (Monitor.DRIFT, Monitor.HELD_OUT, Monitor.LABEL_VARIANCE)) < 90
    numbers = {monitor.value: found for monitor, found in rounds.items()}
    holds = all(blind) and np.isinf(rounds[Monitor.IN_SAMPLE]) and warned
    return Evidence(bool(holds), numbers, lambda ax: plot_monitors(_Expected(signals), ax=ax))


@final
@dataclass(frozen=True)
class _Expected:
    """What `plot_monitors` reads, of theory alone: marks tell its lines apart."""

    signals: Mapping[Monitor, Signal]
    alarm: float = ALARM

    @property
    def moved(self) -> Mapping[Monitor, tuple[Array, Array]]:
        found = {}
        for monitor, signal in self.signals.items():
            moved = np.abs(signal.expected - signal.expected[0]) / signal.deviation
            marked = np.arange(len(moved)) % max(1, len(moved) // 8) == 0
            found[monitor] = moved, np.where(marked, moved, np.nan)
        return found


def _edge(limit: Callable[[float], float]) -> float:
    """The ratio at which limits become infinite; NaN where they never do."""
    if np.isfinite(limit(0.95)):
        return float("nan")
    return float(bisect(lambda ratio: 1.0 if np.isfinite(limit(ratio)) else -1.0, 0.5, 0.95, xtol=1e-5))


def _signals(chain: Chain) -> Mapping[Monitor, Signal]:
    return expected_monitors(chain).signals


ACCUMULATING: Claim[ErrorsOf] = Claim(
    "accumulate is bounded, replace is not",
    "Least squares on replaced rows has an error that grows by the same amount for ever; on accumulated rows it "
    "stays below pi^2/6 times the first one.",
    "20 dimensions, isotropic and k^(-1.5), 23 and 200 rows in each of 30 generations, and the limit",
    accumulating_is_bounded,
    PREDICTED,
)
RETAINING: Claim[ErrorsOf] = Claim(
    "a quarter of real rows is no universal rule",
    "Retaining 20 to 30 % of fresh real rows bounds the error of least squares only below gamma = "
    "(2 - alpha)/(3 - 2 alpha) dimensions for each row.",
    "alpha = 0.2, 0.25, 0.3, 2000 and 10^5 dimensions, 1.05 to 20 rows for each",
    a_quarter_is_not_enough_near_interpolation,
    PREDICTED,
)
NEVER_WARNING: Claim[SignalsOf] = Claim(
    "the in-sample residual never warns",
    "The residual variance of least squares on rows that one model labels is the label noise for ever, while the "
    "error grows and drift, held-out residuals and label variance warn.",
    "replace, rephrase and refitted covariates, 30 dimensions, 300 rows; 3000 rows for the alarms",
    residuals_of_the_fit_never_warn,
    _signals,
)
POLICY_CLAIMS: tuple[Claim[Any], ...] = (ACCUMULATING, RETAINING, NEVER_WARNING)
