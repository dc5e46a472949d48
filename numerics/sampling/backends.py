"""Where the arithmetic of a sampler runs: NumPy on the host, or JAX on whatever device JAX has.

Both draw one law from different streams. A replicate depends on the seed and on its own number only: NumPy has one
stream for every `BLOCK` replicates, generation and purpose, JAX one key for every replicate, generation and purpose.
The last axis of all arrays is the replicates. A draw of more numbers begins with those of a draw of fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias, final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from .chi import chi as chi_of_keys

Numbers: TypeAlias = Any
BLOCK = 256  # replicates that share a stream of NumPy

NORMAL, CHI = 0, 1
# Relative errors that are let through: by what is cut off (of half of it, and all of it may do some times as much), and
# the bound on what rounding does, which is far above it.
TRUNCATION, TRUNCATION_OF_SINGLE = 2e-11, 1e-5
ROUNDING, ROUNDING_OF_SINGLE = 1e-6, 1e-2
EPOCH = 128  # generations whose streams are seeded together


@final
@dataclass(frozen=True)
class NumPyBackend:
    """Loops of Python over vectors of replicates."""

    step_of_lengths: ClassVar[int] = 16
    dtype: ClassVar[str] = "float64"
    truncation: ClassVar[float] = TRUNCATION
    rounding: ClassVar[float] = ROUNDING
    batch: ClassVar[int] = 2048  # replicates side by side: a vector of them stays in the cache

    @property
    def numbers(self) -> Any:
        """The namespace of array functions."""
        return np

    def draws(self, seed: int, replicates: Any, generation: Any) -> Draws:
        """The random numbers of a generation; 0 is what is drawn before all of them.

        Args:
            seed: of the simulation.
            replicates: numbers in a row, the first a multiple of `BLOCK`, of whole blocks.
            generation: its number.
        """
        blocks = [int(first) // BLOCK for first in replicates[::BLOCK]]

        def normal(count: int) -> Numbers:
            drawn = np.empty((count, len(blocks), BLOCK))
            for place, block in enumerate(blocks):
                drawn[:, place] = _stream(seed, block, NORMAL, int(generation)).standard_normal((count, BLOCK))
            return drawn.reshape(count, -1)

        def chi(freedom: Numbers) -> Numbers:
            half = np.maximum(freedom, 1.0)[:, None] / 2
            drawn = np.empty((half.shape[0], len(blocks), BLOCK))
            for place, block in enumerate(blocks):
                stream = _stream(seed, block, CHI, int(generation))
                drawn[:, place] = stream.standard_gamma(half, (half.shape[0], BLOCK))
            drawn *= np.where(freedom > 0, 2.0, 0.0)[:, None, None]
            return np.sqrt(drawn, out=drawn).reshape(half.shape[0], -1)

        return Draws(normal, chi)

    def scan(self, step: Callable[[Any, Any], tuple[Any, Any]], state: Any, over: Any) -> tuple[Any, Any]:
        """`jax.lax.scan` for tuples of arrays."""
        found = []
        for index in range(jax.tree.leaves(over)[0].shape[0]):
            state, out = step(state, jax.tree.map(lambda value, index=index: value[index], over))
            found.append(out)
        return state, jax.tree.map(lambda *each: np.stack(each), *found)

    def either(self, choice: Any, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
        """One of two computations."""
        return first() if choice else second()


@final
@dataclass(frozen=True)
class JaxBackend:
    """One compilation for all numbers of rows, penalties and noises.

    Attributes:
        dtype: `float64`, or `float32` for devices that are slow otherwise.
        batch: replicates side by side.
    """

    step_of_lengths: ClassVar[int] = 128  # few lengths of bands: each is a compilation
    dtype: str = "float64"
    batch: int = 1024

    @property
    def numbers(self) -> Any:
        """The namespace of array functions."""
        return jnp

    @property
    def truncation(self) -> float:
        """Largest relative error by what is cut off."""
        return TRUNCATION if self.dtype == "float64" else TRUNCATION_OF_SINGLE

    @property
    def rounding(self) -> float:
        """Largest bound on a relative rounding error."""
        return ROUNDING if self.dtype == "float64" else ROUNDING_OF_SINGLE

    def ready(self, parts: Any) -> Any:
        """Arrays in the precision of the computation."""
        return jax.tree.map(lambda part: jnp.asarray(part, self.dtype if part.dtype.kind == "f" else None), parts)

    def draws(self, seed: Any, replicates: Any, generation: Any) -> Draws:
        """The random numbers of a generation; 0 is what is drawn before all of them.

        Args:
            seed: key of the simulation.
            replicates: any numbers.
            generation: its number.
        """

        def keys(purpose: int) -> Any:
            def of(number: Any) -> Any:
                return jax.random.fold_in(jax.random.fold_in(jax.random.fold_in(seed, number), generation), purpose)

            return jax.vmap(of)(replicates)

        def normal(count: int) -> Numbers:
            return jax.vmap(lambda key: jax.random.normal(key, (count,), self.dtype))(keys(NORMAL)).T

        def chi(freedom: Numbers) -> Numbers:
            return chi_of_keys(keys(CHI), freedom.astype(self.dtype)).T

        return Draws(normal, chi)

    def scan(self, step: Callable[[Any, Any], tuple[Any, Any]], state: Any, over: Any) -> tuple[Any, Any]:
        """`jax.lax.scan`."""
        return jax.lax.scan(step, state, over)

    def either(self, choice: Any, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
        """One of two computations; the other is not done."""
        return jax.lax.cond(choice, first, second)


@dataclass(frozen=True)
class Draws:
    """What can be drawn, each once: `normal(count)` and `chi(freedom)`, with the replicates as the last axis."""

    normal: Callable[[int], Numbers]
    chi: Callable[[Numbers], Numbers]


def _stream(seed: int, block: int, purpose: int, generation: int) -> np.random.Generator:
    """The stream of a block, begun from words of its own."""
    words = _words(seed, block, purpose, generation // EPOCH)[generation % EPOCH]
    sequence: Any = _Words(words)
    return np.random.Generator(np.random.SFC64(sequence))


class _Words(ISeedSequence):
    """Words that are random already: no hashing."""

    def __init__(self, words: NDArray[np.unsignedinteger]) -> None:
        self._words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        return self._words[:n_words]


@lru_cache(maxsize=256)
def _words(seed: int, block: int, purpose: int, epoch: int) -> NDArray[np.unsignedinteger]:
    """Three words for each of `EPOCH` generations: numbering them one by one would cost more than using them."""
    return np.random.SeedSequence([seed, block, purpose, epoch]).generate_state(3 * EPOCH, np.uint64).reshape(EPOCH, 3)


def namespace(array: Numbers) -> Any:
    """The namespace of an array's functions."""
    return jnp if isinstance(array, jax.Array) else np


Backend: TypeAlias = NumPyBackend | JaxBackend
NUMPY = NumPyBackend()
JAX = JaxBackend()
