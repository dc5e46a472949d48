"""Named checks of the boundaries between remedies.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from ...theory.evaluation.lowering import Nodes
from ...theory.evaluation.prediction import predict
from ...theory.problem import (
    Chain,
    Coefficients,
    Isotropic,
    MinimumNorm,
    Population,
    TopShare,
    UniformTarget,
    accumulate,
    mix,
    replace,
    retain_real,
    verify,
)
from ...theory.problem import notation as x
from ...theory.rules.selection import KEPT, RAW
from ...theory.rules.statement import Statement
from ...theory.statements.remedies import (
    BOUNDARIES,
    FLOOR_AT_A_STRICTNESS,
    FRESH_SHARE,
    LARGEST_ASPECT_RATIO,
    LARGEST_GAIN_OF_NOISE,
    NOISIEST_SYNTHETIC_ROWS,
    SHARE_THAT_BEATS_ACCUMULATION,
    WORST_VERIFIER_AT_A_STRICTNESS,
    WORST_VERIFIER_FOR_EVER,
)
from ...theory.statements.verification import LABELLER
from ..evaluated import executed
from ..named_check import Check, agree

# A verifier: the share kept, the noise variance, labeller's error; rank and rows of a chain; the error of a rival.
SHARE, NOISE, LABELLERS_ERROR, RANK, ROWS, RIVAL = 0.55, 1.3, 0.4, 17, 120, 2.1
# Real rows: rank, rows, synthetic ones among them; the share at which a chain is held.
FEW, ALL_ROWS, SYNTHETIC, HELD = 7, 60, 41, 0.35
# Rows of a generation, and those that are stored, in the ratio 5 to 4.
ENDLESS, MANY, STORED = 10**12, 5 * 10**8, 4 * 10**8
FAR = 3e8  # how many times the noise a labeller is away who is far
ROOTS = 1e-6  # relative; what is promised of every boundary
_NO_SPECTRUM = Nodes(np.ones(1), np.ones(1), np.ones(1))


def where_predicted_errors_cross(statement: Statement) -> bool:
    """SciPy's root of the difference of two predicted errors, or of what a generation is predicted to change."""
    root = _PREDICTED[statement.name]()
    return agree(_value(statement), root, ROOTS * abs(root))


def sums_and_integrals(statement: Statement) -> bool:
    """Moments of residuals by quadrature, fixed points by repetition, sums term by term; roots by SciPy."""
    root = _BY_HAND[statement.name]()
    return agree(_value(statement), root, ROOTS * abs(root))


def _value(statement: Statement) -> float:
    return float(executed(statement, _GIVEN[statement.name], _NO_SPECTRUM)[0])


def _root(difference: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(difference, low, high, xtol=1e-12 * low, rtol=1e-13))


@cache
def _raw() -> float:
    """The mean square of the share of smallest normal variables."""
    edge = float(norm.ppf((1 + SHARE) / 2))
    return float(quad(lambda z: z**2 * norm.pdf(z), -edge, edge, epsabs=1e-14)[0]) / SHARE


def _contraction(disagreement: float) -> float:
    raw = _raw()
    return raw * (NOISE + disagreement) / (NOISE + raw * disagreement)


def _replaced(rank: int, rows: int, generations: int = 2, noise: float = NOISE**0.5) -> Chain:
    population = Population(Isotropic(rank), UniformTarget())
    return replace(population, generations, rows, noise, MinimumNorm())


@cache
def _worst_in_a_round() -> float:
    """One generation on very many rows, labelled by (a, 0), judged by (0, b)."""
    plain = _replaced(2, ENDLESS, 1)
    labelled = Chain(plain.population, plain.generations, Coefficients([LABELLERS_ERROR**0.5, 0.0]))

    def gain(square: float) -> float:
        judged = verify(labelled, TopShare(Coefficients([0.0, square**0.5]), SHARE))
        return float(predict(judged).error[-1] - predict(labelled).error[-1])

    return _root(gain, 1e-2, 10.0)


@cache
def _limit(square: float) -> float:
    """Where a verified chain ends."""
    return float(predict(verify(_replaced(RANK, ROWS), TopShare(UniformTarget(square), SHARE))).limit)


@cache
def _largest_gain() -> float:
    """Rank over margin at which a verifier without error leaves a far labeller as far."""
    rank = 10**9

    def drift(rows: float) -> float:
        plain = _replaced(rank, round(rows), 1)
        far = Chain(plain.population, plain.generations, UniformTarget(FAR * NOISE))
        return float(predict(verify(far, TopShare(UniformTarget(0.0), SHARE))).error[-1]) - FAR * NOISE

    rows = float(brentq(drift, 1.9e9, 3e9, xtol=1.0))
    return rank / (SHARE * rows - rank - 1)


@cache
def _largest_ratio() -> float:
    """Rank over rows at which the error of a chain grows by as much in the third generation as in the second."""

    def growth(rank: float) -> float:
        population = Population(Isotropic(round(rank)), UniformTarget())
        chain = retain_real(population, 3, ENDLESS, NOISE, MinimumNorm(), share=HELD)
        first, second, third = predict(chain).error.tolist()
        return float((third - second) / (second - first) - 1)

    return float(brentq(growth, 0.3 * ENDLESS, 0.95 * ENDLESS, xtol=1.0)) / ENDLESS


@cache
def _noisiest() -> float:
    population = Population(Isotropic(FEW), UniformTarget())
    real = retain_real(population, 2, ALL_ROWS - SYNTHETIC, NOISE, MinimumNorm(), share=1)

    def cost(ratio: float) -> float:
        counts = {"real_rows": ALL_ROWS - SYNTHETIC, "synthetic_rows": SYNTHETIC}
        noises: dict[str, Any] = {"noise": NOISE * ratio**0.5, "real_noise": NOISE}
        mixed = mix(population, 2, **counts, **noises, estimator=MinimumNorm())
        return float(predict(mixed).limit - predict(real).error[-1])

    return _root(cost, 0.1, 30.0)


