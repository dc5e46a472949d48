"""Ridge fits whose penalty a practical rule chooses from data, one replicate after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, assert_never

import numpy as np
from numpy.typing import NDArray

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.errors import NotCertified
from ...theory.problem.estimator import Ridge
from ...theory.problem.tuning import CrossValidated, HeldOut, Tuning
from ..reading.directions import directions
from ..reading.fresh_rows import FreshRows, fresh_rows
from ..reading.numbers import number
from .host_vectors import HostVectors, batch_of, host_stream, host_vectors, require_rounding
from .triangles import factor, pseudo_rows

Array = NDArray[np.float64]

FIT, TRIAL = 0, 1  # purposes of random numbers; those of a fit are the ones that `WISHART` draws


class Offered(NamedTuple):
    """The fits of the same rows, one for each of C penalties."""

    models: Array  # (C, d) whitened
    validation: Array  # (C,) generalised cross-validation
    rounding: Array  # (C,) relative errors of the models


def offered(design: Array, labels: Array, rest: float, rows: float, ridges: Array, scale: Array) -> Offered:
    """All fits by one singular value decomposition.

    Args:
        design: (p, d) whitened rows, or triangles that stand for them.
        labels: (p,) their labels.
        rest: squared length of the labels outside of what the triangles span.
        rows: how many rows there are.
        ridges: (C,) number of rows times penalty.
        scale: (d,) eigenvalues.

    >>> one = np.ones((1, 1))  # y = 3 at x = 1 and a ridge of 2: w = 3/3, RSS = 4, df = 1/3
    >>> found = offered(one, np.array([3.0]), 0.0, 1.0, np.array([2.0]), np.ones(1))
    >>> found.models.item(), round(found.validation.item(), 9)  # 4/(1 - 1/3)^2
    (1.0, 9.0)
    """
    left, values, right = np.linalg.svd(design * np.sqrt(scale), full_matrices=False)
    inside, ridges, spare = labels @ left, ridges[:, None], rows - values.size
    inverse = 1 / (values**2 + ridges)
    seen = inverse.sum(axis=1, keepdims=True)
    # What the fit loses of a direction is ridge * inverse, and rows - df = spare + ridge * seen: nothing is subtracted.
    lengths = np.sum((inverse / (spare / ridges + seen) * inside) ** 2, axis=1)
    if spare > 0:
        outside = labels - left @ inside
        lengths += (outside @ outside + rest) / (spare + ridges * seen)[:, 0] ** 2
    rounding = np.finfo(float).eps * np.sqrt(inverse.max(axis=1) / inverse.min(axis=1))
    return Offered((values * inverse * inside) @ (right * np.sqrt(scale)), rows * lengths, rounding)


def tuned_work(chain: Chain, rule: Tuning, choices: Array, seed: int) -> TunedWork:
    """The work of a chain whose fits see fresh rows only (`reading.fresh_rows.obstacle`).

    Raises:
        TooLarge: when a fit does not fit into memory.
    """
    where, (fits, slots, offsets) = directions(chain), fresh_rows(chain.with_(estimator=Ridge(1.0)))
    pseudo = np.minimum(fits.rows, where.count).sum(axis=1).max()
    checks.require_memory("dimension", where.count, 8 * 4 * (pseudo + choices.size))
    if isinstance(rule, HeldOut):
        number("noise", rule.noise)
        if rule.rows is not None:
            checks.concrete_size("rows", rule.rows)
    return TunedWork(where.scale, host_vectors(chain, where, offsets, slots), fits, rule, choices, seed)


@dataclass(frozen=True, eq=False)
class TunedWork:
    """Replicates one after the other.

    Attributes:
        scale: eigenvalues, shape (d,).
        vectors: the truth, the offsets and model 0.
        fits: of the generations, `ridge` being that of penalty 1.
        rule: which penalty is chosen.
        choices: among these.
        seed: of the simulation.
    """

    scale: Array
    vectors: HostVectors
    fits: FreshRows
    rule: Tuning
    choices: Array
    seed: int

    @property
    def size(self) -> int:
        """Replicates in a batch."""
        return batch_of(self.scale.size**2 * len(self.fits.ridge))

    def batch(self, first: int, wanted: int) -> Array:
        """Errors and penalties of replicates first, ..., first + wanted - 1, shape (wanted, generations, 2).

        Raises:
            NotCertified: when a fit is too close to singular to be known to six digits, or an error overflows.
        """
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what is not finite is refused
            return np.array([self._replicate(replicate) for replicate in range(first, first + wanted)])

    def _replicate(self, replicate: int) -> Array:
        truth, offsets, models = self.vectors.draw(self.seed, replicate)
        found = np.empty((len(self.fits.ridge), 2))
        for g in range(len(found)):
            step = FreshRows(*(part[g] for part in self.fits))
            means = truth + step.share @ np.concatenate([models[:-1], offsets])
            fits = self._fits(host_stream(self.seed, replicate, g + 1, FIT), step, means)
            scores = self._scores(host_stream(self.seed, replicate, g + 1, TRIAL), fits, truth)
            best = int(np.argmin(scores))  # the first NaN, if there is one
            require_rounding(float(fits.rounding[best]), replicate, g + 1)
            deviation = fits.models[best] - truth
            models[step.write] = deviation
            found[g] = deviation @ deviation, self.choices[best]
            if not np.isfinite(scores[best] + found[g, 0]):
                raise NotCertified(
                    f"replicate {replicate} leaves in generation {g + 1} the range of numbers: its error is "
                    f"{found[g, 0]}, what the rule sees is {scores[best]}. Use less noise."
                )
        return found

    def _fits(self, rng: np.random.Generator, step: FreshRows, means: Array) -> Offered:
        """What the triangles leave out of n rows is n - d squares of noise."""
        pairs = pseudo_rows(rng, step, self.scale.size, means)
        design, labels = np.concatenate([row for row, _ in pairs]), np.concatenate([label for _, label in pairs])
        beyond = np.maximum(step.rows - self.scale.size, 0.0)
        rest = float(step.noise**2 @ (2 * rng.standard_gamma(beyond / 2)))
        return offered(design, labels, rest, float(step.rows.sum()), self.choices * step.ridge, self.scale)

    def _scores(self, rng: np.random.Generator, fits: Offered, truth: Array) -> Array:
        """(C,) what the rule wants least, up to what all penalties have in common."""
        match self.rule:
            case CrossValidated():
                return fits.validation
            case HeldOut(rows=None):
                return np.asarray(np.sum((fits.models - truth) ** 2, axis=1))
            case HeldOut(rows, noise):
                trial = factor(rng, rows, truth.size)
                said = noise * rng.standard_normal(len(trial))
                return np.asarray(np.sum(((fits.models - truth) @ trial.T - said) ** 2, axis=1))
            case _ as never:
                assert_never(never)
