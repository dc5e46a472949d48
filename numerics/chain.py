"""One replicate of a chain: a scan over generations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..theory.problem.chain import Chain
from .designs import Design
from .estimators.dual import Dual
from .estimators.inverse_root import Factorisation
from .estimators.primal import Primal
from .experiment import Experiment, Step
from .measurement.label_noise import LabelNoise


@dataclass(frozen=True)
class Structure:
    """What is compiled for: the shapes and the kinds. Everything else is traced."""

    rows: int
    rank: int
    overdetermined: bool  # some generation has at least as many rows as directions
    underdetermined: bool  # some generation has fewer
    alike: bool  # the rows of each generation have one labeller and one noise
    noise: LabelNoise
    draw: Callable[[Array, int, int, Any], Array]

    @classmethod
    def of(cls, chain: Chain, parts: Experiment, design: Design, noise: LabelNoise) -> Structure:
        """The structure of a chain that has been read as `parts`."""
        overdetermined = np.asarray(parts.steps.overdetermined)
        return cls(
            rows=parts.steps.noise.shape[1],
            rank=parts.eigenvalues.shape[0],
            overdetermined=bool(overdetermined.any()),
            underdetermined=not overdetermined.all(),
            alike=all(len({(type(s.labels), s.noise) for s in step.generated}) == 1 for step in chain.generations),
            noise=noise,
            draw=design.draw,
        )


def replicate(structure: Structure, factorise: Factorisation, parts: Experiment, root: Array, number: Array) -> Any:
    """The `Measured` excess error after every generation of replicate `number`, shapes (generations,).

    Args:
        structure: static.
        factorise: how systems are solved, static.
        parts: the chain as arrays.
        root: key of the simulation.
        number: index of the replicate; its random numbers depend on it and on `root` only.
    """
    key = jax.random.fold_in(root, number)
    normal = jax.random.normal(jax.random.fold_in(key, 0), (structure.rank,), dtype="float64")
    truth = parts.truth_mean + parts.truth_deviation * normal

    def generation(previous: Any, numbered: tuple[Array, Step]) -> Any:
        index, step = numbered
        design_key, noise_key = jax.random.split(jax.random.fold_in(key, index))
        rows = structure.draw(design_key, structure.rows, structure.rank, parts.pool) * step.present[:, None]

        def fitted(form: type[Primal] | type[Dual], count: int) -> Any:
            kept = step.first(count)
            fit = form.of(rows[:count], kept.present, step.ridge, parts.eigenvalues, factorise)
            return structure.noise.advance(fit, kept, previous, truth, noise_key, structure.alike)

        def primal() -> Any:
            return fitted(Primal, structure.rows)

        def dual() -> Any:
            return fitted(Dual, min(structure.rows, structure.rank - 1))

        if not structure.underdetermined:
            return primal()
        if not structure.overdetermined:
            return dual()
        # The predicate does not depend on the replicate, so that one branch runs also under vmap.
        return lax.cond(step.overdetermined, primal, dual)

    indices = jnp.arange(1, parts.steps.ridge.shape[0] + 1)
    return lax.scan(generation, structure.noise.start(structure.rank), (indices, parts.steps))[1]
