"""A chain of ridge fits as a function of its penalties alone, the ridgeless and the infinite end included."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.family import reading_of
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import NotCertified, NoTheorem
from ..problem.estimator import MinimumNorm, Ridge
from ..rules.resolvent import RESOLVENT
from .effective_ridge import effective_ridge
from .inputs import COARSE, FINE, Inputs, full_spectra, grouped_spectra, inputs, is_compressed, rules_used
from .numbers_only import refuse_symbols
from .outcome import COMPRESSION_TOLERANCE, offsets_in
from .recursion import recursion

RIDGELESS = 2.0**-52  # of `small`: what is left of a penalty where it no longer changes the error
ENDLESS = 2.0**40  # times `large`: what stands for an infinite penalty
# As far from the infinite end the search stops: closer, rounding spoils the slope by which the end is judged.
NEARLY_ENDLESS = 2.0**-17
# As far from the end of no penalty slopes and curvatures are taken: closer, rounding spoils them, as lambda/kappa
# hardly changes where both vanish.
NEARLY_RIDGELESS, FOR_CURVATURE = 2.0**-30, 2.0**-17


class Penalised(NamedTuple):
    """A chain whose N penalties are free.

    With `small` and `large` a penalty has the coordinate log(1 + penalty/small) - log(1 + penalty/large), in which the
    error is smooth, and has a slope, at both ends: it is linear in the penalty where that is below all that the data
    resolve, in its inverse where nothing of the model is left, and logarithmic in between.

    Attributes:
        problem: the chain as arrays, every penalty 1.
        used: which rules occur.
        small: (N,) penalties below which hardly anything changes: the least eigenvalue, or the effective ridge that is
            left without a penalty where that is larger.
        large: penalty above which hardly anything is left of a model.
        critical: (N,) whether the error is infinite without a penalty: noisy labels of as many rows as directions.
    """

    problem: Inputs
    used: tuple[int, ...]
    small: Vector
    large: float
    critical: Any

    @property
    def ends(self) -> Vector:
        """(N,) coordinates from which on a penalty counts as infinite; that of no penalty is 0."""
        return self.infinite - NEARLY_ENDLESS

    @property
    def infinite(self) -> Vector:
        """(N,) coordinates of infinite penalties."""
        return np.asarray(np.log(self.large / self.small))

    def coordinates(self, penalties: Any) -> Any:
        """(N,) coordinates of penalties in [0, infinity]."""
        return coordinate(penalties, self.small, self.large)

    def penalties(self, coordinates: Any) -> Vector:
        """(N,) penalties at coordinates, 0 and infinity at the ends."""
        left = np.abs(np.expm1(np.minimum(coordinates - self.infinite, 0.0)))
        with np.errstate(divide="ignore"):
            return np.where(coordinates < self.ends, self.small * np.expm1(coordinates) / left, np.inf)

    def errors(self, coordinates: Any) -> Vector:
        """(N,) the excess error after every generation."""
        with jax.enable_x64(True):
            return _certified(_slope(self.problem, self._stretch(), coordinates, self._weights(None), self.used)[1])

    def slope(self, coordinates: Any, weights: Any = None) -> tuple[Vector, Vector]:
        """(N,) the errors, and (N,) the gradient of their weighted sum; of the last one where no weights are given."""
        with jax.enable_x64(True):
            near = np.maximum(coordinates, NEARLY_RIDGELESS)
            slope, errors = _slope(self.problem, self._stretch(), near, self._weights(weights), self.used)
            return _certified(errors) if np.all(near == coordinates) else self.errors(coordinates), _certified(slope)

    def curvature(self, coordinates: Any) -> Vector:
        """(N, N) the second derivatives of the last error in the coordinates."""
        with jax.enable_x64(True):
            near = np.maximum(coordinates, FOR_CURVATURE)
            given = self.problem, self._stretch(), near, self._weights(None)
            rows = [_curvature(*given, direction, self.used) for direction in np.eye(len(self.small))]
            return _certified(np.array(rows))

    def on_clean_labels(self) -> Penalised:
        """Every fit by itself, on labels of the truth."""
        own = self.problem.generations
        clean = own._replace(share=0.0 * own.share, disagreement=0.0 * own.disagreement)
        return self._replace(problem=self.problem._replace(generations=clean))

    def _stretch(self) -> tuple[Vector, Vector]:
        return self.small, self.infinite

    def _weights(self, weights: Any) -> Vector:
        return np.eye(len(self.small))[-1] if weights is None else np.asarray(weights, dtype=np.float64)


def coordinate(penalties: Any, small: Any, large: Any) -> Any:
    """The coordinate of penalties >= 0, numbers or tracers.

    >>> float(coordinate(np.inf, 1.0, np.e)), float(coordinate(0.0, 1.0, np.e))
    (1.0, 0.0)
    """
    endless = jnp.isinf(penalties) if isinstance(penalties, jax.Array) else np.isinf(penalties)
    where, log1p, log = (jnp.where, jnp.log1p, jnp.log) if isinstance(penalties, jax.Array) else _NUMPY
    bounded = where(endless, small, penalties)
    return where(endless, log(large / small), log1p(bounded / small) - log1p(bounded / large))


_NUMPY = (np.where, np.log1p, np.log)


def penalised(chain: Chain) -> Penalised:
    """Read a chain as a function of its penalties.

    Args:
        chain: numbers only; every fit is ridge regression or least squares, on fresh rows of its own generation that
            the model before it labels, alone or beside the truth. Its own penalties are not read.

    Raises:
        NoTheorem: for other chains, and where a generation after the first forgets all models before it.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=2, rows=40, noise=0.5)
    >>> free = penalised(chain)
    >>> free.errors(free.coordinates([0.0, 0.0])).round(12)  # 1/4 * 20/(40 - 20) for each generation
    array([0.25, 0.5 ])
    """
    refuse_symbols(chain)
    if not all(isinstance(step.estimator, Ridge | MinimumNorm) for step in chain.generations):
        raise NoTheorem("every fit is ridge regression or least squares", "predict(chain)")
    ridge = chain.with_(estimator=Ridge(1.0))
    reading = reading_of(ridge)
    if not isinstance(reading, tuple) or not all(step.rule is RESOLVENT for step in reading):
        raise NoTheorem("with a penalty, every fit is ridge regression on fresh rows of one kind", "predict(chain)")
    if any(step.restarts for step in reading[1:]):
        raise NoTheorem("every model has a share in the last one (no later generation starts from the truth)", _SHORTER)
    injection = np.ones((len(chain), 1))  # the error as a whole
    population, offsets = chain.population, offsets_in(reading)
    with jax.enable_x64(True):

        def on(spectra: Any) -> Penalised:
            return _scaled(inputs(ridge, reading, spectra, injection))

        fine = on(grouped_spectra(population, offsets, FINE))
        if not is_compressed(population):
            return fine
        probes = np.linspace(0.0, 1.0, 5)[:, None] * fine.ends
        coarse = on(grouped_spectra(population, offsets, COARSE))._replace(small=fine.small, large=fine.large)
        close = [np.allclose(fine.errors(y), coarse.errors(y), rtol=COMPRESSION_TOLERANCE, atol=0.0) for y in probes]
        return fine if all(close) else on(full_spectra(population, offsets))


_SHORTER = "the chain since it last started from the truth"


def _scaled(problem: Inputs) -> Penalised:
    """The scales of the penalties, from the spectrum and the effective ridges that no penalty leaves."""
    nodes, own = problem.spectra.nodes, problem.generations
    least, largest = float(jnp.min(nodes.s)), float(jnp.max(nodes.s))
    bare = _ridges(nodes.s, nodes.counts, jnp.asarray(own.rows, dtype=jnp.float64), least * RIDGELESS)
    small = np.maximum(least, np.asarray(bare))
    signal = float(jnp.sum(nodes.target)) or 1.0
    large = (largest + float(small.max())) * (1.0 + float(np.sum(own.noise_squared)) / signal)
    critical = (np.asarray(own.rows) == float(jnp.sum(nodes.counts))) & (np.asarray(own.noise_squared) > 0)
    return Penalised(problem, rules_used(problem), small / np.asarray(own.penalty), large, critical)


def _certified(values: Any) -> Vector:
    found: Vector = np.asarray(values, dtype=np.float64)
    if np.isnan(found).any():
        raise NotCertified("an effective ridge has no certificate: the spectrum is outside the range of float64")
    return found


@jax.jit
def _ridges(s: Any, counts: Any, rows: Any, penalty: Any) -> Any:
    """(N,) effective ridges."""
    return jax.vmap(lambda one: effective_ridge(s, counts, one, penalty).value)(rows)


def _weighted(problem: Inputs, stretch: Any, coordinates: Any, weights: Any, used: tuple[int, ...]) -> Any:
    """The weighted sum of the errors, and the errors."""
    small, infinite = (jnp.asarray(part) for part in stretch)
    y = jnp.asarray(coordinates)
    left = 1.0 / ENDLESS - jnp.expm1(y - infinite)
    own = problem.generations
    penalty = own.penalty * small * (jnp.expm1(y) / left + RIDGELESS)
    errors = recursion(problem._replace(generations=own._replace(penalty=penalty)), used).errors.sum(axis=1)
    return jnp.asarray(weights) @ errors, errors


_slope = jax.jit(jax.grad(_weighted, argnums=2, has_aux=True), static_argnames="used")


@partial(jax.jit, static_argnames="used")
def _curvature(problem: Inputs, stretch: Any, coordinates: Any, weights: Any, direction: Any, used: Any) -> Any:
    """(N,) the derivative of the slope in a direction: compiled sooner than all of them at once."""

    def slope(one: Any) -> Any:
        return _slope(problem, stretch, one, weights, used)[0]

    return jax.jvp(slope, (jnp.asarray(coordinates),), (jnp.asarray(direction),))[1]
