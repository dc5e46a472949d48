"""Where the arithmetic of a sampler runs: NumPy on the host, or JAX on whatever device JAX has.

Both draw one law from different streams. A replicate depends on the seed and on its own number only: NumPy has one
stream for every `BLOCK` replicates, generation and purpose, JAX one key for every replicate, generation and purpose.
The last axis of all arrays is the replicates. A draw of more numbers begins with those of a draw of fewer.
"""

from __future__ import annotations

import itertools
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

NORMAL, CHI, OWN, OWN_CHI = range(4)
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

    def draws(self, seed: int, replicates: Any, generation: Any, lanes: range | None = None) -> Draws:
        """The random numbers of a generation; 0 is what is drawn before all of them.

        Args:
            seed: of the simulation.
            replicates: numbers in a row, the first a multiple of `BLOCK`, of whole blocks.
            generation: its number.
            lanes: places of the replicates that are asked for, None for all; of the others no rows are drawn.
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

        asked = range(len(replicates)) if lanes is None else lanes

        def own(lane: int, purpose: int) -> np.random.Generator:
            return _own_stream(seed, blocks[lane // BLOCK], purpose, int(generation), lane % BLOCK)

        def own_chi(freedom: Numbers) -> Numbers:
            half, drawn = np.maximum(freedom, 1.0) / 2, np.ones(freedom.shape)
            for lane in asked:
                drawn[:, lane] = own(lane, OWN_CHI).standard_gamma(half[:, lane])
            return np.sqrt(np.where(freedom > 0, 2.0, 0.0) * drawn)

        def each(function: Callable[..., Numbers], *over: Numbers) -> Numbers:
            found = {}
            for lane in asked:
                stream = own(lane, OWN)
                given = (array[..., lane] for array in over)
                found[lane] = function(Own(stream.standard_normal, stream.random), *given)
            nothing = np.zeros_like(found[asked[0]])
            return np.stack([found.get(lane, nothing) for lane in range(len(replicates))], axis=-1)

        return Draws(normal, chi, own_chi, each)

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

    def least(self, values: Numbers, count: Any) -> Numbers:
        """Whether each value is among so many of the least."""
        found = np.ones(values.shape, bool)
        if count < values.size:
            found[np.argpartition(values, int(count) - 1)[int(count) :]] = False
        return found


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

        def own_chi(freedom: Numbers) -> Numbers:
            return chi_of_keys(keys(OWN_CHI), freedom.T.astype(self.dtype)).T

        def each(function: Callable[..., Numbers], *over: Numbers) -> Numbers:
            def of(given: Any) -> Numbers:
                return function(_own(given[0], self.dtype), *given[1:])

            return jnp.moveaxis(jax.lax.map(of, (keys(OWN), *(jnp.moveaxis(array, -1, 0) for array in over))), 0, -1)

        return Draws(normal, chi, own_chi, each)

    def scan(self, step: Callable[[Any, Any], tuple[Any, Any]], state: Any, over: Any) -> tuple[Any, Any]:
        """`jax.lax.scan`."""
        return jax.lax.scan(step, state, over)

    def either(self, choice: Any, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
        """One of two computations; the other is not done."""
        return jax.lax.cond(choice, first, second)

    def least(self, values: Numbers, count: Any) -> Numbers:
        """Whether each value is among so many of the least."""
        return jnp.argsort(jnp.argsort(values)).astype(values.dtype) < count


@dataclass(frozen=True)
class Draws:
    """What can be drawn, each once, with the replicates as the last axis.

    Attributes:
        normal: so many standard normals.
        chi: with degrees of freedom of shape (count,).
        own_chi: with degrees of freedom of their own, shape (count, replicates).
        each: of a function of `Own` and of arrays without their last axis, its vectors for one replicate after another,
            whose numbers would not fit into memory side by side.
    """

    normal: Callable[[int], Numbers]
    chi: Callable[[Numbers], Numbers]
    own_chi: Callable[[Numbers], Numbers]
    each: Callable[..., Numbers]


@dataclass(frozen=True)
class Own:
    """What one replicate draws for itself, anew at each call: `normal(count)` and `uniform(count)`."""

    normal: Callable[[int], Numbers]
    uniform: Callable[[int], Numbers]


def _own(key: Any, dtype: str) -> Own:
    """Each call has a key of its own."""
    calls = itertools.count()

    def fresh() -> Any:
        return jax.random.fold_in(key, next(calls))

    return Own(
        lambda size: jax.random.normal(fresh(), (size,), dtype),
        lambda size: jax.random.uniform(fresh(), (size,), dtype),
    )


def _own_stream(seed: int, block: int, purpose: int, generation: int, lane: int) -> np.random.Generator:
    """The stream of one replicate alone."""
    sequence: Any = _Words(_words_of_lanes(seed, block, purpose, generation)[lane])
    return np.random.Generator(np.random.SFC64(sequence))


@lru_cache(maxsize=64)
def _words_of_lanes(seed: int, block: int, purpose: int, generation: int) -> NDArray[np.unsignedinteger]:
    """Three words for each replicate of a block."""
    drawn = np.random.SeedSequence([seed, block, purpose, generation]).generate_state(3 * BLOCK, np.uint64)
    return drawn.reshape(BLOCK, 3)


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
