"""A chain as arrays: everything a replicate needs, checked on the host before any work starts."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from ..theory.problem import checks
from ..theory.problem.chain import Chain
from ..theory.problem.errors import SpecificationError
from ..theory.problem.generation import Generation
from .designs import Design
from .estimators.penalty import penalty
from .labels.labeller import synthetic


class Step(NamedTuple):
    """One generation; with a leading axis, all of them. Rows are padded to the largest generation."""

    present: Array  # (rows,) 1 on rows that exist, 0 on padding
    from_previous: Array  # (rows,) 1 on rows that the previous model labels
    noise: Array  # (rows,) standard deviation of the label noise
    ridge: Array  # number of rows times penalty
    overdetermined: Array  # at least as many rows as directions

    def first(self, count: int) -> Step:
        """The step on its first `count` rows."""
        return self._replace(
            present=self.present[:count], from_previous=self.from_previous[:count], noise=self.noise[:count]
        )


class Experiment(NamedTuple):
    """A chain in whitened coordinates of the directions with positive variance (the others have no error).

    There v = Sigma^(1/2) w, rows are Sigma^(-1/2) x and the excess error is |v - v_0|^2.
    """

    eigenvalues: Array  # (rank,)
    truth_mean: Array  # (rank,) mean of v_0
    truth_deviation: Array  # (rank,) standard deviation of v_0
    steps: Step  # leading axis: generations
    pool: Any  # what the design draws from


def experiment(chain: Chain, design: Design) -> Experiment:
    """Read a chain as an experiment.

    Raises:
        SpecificationError: when the chain holds symbols or traced values, or the design does not fit it.
        TooLarge: when its tables do not fit into memory.
    """
    spectrum, target = chain.population.spectrum, chain.population.target
    eigenvalues = _numbers("spectrum", spectrum.eigenvalues())
    positive = eigenvalues > 0
    if not positive.any():
        raise SpecificationError("spectrum", spectrum, "a spectrum with at least one positive eigenvalue")
    k = np.arange(1, eigenvalues.shape[0] + 1)
    mean = _numbers("target", target.mean(k, spectrum), negative=True)
    variance = _numbers("target", target.variance(k, spectrum))
    root = np.sqrt(eigenvalues[positive])
    pool = design.whitened_pool(eigenvalues)
    return Experiment(
        eigenvalues=jnp.asarray(eigenvalues[positive]),
        truth_mean=jnp.asarray(root * mean[positive]),
        truth_deviation=jnp.asarray(root * np.sqrt(variance[positive])),
        steps=_steps(chain.generations, int(positive.sum())),
        pool=None if pool is None else jnp.asarray(pool),
    )


def _steps(generations: tuple[Generation, ...], rank: int) -> Step:
    rows = [[checks.concrete_size("rows", source.rows) for source in step.generated] for step in generations]
    totals = np.array([sum(counts) for counts in rows])
    checks.require_memory("rows", len(generations) * float(totals.max()), 6 * 8)
    shape = len(generations), int(totals.max())
    noise, from_previous = np.zeros(shape), np.zeros(shape)
    for g, (step, counts) in enumerate(zip(generations, rows, strict=True)):
        noise[g, : totals[g]] = np.repeat([_number("noise", s.noise) for s in step.generated], counts)
        from_previous[g, : totals[g]] = np.repeat([float(synthetic(s.labels)) for s in step.generated], counts)
    penalties = np.array([_number("penalty", penalty(step.estimator)) for step in generations])
    return Step(
        present=jnp.asarray(np.arange(shape[1]) < totals[:, None], dtype="float64"),
        from_previous=jnp.asarray(from_previous),
        noise=jnp.asarray(noise),
        ridge=jnp.asarray(totals * penalties),
        overdetermined=jnp.asarray(totals >= rank),
    )


def _number(field: str, value: Any) -> float:
    if not checks.is_concrete(value):
        raise SpecificationError(field, value, "a number: a simulation needs every value of the chain")
    return float(value)


def _numbers(field: str, values: Any, *, negative: bool = False) -> NDArray[np.float64]:
    if not checks.is_concrete(values) or np.asarray(values).dtype == object:
        raise SpecificationError(field, values, "numbers: a simulation needs every value of the chain")
    checked: NDArray[np.float64] = checks.vector(field, values, negative=negative)
    return checked
