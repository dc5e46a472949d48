"""What is watched of a model in every generation: its labels, residuals, drift, and the covariance of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
from jax import Array

from ..experiment import Experiment, Step
from ..structure import Structure
from .fitting import Fitting, Measured, World
from .responses import OneDraw


class Readings(NamedTuple):
    """One generation of one replicate, each a number."""

    error: Array  # |w - w_0|^2_Sigma
    label_variance: Array  # mean square of labels by the model
    training_residual: Array  # weighted mean square of labels minus fit
    rows: Array  # of the fit, those that a verifier has kept
    directions: Array  # in which these rows vary
    held_out_residual: Array  # mean square of real labels minus the model's
    drift: Array  # |w - w_1|^2_Sigma
    tail_coverage: Array  # share of the model's labels that are far from the truth
    log_determinant: Array  # of X'X/n in whitened coordinates, NaN for fewer rows than directions
    trace: Array  # of X'X/n, over that of the covariance


@final
@dataclass(frozen=True)
class Watched:
    """A run of the experiment of which all `Readings` are taken, in place of the error alone.

    The state is that of `OneDraw`, the first model, and the noise of the newest labels.

    Attributes:
        samples: labels that are looked at in each generation.
        tail: in standard deviations of real labels.
    """

    samples: int
    tail: float

    def start(self, structure: Structure, world: World) -> Any:
        """Model 0, and places for the first model and for the noise of the newest labels."""
        return OneDraw().start(structure, world), jnp.zeros(structure.directions), jnp.zeros(())

    def advance(self, fitting: Fitting, state: Any) -> tuple[Any, Measured]:
        """The state after a generation, and its readings."""
        before, first, spread = state
        after, measured, model, fit, labels = OneDraw().fitted(fitting, before)
        deviation = fitting.parts.counted * model  # where the population varies
        first = jnp.where(fitting.step.column == 1, deviation, first)  # of generation 1
        spread = jnp.where(jnp.sum(fitting.step.count) > 0, _noise(fitting.step), spread)
        residual = labels - fit.rows @ model
        log_determinant, trace = _covariance(fitting)
        readings = Readings(
            error=measured.error,
            training_residual=jnp.sum(residual**2) / jnp.sum(fit.labeller.root_weight**2),
            rows=jnp.sum(jnp.where(fit.labeller.root_weight > 0, 1.0, 0.0)),
            directions=jnp.sum(jnp.where(jnp.any(fit.rows != 0.0, axis=0), 1.0, 0.0)),
            drift=jnp.sum((deviation - first) ** 2),
            log_determinant=log_determinant,
            trace=trace,
            **self._labels(fitting, deviation, spread),
        )
        return (after, first, spread), Measured(jnp.stack(readings), measured.doubt)

    def _labels(self, fitting: Fitting, deviation: Array, spread: Array) -> dict[str, Array]:
        """What fresh rows of the population show, as many labelled by the model, with this noise, as by the truth."""
        counted, keys = fitting.parts.counted, jax.random.split(fitting.keys.monitor, 4)
        size = self.samples, deviation.shape[0]
        ours, real = (counted[None, :] * jax.random.normal(key, size, "float64") for key in keys[:2])
        noise, real_noise = (jax.random.normal(key, size[:1], "float64") for key in keys[2:])
        real_spread = _noise(jax.tree.map(lambda every: every[0], fitting.parts.steps))
        off = ours @ deviation + spread * noise  # from the truth's own labels
        labels = ours @ (counted * fitting.world.truth) + off
        held_out = real_spread * real_noise - real @ deviation
        return {
            "label_variance": jnp.mean(labels**2),
            "held_out_residual": jnp.mean(held_out**2),
            "tail_coverage": jnp.mean(jnp.where(jnp.abs(off) > self.tail * real_spread, 1.0, 0.0)),
        }


def _noise(step: Step) -> Array:
    """Root mean square label noise of the rows that a generation generates."""
    return jnp.sqrt(jnp.sum(step.count * step.noise**2) / jnp.maximum(jnp.sum(step.count), 1.0))


def _covariance(fitting: Fitting) -> tuple[Array, Array]:
    """log det and relative trace of the covariance that is fitted to the rows that a generation generates."""
    parts: Experiment = fitting.parts
    rows, count = fitting.labeller.block.fitted, jnp.sum(fitting.step.count)
    present = jnp.where(jnp.arange(rows.shape[0], dtype="float64") < count, 1.0, 0.0)
    rows = present[:, None] * rows * parts.counted[None, :]
    whitened = rows.T @ rows / count
    height = jnp.linalg.slogdet(whitened + jnp.diag(1.0 - parts.counted))[1]
    scale = parts.counted * parts.eigenvalues
    trace = jnp.sum(scale * jnp.diag(whitened)) / jnp.sum(scale)
    return jnp.where(count < jnp.sum(parts.counted), jnp.nan, height), trace
