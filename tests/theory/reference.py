"""Reference values in many digits, typed from the formulas as printed: an independent witness for all of theory.

Everything is mpmath and plain loops. Conventions: s eigenvalues, truth = squared coordinates w_0^2, a `Fit` per
generation. Nothing here imports the package.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mpmath import mp, mpf

Vector = Sequence[float]


@dataclass(frozen=True)
class Fit:
    """One generation: rows, penalty (0: least squares, minimum norm), noise standard deviation."""

    rows: int
    penalty: float
    noise: float


def digits_for(s: Vector, counts: Vector, rows: int, penalty: float) -> int:
    """Enough digits for the textbook equation, which cancels as many as the problem spans decades."""
    s, penalty = [mpf(v) for v in s], mpf(penalty)
    low, high = _bracket(s, [mpf(m) for m in counts], rows, penalty)
    return 50 + int(mp.log10(max(high, *s) / min(low, penalty or low, *s)))


def effective_ridge(s: Vector, counts: Vector, rows: int, penalty: float) -> mpf:
    """The largest root of kappa (1 - df_1/n) = lambda."""
    with mp.workdps(max(mp.dps, digits_for(s, counts, rows, penalty))):
        levels, penalty = _levels(s, counts), mpf(penalty)
        low, high = _bracket([v for v, _ in levels], [m for _, m in levels], rows, penalty)
        kappa, change = high, mpf("inf")
        while True:
            shares = [(m, v / (v + kappa)) for v, m in levels]
            used = mp.fsum(m * q for m, q in shares) + rows * penalty / kappa
            low, high = (kappa, high) if used > rows else (low, kappa)
            slope = (mp.fsum(m * q * (1 - q) for m, q in shares) + rows * penalty / kappa) / used
            new = kappa * mp.exp(mp.log(used / rows) / slope)  # Newton in log kappa, on the logarithm
            if change > mpf(10) ** -25 and not low <= new <= high:
                new = mp.sqrt(low * high)
            last, change = change, abs(new / kappa - 1)
            if change == 0 or (last < mpf(10) ** -25 and change * 1000 > last):
                return new  # quadratic convergence has ended: nothing but rounding is left
            kappa = new


def encloses(s: Vector, counts: Vector, rows: int, penalty: float, kappa: float, width: float) -> bool:
    """Whether n - df_1 - n lambda/kappa changes sign between kappa (1 - width) and kappa (1 + width)."""
    with mp.workdps(digits_for(s, counts, rows, penalty)):
        levels, penalty = _levels(s, counts), mpf(penalty)

        def missing(at: mpf) -> mpf:
            return rows - mp.fsum(m * v / (v + at) for v, m in levels) - rows * penalty / at

        centre, radius = mpf(kappa), mpf(kappa) * mpf(width)
        return bool(missing(centre - radius) <= 0 <= missing(centre + radius))


def _levels(s: Vector, counts: Vector) -> list[tuple[mpf, mpf]]:
    merged: dict[mpf, mpf] = {}
    for value, count in zip(s, counts, strict=True):
        merged[mpf(value)] = merged.get(mpf(value), mpf(0)) + mpf(count)
    return list(merged.items())


def _bracket(s: Sequence[mpf], counts: Sequence[mpf], rows: int, penalty: mpf) -> tuple[mpf, mpf]:
    """kappa = lambda + kappa df_1/n <= lambda + tr/n; without a penalty df_1 >= r s_min/(s_min + kappa)."""
    trace, rank = mp.fsum(v * m for v, m in zip(s, counts, strict=True)), mp.fsum(counts)
    lower = max(penalty, min(s) * max(rank - rows, mpf(0)) / rows)
    return lower / 2, 2 * (penalty + trace / rows)


@dataclass(frozen=True)
class Measured:
    """E of a quadratic form of w_g - w_0 after every generation, and what the labels of each generation injected."""

    total: list[mpf]
    bias: list[mpf]
    injected: list[list[mpf]]


def chain(s: Vector, truth: Vector, fits: Sequence[Fit], weight: Vector | None = None) -> Measured:
    """E sum_j weight_j (w_g - w_0)_j^2 for g = 1..N by the backward recursion; weight = s is the excess error.

    chi = (1/T) sum b s/(s + kappa)^2 / (1 - df_2/T),  b <- (s^2 b + chi kappa^2 s)/(s + kappa)^2 for a ridge fit;
    chi = sum b/s / (T - r - 1), b unchanged, for least squares with at least as many rows as directions.
    """
    with mp.workdps(_enough_digits(s, fits)):
        s, truth = [mpf(v) for v in s], [mpf(v) for v in truth]
        weight = s if weight is None else [mpf(v) for v in weight]
        ridges = [ridge_of(s, fit) for fit in fits]
        measured = Measured([], [], [])
        for last in range(1, len(fits) + 1):
            b, kept, paid = weight, [mpf(1)] * len(s), [mpf(0)] * len(fits)
            for m in reversed(range(last)):
                b, chi = _one_generation_back(s, b, fits[m], ridges[m])
                kept = [k * v / (v + ridges[m]) for k, v in zip(kept, s, strict=True)]
                paid[m] = mpf(fits[m].noise) ** 2 * chi
            parts = zip(b, weight, kept, truth, strict=True)
            measured.bias.append(mp.fsum((first - 2 * w * k + w) * t for first, w, k, t in parts))
            measured.total.append(measured.bias[-1] + mp.fsum(paid))
            measured.injected.append(paid)
        return measured


def overlap(s: Vector, truth: Vector, fits: Sequence[Fit]) -> list[mpf]:
    """E w_g'w_0: the truth times the product of all shares s/(s + kappa)."""
    with mp.workdps(_enough_digits(s, fits)):
        kept, result = [mpf(t) for t in truth], []
        for fit in fits:
            kappa = ridge_of(s, fit)
            kept = [k * mpf(v) / (mpf(v) + kappa) for k, v in zip(kept, s, strict=True)]
            result.append(mp.fsum(kept))
        return result


def ridge_of(s: Vector, fit: Fit) -> mpf:
    """kappa of one fit; zero for least squares with at least as many rows as directions."""
    if fit.penalty == 0 and fit.rows >= len(s):
        return mpf(0)
    return effective_ridge(s, [1] * len(s), fit.rows, fit.penalty)


def _one_generation_back(s: list[mpf], b: list[mpf], fit: Fit, kappa: mpf) -> tuple[list[mpf], mpf]:
    if kappa == 0:
        return b, mp.fsum(x / v for x, v in zip(b, s, strict=True)) / (fit.rows - len(s) - 1)
    second = mp.fsum((v / (v + kappa)) ** 2 for v in s)
    chi = mp.fsum(x * v / (v + kappa) ** 2 for x, v in zip(b, s, strict=True)) / (fit.rows - second)
    return [(v**2 * x + chi * kappa**2 * v) / (v + kappa) ** 2 for x, v in zip(b, s, strict=True)], chi


def _enough_digits(s: Vector, fits: Sequence[Fit]) -> int:
    """Squares of what is lost are differences here, hence twice the digits of the effective ridge."""
    ridges = [fit for fit in fits if fit.penalty > 0 or fit.rows < len(s)]
    return 2 * max([50, *(digits_for(s, [1] * len(s), fit.rows, fit.penalty) for fit in ridges)])