@cache
def _share_of_real_rows() -> float:
    """As many rows for each direction as rounding allows."""
    population = Population(Isotropic(3), UniformTarget())
    stored = float(predict(accumulate(population, 2, STORED, NOISE, MinimumNorm())).limit)

    def cost(share: float) -> float:
        fresh = retain_real(population, 2, MANY, NOISE, MinimumNorm(), share=share)
        return float(predict(fresh).limit) / stored - 1

    return _root(cost, 0.1, 0.9)


@cache
def _worst_in_a_round_by_hand() -> float:
    def gain(square: float) -> float:
        c = _contraction(LABELLERS_ERROR + square)
        return (1 - c) ** 2 * square + c**2 * LABELLERS_ERROR - LABELLERS_ERROR

    return _root(gain, 1e-2, 10.0)


@cache
def _floor_by_hand() -> float:
    """The distance, generation after generation, until it rests."""
    added, distance = NOISE * RANK / (SHARE * ROWS - RANK - 1), 0.0
    for _ in range(2000):
        c = _contraction(distance)
        distance = c**2 * distance + c * added
    return distance


@cache
def _largest_gain_by_hand() -> float:
    """What a far labeller loses in a generation is all that noise may add."""
    far = 1e8 * NOISE
    c = _contraction(far)
    return far * (1 - c) * (1 + c) / (c * NOISE)


@cache
def _largest_ratio_by_hand() -> float:
    def fading(ratio: float) -> float:
        return (1 - HELD) ** 2 + HELD * (1 - HELD) * ratio / (1 - ratio) - 1

    return _root(fading, 1e-2, 0.99)


@cache
def _noisiest_by_hand() -> float:
    """With delta = c_1 n and the fading of the specification on data policies."""
    n, m, r = ALL_ROWS, SYNTHETIC, FEW
    delta = (2 + (n * r - 2) / (n - r - 1)) / (n + 2)
    fading = m / n * (delta + (m - 1) * (1 - delta) / (n - 1))
    mixed, real = r / (n - r - 1) / (1 - fading), r / (n - m - r - 1)
    return (real / mixed * n - (n - m)) / m


@cache
def _share_by_hand() -> float:
    """Ten thousand generations, and the integral of what is left of each sum."""
    numbers = np.arange(1.0, 10_001.0)
    stored = float(np.sum(1 / numbers**2)) + 1 / 10_000.5

    def cost(share: float) -> float:
        return float(np.sum((1 - share) ** (2 * numbers - 2))) * STORED / MANY - stored

    return _root(cost, 0.1, 0.9)


_SIZES: Mapping[Any, float] = {x.rank: float(RANK), x.rows: float(ROWS), KEPT: SHARE, x.noise_squared: NOISE}
_GIVEN: Mapping[str, Mapping[Any, Any]] = {
    WORST_VERIFIER_AT_A_STRICTNESS.name: {LABELLER: LABELLERS_ERROR, x.noise_squared: NOISE, RAW: _raw()},
    FLOOR_AT_A_STRICTNESS.name: {**_SIZES, RAW: _raw()},
    LARGEST_GAIN_OF_NOISE.name: {RAW: _raw()},
    WORST_VERIFIER_FOR_EVER.name: {**_SIZES, RAW: _raw(), x.error: RIVAL},
    LARGEST_ASPECT_RATIO.name: {FRESH_SHARE: HELD},
    NOISIEST_SYNTHETIC_ROWS.name: {x.rank: float(FEW), x.rows: float(ALL_ROWS), x.new_rows: float(SYNTHETIC)},
    SHARE_THAT_BEATS_ACCUMULATION.name: {x.rows: float(MANY), x.new_rows: float(STORED)},
}
_VERIFIER = 0.6
_PREDICTED: Mapping[str, Callable[[], float]] = {
    WORST_VERIFIER_AT_A_STRICTNESS.name: _worst_in_a_round,
    FLOOR_AT_A_STRICTNESS.name: lambda: _limit(_VERIFIER) - _VERIFIER,
    LARGEST_GAIN_OF_NOISE.name: _largest_gain,
    WORST_VERIFIER_FOR_EVER.name: lambda: _root(lambda square: _limit(square) - RIVAL, 0.1, 5.0),
    LARGEST_ASPECT_RATIO.name: _largest_ratio,
    NOISIEST_SYNTHETIC_ROWS.name: _noisiest,
    SHARE_THAT_BEATS_ACCUMULATION.name: _share_of_real_rows,
}
_BY_HAND: Mapping[str, Callable[[], float]] = {
    WORST_VERIFIER_AT_A_STRICTNESS.name: _worst_in_a_round_by_hand,
    FLOOR_AT_A_STRICTNESS.name: _floor_by_hand,
    LARGEST_GAIN_OF_NOISE.name: _largest_gain_by_hand,
    WORST_VERIFIER_FOR_EVER.name: lambda: RIVAL - _floor_by_hand(),
    LARGEST_ASPECT_RATIO.name: _largest_ratio_by_hand,
    NOISIEST_SYNTHETIC_ROWS.name: _noisiest_by_hand,
    SHARE_THAT_BEATS_ACCUMULATION.name: _share_by_hand,
}

REMEDY_CHECKS = (
    Check.of(where_predicted_errors_cross, *BOUNDARIES),
    Check.of(sums_and_integrals, *BOUNDARIES),
)
