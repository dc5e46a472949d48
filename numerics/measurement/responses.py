"""How a model answers to label noise: to one draw of it, or to its covariance, or to each noise by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias, final

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..estimators.forms import Fit
from ..sampling import VerifiedStatistics
from ..selections.reduced import reduced
from ..selections.verdict import Seen, verdict
from ..structure import Structure
from .excess_error import excess_error, expected_excess_error
from .fitting import Fitting, Measured, World
from .label_noise import Drawn, LabelNoise

# The first step of refinement repairs what the factorisation has lost, the second measures what is left.
REFINEMENTS = 2


@final
@dataclass(frozen=True)
class OneDraw:
    """The state is the deviations of the remembered models, those of the labels on the shelf, and which were kept."""

    def start(self, structure: Structure, world: World) -> Any:
        """Model 0 in the first slot."""
        return _models(structure, world.initial), jnp.zeros(structure.shelf), jnp.ones(structure.shelf)

    def advance(self, fitting: Fitting, state: Any) -> tuple[Any, Measured]:
        """The state after a generation, and the `Measured` error."""
        return self.fitted(fitting, state)[:2]

    def fitted(self, fitting: Fitting, state: Any) -> tuple[Any, Measured, Array, Fitting, Array]:
        """The same, with the deviation of the model, the rows of its fit and their labels, measured from the truth."""
        models, stored, kept = state
        labeller, world = fitting.labeller, fitting.world
        if isinstance(fitting.structure.sampler, VerifiedStatistics):
            fitting, labels = _reduced(fitting, models)
        else:
            made, good = _judged(fitting, labeller.said(models, stored, world.offsets))
            labels, stored = labeller.entering(made, stored, world.truth)
            if good is not None:
                present, kept = labeller.present(good, kept)
                fitting, labels = fitting.only(present), present * labels
        deviation, correction = fitting.solved(lambda fit: fit.deviation(labels, world.truth, REFINEMENTS))
        error = excess_error(fitting.parts.counted * deviation)
        measured = Measured(error, _doubt(_relative(correction, error), error))
        return (fitting.remembered(models, deviation), stored, kept), measured, deviation, fitting, labels


@final
@dataclass(frozen=True)
class ByCovariance:
    """The state is the mean deviation and the covariance C of the one remembered model; no label is read again.

    With the smoother A, which maps labels to the fitted model, C <- A (diag(noise^2) + P Z C Z' P) A', P the shares of
    that model in the labels.
    """

    def start(self, structure: Structure, world: World) -> Any:
        """Model 0 in the slot."""
        square = structure.directions, structure.directions
        return _models(structure, world.initial), jnp.zeros(structure.shelf), jnp.zeros((1, *square))

    def advance(self, fitting: Fitting, state: Any) -> tuple[Any, Measured]:
        """The state after a generation, and the `Measured` error."""
        models, stored, covariances = state
        labeller, world, counted = fitting.labeller, fitting.world, fitting.parts.counted
        silent = jnp.zeros(labeller.noise.shape)
        labels, stored = labeller.answer(models, stored, silent, world.offsets, world.truth)
        spread = _spread_alike if fitting.structure.alike else _spread

        def answer(fit: Fit) -> Any:
            mean = fit.deviation(labels, world.truth, REFINEMENTS)
            return *mean, spread(fit, fitting, covariances[0]), _smoother_doubt(fit, fitting)

        deviation, correction, covariance, smoother_doubt = fitting.solved(answer)
        seen = counted[:, None] * covariance * counted[None, :]
        error = expected_excess_error(counted * deviation, seen)
        of_covariance = smoother_doubt * jnp.trace(seen) / error
        doubt = _relative(correction, error) + jnp.where(error == 0, 0.0, of_covariance)
        after = fitting.remembered(models, deviation), stored, fitting.remembered(covariances, covariance)
        return after, Measured(error, _doubt(doubt, error))


@final
@dataclass(frozen=True)
class ByColumns:
    """The state of `OneDraw` with an axis in front: first the mean, then the answer to each single label noise."""

    def start(self, structure: Structure, world: World) -> Any:
        """Model 0 in the first slot."""
        count = 1 + structure.columns
        models, stored = _models(structure, world.initial), jnp.zeros((count, structure.shelf))
        return _mean_first(models, count), stored

    def advance(self, fitting: Fitting, state: Any) -> tuple[Any, Measured]:
        """The state after a generation, and the `Measured` error."""
        labeller, world, count = fitting.labeller, fitting.world, 1 + fitting.structure.columns
        own = jnp.diag(labeller.noise)
        noise = lax.dynamic_update_slice_in_dim(jnp.zeros((count, own.shape[0])), own, fitting.step.column, axis=0)
        truths, offsets = _mean_first(world.truth, count), _mean_first(world.offsets, count)
        labels, stored = jax.vmap(labeller.answer)(state[0], state[1], noise, offsets, truths)

        def answer(fit: Fit) -> Any:
            return jax.vmap(lambda own_labels, truth: fit.deviation(own_labels, truth, REFINEMENTS))(labels, truths)

        deviations, corrections = fitting.solved(answer)
        error = excess_error(fitting.parts.counted[None, :] * deviations)
        measured = Measured(error, _doubt(_relative(corrections, error), error))
        return (jax.vmap(fitting.remembered)(state[0], deviations), stored), measured


Response: TypeAlias = OneDraw | ByCovariance | ByColumns


def response(noise: LabelNoise, structure: Structure) -> Response:
    """The cheapest exact way to treat label noise so."""
    if isinstance(noise, Drawn):
        return OneDraw()
    return ByColumns() if structure.columns else ByCovariance()


def _judged(fitting: Fitting, said: Array) -> tuple[Array, Array | None]:
    """Labels with noise, measured from the truth's, and which rows a verifier keeps; None where there is none."""
    labeller, keys, step = fitting.labeller, fitting.keys, fitting.step
    if fitting.structure.rules is None or step.judging is None:
        return said + labeller.noise * jax.random.normal(keys.noise, said.shape, dtype="float64"), None
    rows = labeller.block.labelled
    seen = Seen(
        said=said,
        verifier=rows @ (step.judging.verifier @ fitting.world.verifiers),
        norm=jnp.sqrt(jnp.sum((fitting.parts.counted[None, :] * rows) ** 2, axis=1)),
        noise=labeller.noise,
        judged=step.judging.judged[step.source] & (jnp.arange(said.shape[0], dtype="float64") < jnp.sum(step.count)),
    )
    label, kept = verdict(fitting.structure.rules, step.judging, seen, keys.noise, keys.verdict)
    return label, kept.astype("float64")


def _reduced(fitting: Fitting, models: Array) -> tuple[Fitting, Array]:
    """The fit on the pseudo-rows of judged rows, and their weighted labels."""
    step, world, rules = fitting.step, fitting.world, fitting.structure.rules
    assert rules is not None
    assert step.judging is not None
    said = step.share[:, 0, :] @ jnp.concatenate([models, world.offsets])
    rows, labels, weights, share = reduced(rules, step, said, step.judging.verifier @ world.verifiers, fitting.keys)
    fit = replace(
        fitting,
        rows=weights[:, None] * rows,
        labeller=fitting.labeller._replace(root_weight=weights),
        step=step._replace(ridge=step.ridge * share),
    )
    return fit, weights * labels


def _models(structure: Structure, initial: Array) -> Array:
    """Model 0 in the first slot, nothing in the others."""
    return _mean_first(initial, structure.slots)


def _mean_first(value: Array, count: int) -> Array:
    """`value`, then zeros, along a new axis in front."""
    return jnp.concatenate([value[None], jnp.zeros((count - 1, *value.shape))])


def _spread(fit: Fit, fitting: Fitting, covariance: Array) -> Array:
    """The covariance of the next model, row by row."""
    labeller, smoother = fitting.labeller, fit.smoother()
    count, shelf = fit.rows.shape[0], fitting.structure.shelf
    from_noise = smoother * labeller.of_fit(labeller.noise, shelf)[None, :count]
    labelling = labeller.of_fit(labeller.share[:, :1] * labeller.block.labelled, shelf)[:count]
    to_model = smoother @ labelling
    return from_noise @ from_noise.T + to_model @ covariance @ to_model.T


def _spread_alike(fit: Fit, fitting: Fitting, covariance: Array) -> Array:
    """The same where all rows of a generation have one labeller, one noise and one weight: half the work."""
    labeller = fitting.labeller
    to_model, to_noise = fit.responses()
    injected = (labeller.root_weight[0] * labeller.noise[0]) ** 2 * to_noise
    return injected + labeller.share[0, 0] ** 2 * (to_model @ covariance @ to_model.T)


def _smoother_doubt(fit: Fit, fitting: Fitting) -> Array:
    """Relative rounding error of the smoother, measured on random labels: the covariance cannot be refined."""
    labels = jax.random.normal(fitting.keys.noise, fit.rows.shape[:1], dtype="float64")
    response, correction = fit.deviation(labels, jnp.zeros(fit.rows.shape[1]), 1)
    return 2 * _relative(correction, excess_error(response))


def _relative(correction: Array, error: Array) -> Array:
    """Size of a correction to the model over the root of the excess error."""
    size = jnp.sqrt(excess_error(correction))
    return jnp.where(size == 0, 0.0, size / jnp.sqrt(error))


def _doubt(doubt: Array, error: Array) -> Array:
    """NaN where there is no error to speak of."""
    return jnp.where(jnp.isfinite(error), doubt, jnp.nan)
