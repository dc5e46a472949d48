"""Chains whose generations all have the same rows, with new labels: the rows are decomposed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Fresh, SameRows
from ...theory.problem.estimator import RandomProjection
from ...theory.problem.generation import Generation
from ...theory.problem.labels import Lottery, Recorded, labellers
from ...theory.problem.memory import Accumulate, Subsample
from ...theory.problem.selection import KeepAll
from ..estimators.penalty import penalty
from ..reading.directions import directions
from ..reading.labelling import labelling
from ..reading.numbers import number
from .backends import ROUNDING
from .host_vectors import LARGEST_BATCH, HostVectors, host_stream, host_vectors, require_rounding

Array = NDArray[np.float64]


@final
@dataclass(frozen=True)
class OneDesign:
    """Rows X that all generations share, with new labels in each, forgotten, accumulated or sampled.

    Accumulated labels enter as their mean over the generations, and a sample of the store as the rows it hits with the
    mean of the labels it takes of each: exact in law. Without samples X is drawn as its triangular factor and
    decomposed once, X = U diag(t) V', after which a fit costs as much as one product with V.
    """

    title: ClassVar[str] = "one design: rows that all generations share are decomposed once"

    def obstacle(self, chain: Chain) -> str:
        """Why generations do not share one design; empty where they do."""
        for position, step in enumerate(chain.generations, start=1):
            found = _obstacle(step, position)
            if found:
                return found
        return "" if len(chain) > 1 else "there is one generation only"

    def work(self, chain: Chain, seed: int) -> OneDesignWork:
        """The work of a chain without `obstacle`.

        Raises:
            TooLarge: when rows, or their labels in all generations, do not fit into memory.
        """
        where, who = directions(chain), labelling(chain)
        rows = checks.concrete_size("rows", chain.generations[0].generated[0].rows)
        sampled = any(isinstance(step.memory, Subsample) for step in chain.generations)
        stored = rows if sampled else min(rows, where.count)
        checks.require_memory("rows", stored, 8 * (4 * where.count + len(chain)))
        steps = Steps(
            share=who.share[:, 0, 0],
            noise=np.array([number("noise", step.generated[0].noise) for step in chain.generations]),
            ridge=np.array([_ridge(step) for step in chain.generations]),
            accumulates=np.array([isinstance(step.memory, Accumulate) for step in chain.generations]),
            taken=np.array([s.memory.rows if isinstance(s.memory, Subsample) else 0 for s in chain.generations]),
            write=who.write,
        )
        vectors = host_vectors(chain, where, who.offsets, who.slots)
        return OneDesignWork(where.scale, vectors, steps, rows, sampled, seed)


ONE_DESIGN = OneDesign()


class Steps(NamedTuple):
    """The fits; the first axis is the generations."""

    share: Array  # (generations, basis)
    noise: Array
    ridge: Array  # rows of the fit, each counted once where labels are averaged, times penalty
    accumulates: NDArray[np.bool_]
    taken: NDArray[np.int64]  # rows of the sample; 0 where there is none
    write: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class OneDesignWork:
    """Replicates one after the other.

    Attributes:
        scale: eigenvalues, shape (d,).
        vectors: the truth, the offsets and model 0.
        steps: the fits.
        rows: of the design.
        sampled: whether single rows matter.
        seed: of the simulation.
    """

    scale: Array
    vectors: HostVectors
    steps: Steps
    rows: int
    sampled: bool
    seed: int

    @property
    def size(self) -> int:
        """Replicates in a batch."""
        return LARGEST_BATCH

    def batch(self, first: int, wanted: int) -> Array:
        """Errors of replicates first, ..., first + wanted - 1, shape (wanted, generations).

        Raises:
            NotCertified: when a fit is too close to singular to be known to six digits.
        """
        return np.array([self._replicate(number) for number in range(first, first + wanted)])

    def _replicate(self, number: int) -> Array:
        truth, offsets, models = self.vectors.draw(self.seed, number)
        design = _design(host_stream(self.seed, number, 1, 0), self.rows, self.scale.size, self.sampled)
        fit = _Sampled(design, self.scale) if self.sampled else _Decomposed.of(design, self.scale)
        errors = np.empty(len(self.steps.noise))
        store = np.empty((errors.size, len(design)))
        for g in range(errors.size):
            step = Steps(*(part[g] for part in self.steps))
            stream = host_stream(self.seed, number, g + 1, 1)
            mean = truth + step.share @ np.concatenate([models[:-1], offsets])
            store[g] = design @ mean + step.noise * stream.standard_normal(len(design))
            labels = store[: g + 1]
            if step.taken:
                copies, means = _sample(stream, labels, int(step.taken))
            else:
                copies = np.ones(len(design))
                means = labels.mean(axis=0) if step.accumulates else labels[-1]
            model, rounding = fit.model(means, copies, float(step.ridge))
            require_rounding(rounding, number, g + 1)
            models[step.write] = model - truth
            errors[g] = models[step.write] @ models[step.write]
        return errors


class _Decomposed(NamedTuple):
    """X = U diag(t) V' in the units of the covariance."""

    left: Array
    values: Array
    right: Array  # whitened

    @classmethod
    def of(cls, design: Array, scale: Array) -> _Decomposed:
        left, values, right = np.linalg.svd(design * np.sqrt(scale), full_matrices=False)
        return cls(left, values, right * np.sqrt(scale))

    def model(self, labels: Array, copies: Array, ridge: float) -> tuple[Array, float]:
        """The whitened fit, and its relative rounding error."""
        squares = self.values**2 + ridge
        rounding = np.finfo(float).eps * float(np.sqrt(squares.max() / squares.min()))
        return (self.values / squares * (labels @ self.left)) @ self.right, rounding


