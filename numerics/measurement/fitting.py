"""Everything about one generation but its label noise: rows, labellers, and the fit in the form it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..estimators.forms import Fit, Form
from ..estimators.inverse_root import Factorisation
from ..experiment import Experiment, Step
from ..keys import Keys
from ..labels.labeller import Labeller
from ..structure import Structure


class World(NamedTuple):
    """What is drawn once for a replicate, whitened."""

    truth: Array  # (directions,)
    initial: Array  # (directions,) model 0 minus the truth
    offsets: Array  # (offsets, directions)
    verifiers: Array  # (verifiers, directions)


class Measured(NamedTuple):
    """The excess error after a generation, and how far its relative rounding error may go."""

    error: Array
    doubt: Array


@dataclass(frozen=True)
class Fitting:
    """One generation, ready for labels."""

    structure: Structure
    factorise: Factorisation
    parts: Experiment
    step: Step
    world: World
    labeller: Labeller
    rows: Array
    keys: Keys

    def solved(self, answer: Callable[[Fit], Any]) -> Any:
        """What `answer` says about the fit, in the form that this generation takes."""
        branches = [self._branch(form, answer) for form in self.structure.forms]
        if len(branches) == 1:
            return branches[0]()
        # The index does not depend on the replicate, so that one branch runs also under vmap.
        return lax.switch(self.step.form, branches)

    def _branch(self, form: Form, answer: Callable[[Fit], Any]) -> Callable[[], Any]:
        def branch() -> Any:
            width, directions = form.width or 0, self.structure.directions
            key = self.keys.features(self.step.drawing)
            features = jax.random.normal(key, (width, directions), dtype="float64") if width else None
            return answer(
                form.fit(
                    self.rows,
                    self.labeller.root_weight,
                    self.step.ridge,
                    self.parts.eigenvalues,
                    features,
                    self.factorise,
                )
            )

        return branch

    def only(self, present: Array) -> Fitting:
        """The same on the rows of the fit that are kept; n of the penalty counts them."""
        weight = self.labeller.root_weight
        kept = jnp.sum(jnp.where(weight > 0, present, 0.0))  # without any rows every penalty gives zero
        share = jnp.maximum(kept, 1.0) / jnp.sum(jnp.where(weight > 0, 1.0, 0.0))
        return replace(
            self,
            step=self.step._replace(ridge=self.step.ridge * share),
            labeller=self.labeller._replace(root_weight=weight * present),
            rows=self.rows * present[:, None],
        )

    def remembered(self, models: Array, model: Array) -> Array:
        """The models with the newest in its slot, shape (slots, ...)."""
        chosen = jnp.arange(self.structure.slots) == self.step.write
        return jnp.where(chosen.reshape(-1, *[1] * model.ndim), model[None], models)
