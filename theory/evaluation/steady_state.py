r"""Loops of equal generations: the fixed point of the forward recursion in closed form, and how fast they grow.

One generation labels its rows with theta times the model before, the truth and offsets having the rest (a_k each), and
fits them by a rule (theory/rules/one_step.py) that keeps k and loses l = 1 - k of the mean and takes a second moment M
to

    a M + sum_i c_i chi_i,        chi_i = g_i Tr[b_i M] (+ h sigma^2 for the noise).

The means settle at P = l/(1 - theta k), Q = k (1 - theta)/(1 - theta k), R_k = k a_k/(1 - theta k), with
1 - theta k = 1 - theta + theta l. With T the square of the mean labeller and w = 1/(1 - theta^2 a), the variance is

    U = w [(a - k^2) T + sum_i c_i chi_i],        chi = alpha + K chi,
    K_ij = theta^2 g_i Tr[b_i w c_j]  (+ h V Tr[w c_j] for the noise),

a linear system of as many equations as the rule has gains, one or two: V is the variance over the rows of the share of
the model before, by which the error of that model is their disagreement (theory/rules/several_labellers.py). The
recursion is linear and positive: it is bounded if and only if theta^2 a < 1 and the spectral radius of K is below 1.
Its growth rate z, the spectral radius of the linear map itself, is the largest z at which K has spectral radius 1 with
w = 1/(z - theta^2 a).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.family import require_chain
from ..chains.reading import WITH_ROOT, Step, read
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NotCertified, NoTheorem
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.one_step import Gain, OneStep
from ..rules.projection import PROJECTION
from .effective_ridge import effective_ridge, margins
from .inputs import Generations, Spectra, grouped_spectra, step_inputs
from .lowering import evaluate, run
from .recursion import disagreement_of, mean_of

_INSTEAD = "predict(chain), generation by generation"
CLOSEST = 1e-14  # relative width at which the search for the growth rate stops


class SteadyState(NamedTuple):
    """What a loop settles to.

    Attributes:
        error: the excess error after infinitely many generations; infinite where it grows for ever.
        bias: the part of it that is there without label noise.
        radius: spectral radius of K: the loop is bounded where it is below 1.
        by_mode: (nodes,) excess error of each node.
    """

    error: Any
    bias: Any
    radius: Any
    by_mode: Any


class _Loop(NamedTuple):
    """One generation's rule on a spectrum."""

    own: Generations  # of this generation alone
    spectra: Spectra
    local: Any  # (nodes,)
    kept: Any
    lost: Any
    gains: tuple[Gain, ...]
    environment: Any

    def value(self, expression: Any) -> Any:
        """A number of the rule."""
        return jnp.asarray(evaluate(expression, self.environment, self.spectra.nodes), dtype=jnp.float64)

    def function(self, expression: Any) -> Any:
        """A function of the direction, shape (nodes,)."""
        return jnp.broadcast_to(self.value(expression), self.spectra.nodes.s.shape)

    def trace(self, function: Any) -> Any:
        """The sum over all directions."""
        return (self.spectra.nodes.counts * function).sum()


def steady_state(chain: Chain) -> SteadyState:
    """What a chain settles to if its last generation is repeated for ever.

    $$ P = l/(1 - \\theta k), \\quad U = w [(a - k^2) T + \\sum_i c_i \\chi_i], \\quad \\chi = (1 - K)^{-1} \\alpha $$

    Args:
        chain: fits on fresh rows by `Ridge`, `MinimumNorm` or `RandomProjection`, labelled by the truth, shifted truths
            and the model before in any shares; numbers or tracers. Only its last generation matters.

    Returns:
        A `SteadyState`, in which the error is a deterministic equivalent (exact for single labellers and exact rules).

    Raises:
        NoTheorem: for other chains.

    Source: derived in theory/evaluation/steady_state.py.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(10), UniformTarget())
    >>> loop = blend_labels(population, 2, rows=31, noise=2.0, estimator=MinimumNorm(), real_share=0.5)
    >>> round(float(steady_state(loop).error), 12)  # s^2 u/(1 - 1/4), s^2 = 2, u = 10/(31 - 10 - 1)
    1.333333333333
    """
    step, spectra = _last(chain)
    with jax.enable_x64(True):
        found = _settled(_read(step, spectra, chain.population.spectrum.rank()))
        if not checks.is_concrete(found.error):
            return found
        infinite = step.infinite or (step.infinite_noise and (step.noise_squared > 0 or step.labelling.disagrees))
        if not infinite and np.isnan(found.error):
            raise NotCertified("the effective ridge of the loop has no certificate")
        return SteadyState(*(np.where(infinite, np.inf, value) for value in found))


