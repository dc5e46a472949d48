"""The arithmetics in which a program is evaluated: NumPy and JAX in float64, mpmath in as many digits as asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, final

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

State = Any


class Arithmetic(ABC):
    """What the interpreter asks of numbers."""

    @abstractmethod
    def number(self, value: int | Fraction) -> Any:
        """An exact number."""

    @abstractmethod
    def log(self, value: Any) -> Any:
        """The logarithm of a number."""

    @abstractmethod
    def exp(self, value: Any) -> Any:
        """The exponential of a number."""

    @abstractmethod
    def solve(self, matrix: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Any]:
        """The solution of a small linear system."""

    @abstractmethod
    def clip(self, value: Any) -> Any:
        """A number moved into [-1, 1]."""

    def largest(self, values: Sequence[Any]) -> Any:
        """The largest of some numbers; one that is none is larger than all."""
        return next((value for value in values if value != value), max(values))

    def constant(self, value: Any) -> Any:
        """The value without its derivatives, where it has any."""
        return value

    def term(self, value: Any) -> Any:
        """One term of a sum, as rounded."""
        return value

    def total(self, weights: Any, values: Any) -> Any:
        """The weighted sum over the nodes of a spectrum."""
        return (weights * values).sum()

    def repeat(self, count: int, body: Callable[[Any, State], State], state: State) -> State:
        """body applied `count` times, with the number of the step."""
        for step in range(count):
            state = body(step, state)
        return state


@final
class Float64(Arithmetic):
    """NumPy."""

    def number(self, value: int | Fraction) -> Any:
        return float(value)

    def log(self, value: Any) -> Any:
        return np.log(value)

    def exp(self, value: Any) -> Any:
        return np.exp(value)

    def clip(self, value: Any) -> Any:
        return np.clip(value, -1.0, 1.0)

    def solve(self, matrix: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Any]:
        return list(np.linalg.solve(np.array(matrix), np.array(right)))


@final
class Traced(Arithmetic):
    """JAX, inside `jax.enable_x64(True)`; differentiable."""

    def number(self, value: int | Fraction) -> Any:
        return float(value)

    def log(self, value: Any) -> Any:
        return jnp.log(value)

    def exp(self, value: Any) -> Any:
        return jnp.exp(value)

    def clip(self, value: Any) -> Any:
        return jnp.clip(value, -1.0, 1.0)

    def solve(self, matrix: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Any]:
        rows = jnp.stack([jnp.stack([jnp.asarray(entry, dtype=jnp.float64) for entry in row]) for row in matrix])
        solution = jnp.linalg.solve(rows, jnp.stack([jnp.asarray(entry, dtype=jnp.float64) for entry in right]))
        return [solution[k] for k in range(len(right))]

    def largest(self, values: Sequence[Any]) -> Any:
        return jnp.max(jnp.stack([jnp.asarray(value, dtype=jnp.float64) for value in values]))

    def constant(self, value: Any) -> Any:
        return jax.lax.stop_gradient(value)

    def repeat(self, count: int, body: Callable[[Any, State], State], state: State) -> State:
        return jax.lax.fori_loop(0, count, body, state)


@final
class Digits(Arithmetic):
    """mpmath, inside `mpmath.workdps(digits)`; arrays of nodes are NumPy arrays of its numbers."""

    def number(self, value: int | Fraction) -> Any:
        return mpmath.mpf(value.numerator) / value.denominator

    def log(self, value: Any) -> Any:
        return mpmath.log(value)

    def exp(self, value: Any) -> Any:
        return mpmath.exp(value)

    def clip(self, value: Any) -> Any:
        return max(min(value, mpmath.mpf(1)), mpmath.mpf(-1))

    def total(self, weights: Any, values: Any) -> Any:
        return mpmath.fdot(zip(weights, np.broadcast_to(values, np.shape(weights)), strict=True))

    def solve(self, matrix: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Any]:
        return list(mpmath.lu_solve(mpmath.matrix(matrix), mpmath.matrix(right)))


@final
class Disturbed(Arithmetic):
    """Another arithmetic with every term of a sum off by a relative `size` times a fixed random number in [-1, 1].

    Rounding does the same, so the change of a result shows how many digits it lost.
    """

    def __init__(self, base: Arithmetic, seed: int, size: Any) -> None:
        self.base, self.size = base, size
        self._random = np.random.default_rng(seed)

    def term(self, value: Any) -> Any:
        return value * (self.base.number(1) + self.size * self.base.number(Fraction(self._random.uniform(-1, 1))))

    def number(self, value: int | Fraction) -> Any:
        return self.base.number(value)

    def log(self, value: Any) -> Any:
        return self.base.log(value)

    def exp(self, value: Any) -> Any:
        return self.base.exp(value)

    def clip(self, value: Any) -> Any:
        return self.base.clip(value)

    def largest(self, values: Sequence[Any]) -> Any:
        return self.base.largest(values)

    def constant(self, value: Any) -> Any:
        return self.base.constant(value)

    def total(self, weights: Any, values: Any) -> Any:
        return self.term(self.base.total(weights, values))

    def solve(self, matrix: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Any]:
        return self.base.solve(matrix, right)

    def repeat(self, count: int, body: Callable[[Any, State], State], state: State) -> State:
        return self.base.repeat(count, body, state)
