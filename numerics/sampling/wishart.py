"""Fits of a few hundred to some ten thousand directions, one after the other, by LAPACK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ..reading.directions import directions
from ..reading.fresh_rows import FreshRows, fresh_rows, obstacle
from .backends import ROUNDING
from .host_vectors import HostVectors, batch_of, host_stream, host_vectors, require_rounding
from .triangles import factor, from_below, pseudo_rows

Array = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Wishart:
    """The sufficient statistics of fresh rows, drawn as triangles and solved by Cholesky factorisation on the host.

    For T >= d rows Z'Z = U U' with U upper triangular, U_ii^2 chi-square with T - d + 1 + i degrees of freedom (i from
    0) and standard normals above, and Z'noise = U g; for fewer rows Z is replaced by its triangular factor. Exact in
    law for any covariance; costs d^2/2 normals and 2 d^3/3 multiplications for a fit, however many rows.
    """

    title: ClassVar[str] = "Wishart: the squares of rows are drawn as triangles and factorised on the host"

    def obstacle(self, chain: Chain) -> str:
        """Why a chain has other statistics; empty where it has not."""
        return obstacle(chain)

    def work(self, chain: Chain, seed: int) -> WishartWork:
        """The work of a chain without `obstacle`.

        Raises:
            TooLarge: when a fit does not fit into memory.
        """
        where, (fits, slots, offsets) = directions(chain), fresh_rows(chain)
        squares = int(np.count_nonzero(fits.rows, axis=1).max()) + 1
        checks.require_memory("dimension", where.count, 8 * squares * where.count)
        return WishartWork(where.scale, host_vectors(chain, where, offsets, slots), fits, seed)


WISHART = Wishart()


@dataclass(frozen=True, eq=False)
class WishartWork:
    """Replicates one after the other.

    Attributes:
        scale: eigenvalues, shape (d,).
        vectors: the truth, the offsets and model 0.
        fits: of the generations.
        seed: of the simulation.
    """

    scale: Array
    vectors: HostVectors
    fits: FreshRows
    seed: int

    @property
    def size(self) -> int:
        """Replicates in a batch."""
        return batch_of(self.scale.size**2 * len(self.fits.ridge))

    def batch(self, first: int, wanted: int) -> Array:
        """Errors of replicates first, ..., first + wanted - 1, shape (wanted, generations).

        Raises:
            NotCertified: when a fit is too close to singular to be known to six digits.
        """
        return np.array([self._replicate(number) for number in range(first, first + wanted)])

    def _replicate(self, number: int) -> Array:
        truth, offsets, models = self.vectors.draw(self.seed, number)
        errors = np.empty(len(self.fits.ridge))
        for g in range(errors.size):
            step = FreshRows(*(part[g] for part in self.fits))
            labels = step.share @ np.concatenate([models[:-1], offsets])
            for fit in (_primal if step.rows.sum() >= truth.size else _dual, _accurate):
                deviation, rounding = fit(host_stream(self.seed, number, g + 1, 0), step, self.scale, truth, labels)
                if rounding <= ROUNDING:
                    break
            require_rounding(rounding, number, g + 1)
            models[step.write] = deviation
            errors[g] = deviation @ deviation
        return errors


class _Fit(NamedTuple):
    """A model minus the truth, and the relative rounding error of what was solved for it."""

    deviation: Array
    rounding: float


def _primal(rng: np.random.Generator, step: FreshRows, scale: Array, truth: Array, labels: Array) -> _Fit:
    """(Z'Z + ridge/s) delta = Z'(labels - Z reference) - ridge/s * reference, scaled to a diagonal near one."""
    ridge = step.ridge / scale
    unit = 1 / np.sqrt(step.rows.sum() + ridge)
    square, right = np.zeros((0, 0)), -unit * ridge * (truth + labels[0])
    for rows, noise, said in zip(step.rows.astype(int), step.noise, labels, strict=True):
        if not rows:
            continue
        enough = rows >= scale.size
        triangle = from_below(rng, rows, scale.size) if enough else factor(rng, rows, scale.size).T
        triangle *= unit[:, None]
        right += triangle @ ((said - labels[0]) / unit @ triangle + noise * rng.standard_normal(triangle.shape[1]))
        if enough:
            own = lapack.dlauum(triangle.T, lower=1, overwrite_c=1)[0]
        else:
            own = blas.dsyrk(1.0, triangle.T, trans=1, lower=1)
        square = square + own if square.size else own
    diagonal = np.einsum("ii->i", square)
    diagonal += unit**2 * ridge
    norm = np.sqrt(scale.size) * float(np.linalg.norm(square)) * np.sqrt(2)
    solution, rounding = _solve(square, right, norm)
    return _Fit(labels[0] + unit * solution, rounding)


def _dual(rng: np.random.Generator, step: FreshRows, scale: Array, truth: Array, labels: Array) -> _Fit:
    """(Z s Z' + ridge) a = labels, v = s Z'a."""
    rows = pseudo_rows(rng, step, scale.size, truth + labels)
    design = np.concatenate([row for row, _ in rows]) * np.sqrt(scale)
    square = blas.dsyrk(1.0, design.T, trans=1, lower=1)
    diagonal = np.einsum("ii->i", square)
    diagonal += step.ridge
    norm = np.sqrt(len(design)) * float(np.linalg.norm(square)) * np.sqrt(2)
    solution, rounding = _solve(square, np.concatenate([label for _, label in rows]), norm)
    return _Fit(np.sqrt(scale) * (solution @ design) - truth, rounding)


def _accurate(rng: np.random.Generator, step: FreshRows, scale: Array, truth: Array, labels: Array) -> _Fit:
    """The same fits from the same random numbers by orthogonal triangularisation, which squares no condition number."""
    rows = pseudo_rows(rng, step, scale.size, labels - labels[0])
    design, said = np.concatenate([row for row, _ in rows]), np.concatenate([label for _, label in rows])
    primal = step.rows.sum() >= scale.size
    if primal:
        root = np.sqrt(step.ridge / scale)
        matrix, right = np.concatenate([design, np.diag(root)]), np.concatenate([said, -root * (truth + labels[0])])
    else:
        columns = (design * np.sqrt(scale)).T
        matrix = np.concatenate([columns, np.sqrt(step.ridge) * np.eye(len(design))])
        right = said + design @ (truth + labels[0])
    unit = 1 / np.linalg.norm(matrix, axis=0)
    orthogonal, upper = np.linalg.qr(matrix * unit)
    rounding = np.finfo(float).eps / max(lapack.dtrcon(upper, uplo="U")[0], np.finfo(float).tiny)
    if primal:
        return _Fit(labels[0] + unit * lapack.dtrtrs(upper, orthogonal.T @ right)[0], rounding)
    half = lapack.dtrtrs(upper, unit * right, trans=1)[0]
    return _Fit(np.sqrt(scale) * (orthogonal[: scale.size] @ half) - truth, rounding)


def _solve(square: Array, right: Array, norm: float) -> tuple[Array, float]:
    """The solution of a positive definite system, of which the lower triangle is given and overwritten."""
    lower, failed = lapack.dpotrf(square, lower=1, clean=0, overwrite_a=1)
    if failed:
        return right, np.inf
    reciprocal = lapack.dpocon(lower, norm, uplo="L")[0]
    return lapack.dpotrs(lower, right, lower=1)[0], np.finfo(float).eps / max(reciprocal, np.finfo(float).tiny)