def growth_rate(chain: Chain) -> float:
    """By how much the variance grows per generation if the last generation of a chain is repeated for ever.

    The spectral radius z of the linear map U -> U of one generation: above 1 the error grows exponentially, like z^g;
    below 1 it settles, and what is left fades like z^g.

    Args:
        chain: as for `steady_state`, with numbers.

    Raises:
        NoTheorem: for other chains.

    Source: derived in theory/evaluation/steady_state.py.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(20), UniformTarget())
    >>> loop = replace(population, 2, rows=33, noise=0.1, estimator=RandomProjection(12))
    >>> round(growth_rate(loop), 12)  # exact: m/d + (1 - m/d) m/(n - m - 1) = 0.6 + 0.4 * 12/20
    0.84
    """
    step, spectra = _last(chain)
    if step.infinite or (step.infinite_noise and _passes_on_disagreement(step)):
        return np.inf
    with jax.enable_x64(True):
        loop = _read(step, spectra, chain.population.spectrum.rank())
        carried = loop.own.share**2 * loop.local
        lowest = float(jnp.max(carried))

        def radius(z: float) -> float:
            return float(_radius(_coupling(loop, 1.0 / (z - carried))))

        return _crossing(radius, lowest)


def _passes_on_disagreement(step: Step) -> bool:
    """Whether the error of the model before becomes label noise."""
    covariance = step.labelling.covariance
    return covariance is not None and bool(covariance[0, 0] > 0)


def _crossing(radius: Any, lowest: float) -> float:
    """The z above `lowest` at which a decreasing radius is 1; `lowest` where it is below 1 throughout."""
    low, high = lowest * (1 + CLOSEST) + float(np.finfo(float).tiny), 2.0 * lowest + 1.0
    if radius(low) <= 1.0:
        return lowest
    while radius(high) > 1.0:
        low, high = high, 2.0 * high
    while high - low > CLOSEST * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if radius(middle) > 1.0 else (low, middle)
    return (low + high) / 2


def _last(chain: Chain) -> tuple[Step, Spectra]:
    require_chain(chain)
    # In the first generation the model before is the truth, in the loop it is not.
    repeated = Chain(chain.population, chain.generations * 2, chain.initial) if len(chain) == 1 else chain
    reading = read(repeated)
    if reading[-1].rule in (ACCUMULATED_ROWS, REPEATED_ROWS):
        raise NoTheorem("a loop of fits on fresh rows of one weight, by the truth and the model before", _INSTEAD)
    return reading[-1], grouped_spectra(chain.population, reading[-1].labelling.offsets)


def _read(step: Step, spectra: Spectra, rank: int) -> _Loop:
    """The rule of a generation evaluated on the spectrum."""
    problem = step_inputs((step,), spectra, rank, np.ones((1, 1)))
    own = jax.tree.map(lambda one: jnp.asarray(one)[0], problem.generations)
    spectra, nodes = problem.spectra, problem.spectra.nodes
    known = {x.rows: own.rows, x.width: own.width, x.rank: problem.rank, x.penalty: own.penalty}
    known[x.disturbance] = own.disturbance
    # The margin vanishes only where the noise is accounted for as infinite.
    margin = jnp.abs(own.rows - jnp.minimum(problem.rank, own.width)) - 1.0
    known[x.wishart_margin] = jnp.where(own.infinite_noise, 1.0, margin)
    rule = step.rule
    if rule in WITH_ROOT:
        root = effective_ridge(nodes.s, nodes.counts, own.rows, own.penalty, own.width)
        known[x.kappa] = jnp.where(root.certified, root.value, jnp.nan)
    if rule is PROJECTION:
        known[x.margin_1], known[x.width_margin_1] = margins(known[x.kappa], own.rows, own.penalty, own.width)
    environment = run([line for line in rule.definitions if line[0] not in known], known, nodes)
    local, gains = _gains(rule)
    bare = _Loop(own, spectra, None, None, None, gains, environment)
    return bare._replace(
        local=bare.function(local), kept=bare.function(rule.kept.result), lost=bare.function(rule.lost.result)
    )