class _Sampled(NamedTuple):
    """Rows of which some enter a fit, some of them several times."""

    design: Array
    scale: Array

    def model(self, labels: Array, copies: Array, ridge: float) -> tuple[Array, float]:
        """The whitened fit on the rows that have copies, and its relative rounding error."""
        hit = copies > 0
        root = np.sqrt(copies[hit])
        rows, said = self.design[hit] * np.sqrt(self.scale) * root[:, None], labels[hit] * root
        if len(rows) >= self.scale.size:
            model, rounding = _solved(rows.T @ rows, ridge, rows.T @ said)
        else:
            coefficients, rounding = _solved(rows @ rows.T, ridge, said)
            model = coefficients @ rows
        if not rounding <= ROUNDING:  # decided by what squares no condition number
            fit = _Decomposed.of(self.design[hit] * root[:, None], self.scale)
            return fit.model(said, root, ridge)
        return np.sqrt(self.scale) * model, rounding


def _solved(square: Array, ridge: float, right: Array) -> tuple[Array, float]:
    square[np.diag_indices(len(square))] += ridge
    norm = float(np.abs(square).sum(axis=0).max())
    lower, failed = lapack.dpotrf(square.T, lower=1, clean=0)
    if failed:
        return right, np.inf
    reciprocal = max(lapack.dpocon(lower, norm, uplo="L")[0], np.finfo(float).tiny)
    return lapack.dpotrs(lower, right, lower=1)[0], np.finfo(float).eps / reciprocal


def _design(stream: np.random.Generator, rows: int, d: int, sampled: bool) -> Array:
    """Whitened rows; where none of them matters for itself, their triangular factor."""
    if sampled or rows <= d:
        return stream.standard_normal((rows, d))
    factor = np.triu(stream.standard_normal((d, d)), 1)
    factor[np.diag_indices(d)] = np.sqrt(2 * stream.standard_gamma((rows - np.arange(d)) / 2))
    return factor


def _sample(stream: np.random.Generator, labels: Array, taken: int) -> tuple[Array, Array]:
    """How often each row is in a sample of the store without replacement, and the mean of its labels there."""
    chosen = stream.choice(labels.size, taken, replace=False)
    row = chosen % labels.shape[1]
    copies = np.bincount(row, minlength=labels.shape[1]).astype(float)
    totals = np.bincount(row, weights=labels.ravel()[chosen], minlength=labels.shape[1])
    return copies, totals / np.maximum(copies, 1.0)


def _ridge(step: Generation) -> float:
    """Rows times penalty: of a fit on the g-fold store, both sums over rows and the ridge are g times those of one."""
    rows = checks.concrete_size("rows", step.generated[0].rows)
    if isinstance(step.memory, Subsample):
        rows = checks.concrete_size("rows", step.memory.rows)
    return rows * number("penalty", penalty(step.estimator))


def _obstacle(step: Generation, position: int) -> str:
    if not isinstance(step.selection, KeepAll):
        return "a verifier judges rows"
    if step.kept or len(step.generated) != 1:
        return "a generation has several sources"
    if isinstance(step.estimator, RandomProjection):
        return "models are fitted on random features"
    [source] = step.generated
    wanted = Fresh() if position == 1 else SameRows(1)
    if source.covariates != wanted or source.covariance is not None:
        return "generations have rows of their own"
    if number("weight", source.weight) != 1:
        return "rows are weighted"
    if isinstance(source.labels, Lottery) or any(isinstance(who, Recorded) for who in labellers(source.labels)):
        return "labels are drawn by lot, or remembered"
    return ""
