"""Two ways to treat label noise: draw it, or integrate it out given the designs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, final

import jax
import jax.numpy as jnp
from jax import Array

from ..estimators.dual import Dual
from ..estimators.primal import Primal
from ..experiment import Step
from ..labels.labeller import label_deviations
from .excess_error import excess_error, expected_excess_error

Fit: TypeAlias = Primal | Dual


class Measured(NamedTuple):
    """The excess error after a generation, and how far its relative rounding error may go."""

    error: Array
    doubt: Array


@final
@dataclass(frozen=True)
class Drawn:
    """Label noise is drawn: every replicate is one run of the experiment. The state is the model's deviation."""

    def start(self, rank: int) -> Array:
        """The truth itself."""
        return jnp.zeros(rank)

    def advance(self, fit: Fit, step: Step, previous: Array, truth: Array, key: Array, alike: bool) -> tuple[Any, Any]:
        """The next model and its `Measured` error."""
        noise = step.noise * jax.random.normal(key, step.noise.shape, dtype="float64")
        labels = label_deviations(fit.rows, previous, step.from_previous) + noise
        deviation, correction = fit.deviation(labels, truth)
        error = excess_error(deviation)
        return deviation, Measured(error, _relative(correction, error))


@final
@dataclass(frozen=True)
class Integrated:
    """Label noise is integrated out: each replicate is the expected error given its designs and its truth.

    The state is the mean deviation e and the covariance C of the model. With the smoother A, which maps labels to the
    fitted model, C_g = A (diag(noise^2) + P Z C_{g-1} Z' P) A', P the projection on synthetic rows.
    """

    def start(self, rank: int) -> tuple[Array, Array]:
        """The truth itself."""
        return jnp.zeros(rank), jnp.zeros((rank, rank))

    def advance(self, fit: Fit, step: Step, previous: Any, truth: Array, key: Array, alike: bool) -> tuple[Any, Any]:
        """The next model and its `Measured` error."""
        deviation, covariance = previous
        labels = label_deviations(fit.rows, deviation, step.from_previous)
        deviation, correction = fit.deviation(labels, truth)
        covariance = (_spread_alike if alike else _spread)(fit, step, covariance)
        error = expected_excess_error(deviation, covariance)
        measured = Measured(error, jnp.maximum(_relative(correction, error), fit.root.doubt))
        return (deviation, covariance), measured


LabelNoise: TypeAlias = Drawn | Integrated
DRAWN = Drawn()
INTEGRATED = Integrated()


def _spread(fit: Fit, step: Step, covariance: Array) -> Array:
    """The covariance of the next model, row by row."""
    smoother = fit.smoother()
    from_noise = smoother * step.noise[None, :]
    to_model = smoother @ (step.from_previous[:, None] * fit.rows)
    return from_noise @ from_noise.T + to_model @ covariance @ to_model.T


def _spread_alike(fit: Fit, step: Step, covariance: Array) -> Array:
    """The same where all rows of a generation have one labeller and one noise: half the work."""
    to_model, to_noise = fit.responses()
    return step.noise[0] ** 2 * to_noise + step.from_previous[0] * (to_model @ covariance @ to_model.T)


def _relative(correction: Array, error: Array) -> Array:
    """Size of the last correction over the root of the error; NaN where there is no error to speak of."""
    size = jnp.sqrt(excess_error(correction))
    ratio = jnp.where(size == 0, 0.0, size / jnp.sqrt(error))
    return jnp.where(jnp.isfinite(error), ratio, jnp.nan)