@lru_cache(maxsize=16)
def _gains(rule: OneStep) -> tuple[Any, tuple[Gain, ...]]:
    return rule.gains()


def _settled(loop: _Loop) -> SteadyState:
    """The fixed point; every line is one of the derivation above."""
    theta, shifts, covariance, spectra = loop.own.share, loop.own.shifts, loop.own.disagreement, loop.spectra
    # 1 - theta k; a mean that nothing changes, theta = k = 1, stays where it starts, at the truth.
    left = 1.0 - theta + theta * loop.lost
    safe = jnp.where(left > 0, left, 1.0)
    lost = jnp.where(left > 0, loop.lost / safe, 0.0)
    held = jnp.where(left > 0, loop.kept * (1.0 - theta) / safe, 1.0)
    offsets = jnp.where(left > 0, loop.kept / safe, 0.0)[None, :] * shifts[:, None]
    labels = jnp.concatenate([(theta * held + 1.0 - theta)[None, :], theta * offsets + shifts[:, None]])
    errors = jnp.concatenate([-lost[None, :], offsets])
    square, mean_error = mean_of(labels, labels, spectra), mean_of(errors, errors, spectra)
    fluctuation = loop.local - loop.kept**2
    # 1 - theta^2 a
    room = left * (1.0 + theta * loop.kept) - theta**2 * fluctuation
    inverse = jnp.where(room > 0, 1.0 / jnp.where(room > 0, room, 1.0), jnp.inf)
    own = jnp.where(fluctuation != 0, inverse * fluctuation * square, 0.0)
    coupling = _coupling(loop, inverse)
    radius = _radius(coupling)
    fed = disagreement_of(covariance, errors, spectra) + covariance[0, 0] * loop.trace(own)
    system = jnp.eye(len(loop.gains)) - jnp.where(radius < 1, coupling, 0.0)

    def variance(forcing: list[Any]) -> Any:
        chi = jnp.linalg.solve(system, jnp.stack(forcing))
        grows = jnp.any(jnp.stack(forcing) > 0) & ~(radius < 1)
        return jnp.where(grows, jnp.inf, _collected(loop, inverse, chi))

    passed_on = square + theta**2 * own
    noise_free = variance([_driven(loop, one, passed_on) + loop.value(one.noise) * fed for one in loop.gains])
    noisy = variance([loop.value(one.noise) * loop.own.noise_squared for one in loop.gains])
    quiet = mean_error + own + noise_free
    by_mode = quiet + noisy
    return SteadyState(loop.trace(by_mode), loop.trace(quiet), radius, by_mode)


def _coupling(loop: _Loop, inverse: Any) -> Any:
    """K; `inverse` is w."""
    spread, rows = loop.own.disagreement[0, 0], []
    for gain in loop.gains:
        row = []
        for other in loop.gains:
            collected = loop.function(other.collected)
            # Where nothing is collected, an infinite w does not matter.
            passed = jnp.where(collected > 0, inverse * collected, 0.0)
            noise = loop.value(gain.noise) * spread * loop.trace(passed)
            row.append(_driven(loop, gain, loop.own.share**2 * passed) + noise)
        rows.append(jnp.stack(row))
    return jnp.stack(rows)


def _driven(loop: _Loop, gain: Gain, square: Any) -> Any:
    """The sum of g Tr[b M]."""
    terms = [loop.value(number) * loop.trace(loop.function(emitted) * square) for number, emitted in gain.pairs]
    return sum(terms, start=jnp.asarray(0.0))


def _collected(loop: _Loop, inverse: Any, chi: Any) -> Any:
    """The sum of w c chi."""
    total = jnp.zeros_like(inverse)
    for gain, value in zip(loop.gains, chi, strict=True):
        collected = loop.function(gain.collected)
        total = total + jnp.where(collected * value > 0, inverse * collected * value, 0.0)
    return total


def _radius(coupling: Any) -> Any:
    """The spectral radius of a matrix of one or two rows that is not negative."""
    if coupling.shape[0] == 1:
        return coupling[0, 0]
    (a, b), (c, d) = coupling
    return (a + d + jnp.sqrt((a - d) ** 2 + 4.0 * b * c)) / 2.0
