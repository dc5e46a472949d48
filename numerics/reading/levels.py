"""A spectrum by its levels of equal eigenvalues, in each of which only lengths and angles of vectors matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory.problem import checks
from ...theory.problem.population import Population
from ...theory.problem.spectrum import Spectrum
from ...theory.problem.target import Target, UniformTarget
from .numbers import number, numbers

Vector = NDArray[np.float64]

PIECE = 2**18  # coordinates that are looked at together
SAME = 1e-12  # relative spread of variances that count as equal


@dataclass(frozen=True, eq=False)
class Level:
    """The eigenspace of one eigenvalue, and some vectors in it, whitened (times the root of the eigenvalue).

    Every vector is `means` in an orthonormal frame of the level plus `deviation` times a standard normal vector of the
    whole level; Gaussian rows are invariant under rotations of the level, so that the frame may be any.
    """

    value: float  # the eigenvalue, > 0
    multiplicity: int
    means: NDArray[np.float64]  # (vectors, axes), axes <= min(vectors, multiplicity)
    deviation: Vector  # (vectors,)


def levels(spectrum: Spectrum, vectors: Sequence[tuple[str, Target | None]]) -> list[Level] | None:
    """The levels with positive eigenvalues; None where the spectrum names none, or a vector's variance is not one.

    Args:
        spectrum: of the population.
        vectors: field and law of each vector; None is the vector zero.

    >>> from modelcollapse.theory.problem import Isotropic
    >>> [one] = levels(Isotropic(10**8, scale=4.0), [("target", UniformTarget(9.0)), ("initial", None)])
    >>> one.multiplicity, abs(one.means).round(9).tolist()
    (100000000, [[6.0], [0.0]])
    """
    blocks = spectrum.checked_levels()
    if blocks is None:
        return None
    found, first = [], 0
    for block, multiplicity in zip(*blocks, strict=True):
        value, last = number("eigenvalues", block), first + checks.concrete_size("dimension", multiplicity)
        if value > 0:
            level = _level(value, first, last, spectrum, vectors)
            if level is None:
                return None
            found.append(level)
        first = last
    return found


def _level(
    value: float, first: int, last: int, spectrum: Spectrum, vectors: Sequence[tuple[str, Target | None]]
) -> Level | None:
    """The level of coordinates first + 1, ..., last; None where variances differ within it."""
    if all(target is None or isinstance(target, UniformTarget) for _, target in vectors):
        entries = [_moments(field, target, np.array([first + 1]), spectrum)[0][0] for field, target in vectors]
        means = np.sqrt(value) * np.array(entries)[:, None] * np.sqrt(last - first)
        return Level(value, last - first, means, np.zeros(len(vectors)))
    triangle, variances = np.zeros((0, len(vectors))), []
    for start in range(first, last, PIECE):
        k = np.arange(start + 1, min(start + PIECE, last) + 1)
        mean, variance = zip(*(_moments(field, target, k, spectrum) for field, target in vectors), strict=True)
        triangle = _triangle(np.concatenate([triangle, np.array(mean).T]))
        variances.append([(v.min(), v.max()) for v in variance])
    least, most = np.min(variances, axis=0)[:, 0], np.max(variances, axis=0)[:, 1]
    if np.any(most - least > SAME * most):
        return None
    return Level(value, last - first, np.sqrt(value) * triangle.T, np.sqrt(value * most))


def _triangle(columns: Vector) -> Vector:
    """Vectors in an orthonormal frame of their span, as columns."""
    triangle: Vector = np.asarray(np.linalg.qr(columns, mode="r"))
    return triangle


def _moments(field: str, target: Target | None, k: NDArray[np.int64], spectrum: Spectrum) -> tuple[Vector, Vector]:
    """Means and variances of the coordinates k of a vector."""
    if target is None:
        return np.zeros(k.size), np.zeros(k.size)
    return numbers(field, target.mean(k, spectrum), negative=True), numbers(field, target.variance(k, spectrum))


def one_level(spectrum: Spectrum, vectors: Sequence[tuple[str, Target | None]]) -> Level | None:
    """All directions with variance as one level of eigenvalue 1, for whitened rows that know of no other; None where
    the whitened variance of a vector differs from direction to direction.

    >>> from modelcollapse.theory.problem import Eigenvalues, GaussianTarget
    >>> one_level(Eigenvalues([4.0, 1.0, 0.0]), [("initial", GaussianTarget([1.0, 4.0, 9.0]))]).deviation.tolist()
    [2.0]
    """
    if all(target is None for _, target in vectors):
        return Level(1.0, int(spectrum.rank()), np.zeros((len(vectors), 0)), np.zeros(len(vectors)))
    blocks = levels(spectrum, vectors)
    if blocks is not None:
        spread = np.array([block.deviation**2 for block in blocks]).T
        triangle = _triangle(np.concatenate([block.means.T for block in blocks]))
        return _whole(triangle, spread, sum(block.multiplicity for block in blocks))
    eigenvalues = numbers("spectrum", spectrum.eigenvalues())
    positive = np.flatnonzero(eigenvalues > 0)
    scale = eigenvalues[positive]
    mean, variance = zip(*(_moments(field, target, positive + 1, spectrum) for field, target in vectors), strict=True)
    triangle = _triangle((np.sqrt(scale) * np.array(mean)).T)
    return _whole(triangle, scale * np.array(variance), positive.size)


def require_numbers(population: Population) -> None:
    """Refuse symbols and traced values in the spectrum and the truth, also where nothing depends on them.

    Raises:
        SpecificationError: naming the field.
    """
    checks.concrete_size("dimension", population.dimension)
    number("eigenvalues", population.spectrum.eigenvalue(1))
    number("target", population.target.mean(1, population.spectrum))


def _whole(triangle: Vector, spread: Vector, multiplicity: int) -> Level | None:
    """One level of vectors with these means, and these variances in different directions or levels."""
    if np.any(np.ptp(spread, axis=1) > SAME * spread.max(axis=1)):
        return None
    return Level(1.0, multiplicity, triangle.T, np.sqrt(spread.max(axis=1)))
