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

# The first step of refinement repairs what the factorisation has lost, the second measures what is left.
REFINEMENTS = 2


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
        deviation, correction = fit.deviation(labels, truth, REFINEMENTS)
        error = excess_error(deviation)
        return deviation, Measured(error, _doubt(_relative(correction, error), error))


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
        deviation, correction = fit.deviation(labels, truth, REFINEMENTS)
        covariance = (_spread_alike if alike else _spread)(fit, step, covariance)
        error = expected_excess_error(deviation, covariance)
        of_mean = _relative(correction, error)
        of_covariance = _smoother_doubt(fit, key) * jnp.trace(covariance) / error
        measured = Measured(error, _doubt(of_mean + jnp.where(error == 0, 0.0, of_covariance), error))
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


def _smoother_doubt(fit: Fit, key: Array) -> Array:
    """Relative rounding error of the smoother, measured on random labels: the covariance cannot be refined."""
    labels = jax.random.normal(key, fit.rows.shape[:1], dtype="float64")
    response, correction = fit.deviation(labels, jnp.zeros(fit.rows.shape[1]), 1)
    return 2 * _relative(correction, excess_error(response))


def _relative(correction: Array, error: Array) -> Array:
    """Size of a correction to the model over the root of the excess error."""
    size = jnp.sqrt(excess_error(correction))
    return jnp.where(size == 0, 0.0, size / jnp.sqrt(error))


def _doubt(doubt: Array, error: Array) -> Array:
    """NaN where there is no error to speak of."""
    return jnp.where(jnp.isfinite(error), doubt, jnp.nan)
