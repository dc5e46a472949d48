"""Derivatives of predictions, in float64 from any world."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..problem import checks
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import NotCertified
from .builder import built, position, require_builder
from .prediction import traced_error


def precise() -> AbstractContextManager[Any]:
    """A context in which JAX computes in float64: `with mc.precise():` composes with jax.grad, vmap and jit by hand.

    >>> import jax.numpy as jnp
    >>> with precise():
    ...     jnp.ones(1).dtype
    dtype('float64')
    """
    context: AbstractContextManager[Any] = jax.enable_x64(True)
    return context


def gradient(chain_builder: Callable[[Any], Chain], generation: int = -1) -> Callable[[Any], Vector]:
    """The gradient of a generation's excess error with respect to an array that a chain is built from.

    Args:
        chain_builder: array -> `Chain`; called once with a traced float64 array.
        generation: which error, 1..N, or -1 for the last.

    Returns:
        A function of a number or an array, returning NumPy float64 of the same shape (implicit function theorem).

    Raises:
        SpecificationError: where the chain or the generation is impossible.
        NotCertified: where the derivative is not finite.

    >>> import modelcollapse as mc
    >>> population = mc.Population(mc.Isotropic(10), mc.UniformTarget())
    >>> build = lambda noise: mc.replace(population, generations=2, rows=31, noise=noise, estimator=mc.MinimumNorm())
    >>> gradient(build)(3.0)  # d/ds of 2 s^2 10/(31 - 10 - 1) = s^2
    array(6.)
    """
    require_builder(chain_builder)

    def error_of(x: Any) -> Any:
        chain = built(chain_builder, x)
        return traced_error(chain)[position(generation, len(chain))]

    def derivative(x: Any) -> Vector:
        with jax.enable_x64(True):
            concrete = checks.vector("x", np.ravel(x), negative=True).reshape(np.shape(x))
            built(chain_builder, concrete if concrete.ndim else float(concrete))  # numbers are checked, tracers pass
            point = jnp.asarray(concrete)
            if point.size == 1:  # forwards: compiled in half the time
                error, slope = jax.jvp(error_of, (point,), (jnp.ones_like(point),))
                slope = jnp.reshape(slope, point.shape)
            else:
                error, slope = jax.value_and_grad(error_of)(point)
            value = np.asarray(slope, dtype=np.float64)
        if not np.isfinite(float(error)) or not np.all(np.isfinite(value)):
            raise NotCertified(
                "the error has no finite derivative here (infinite risk, or an uncertified effective ridge)"
            )
        return value

    return derivative
