"""Least squares on enough rows: the error is a random walk, whatever the covariance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from ...theory.problem.chain import Chain
from ..reading.fresh_rows import fresh_rows, obstacle
from ..reading.levels import Level, one_level, require_numbers
from .backends import NUMPY, Backend, Draws, Numbers
from .frame import Frame, Vectors, frame, remembered
from .lanes import Lanes


class Fits(NamedTuple):
    """The fits of the generations."""

    freedom: Numbers  # (generations, 1) rows - rank + 1
    noise: Numbers  # (generations,)
    share: Numbers  # (generations, basis) of the one labeller
    write: Numbers  # (generations,)


@final
@dataclass(frozen=True)
class LeastSquaresWalk:
    r"""Least squares on T >= d fresh rows with one labeller b steps away from b as far as its noise and rows say.

    $$ \Sigma^{1/2} (w - b) = \sigma (Z'Z)^{-1} Z' \varepsilon \sim \sigma g / \chi_{T - d + 1}, \; g \sim N(0, I) $$

    Exact in law for any covariance of rank d. Costs a few random numbers for each fit.
    """

    title: ClassVar[str] = "least-squares walk: each fit is a Gaussian step away from its labels"
    backend: Backend = NUMPY

    def obstacle(self, chain: Chain) -> str:
        """Why the errors of a chain are no such walk; empty where they are."""
        found = obstacle(chain)
        if found:
            return found
        fits, slots, _ = fresh_rows(chain)
        if fits.ridge.any():
            return "models are penalised"
        if fits.rows.shape[1] > 1:
            return "rows have several labellers"
        require_numbers(chain.population)
        if fits.rows.min() < chain.population.spectrum.rank():
            return "there are fewer rows than directions"
        level = _level(chain)
        if level is None:
            return "the start of the chain is random in a way that rotations see"
        if frame([level], slots)[0].axes >= level.multiplicity:
            return "there are hardly more directions than models to remember"
        return ""

    def work(self, chain: Chain, seed: int) -> WalkWork:
        """The work of a chain without `obstacle`."""
        fits, slots, _ = fresh_rows(chain)
        level = _level(chain)
        assert level is not None
        shape, vectors = frame([level], slots)
        freedom = fits.rows[:, :1] - level.multiplicity + 1
        steps = Fits(freedom, fits.noise[:, 0], fits.share[:, 0], fits.write)
        return WalkWork(Lanes(Walk(shape), self.backend, (vectors, steps), seed))


LEAST_SQUARES_WALK = LeastSquaresWalk()


@dataclass(frozen=True)
class WalkWork:
    """Batches of walks."""

    lanes: Lanes

    @property
    def size(self) -> int:
        """Replicates in a batch."""
        return self.lanes.backend.batch

    def batch(self, first: int, wanted: int) -> NDArray[np.float64]:
        """Errors of replicates first, ..., first + wanted - 1, shape (wanted, generations)."""
        return self.lanes.fields(first, wanted)[0]


@dataclass(frozen=True)
class Walk:
    """The replicates of a walk; see `Lanes`."""

    frame: Frame

    def __call__(self, backend: Backend, parts: tuple[Vectors, Fits], draws: Callable[[Any], Draws]) -> tuple[Numbers]:
        """Errors of shape (generations, replicates)."""
        (vectors, fits), xp, frame = parts, backend.numbers, self.frame
        fixed = frame.draw(xp, vectors, draws(0))
        offsets, initial = fixed[:-1], fixed[-1]
        slots = xp.concatenate([initial[None], xp.zeros_like(initial)[None].repeat(frame.slots - 1, axis=0)])
        beyond = vectors.multiplicity - frame.axes

        def fit(slots: Numbers, numbered: tuple[Any, Fits]) -> tuple[Numbers, Numbers]:
            generation, step = numbered
            drawn = draws(generation)
            normal = drawn.normal(frame.axes)
            length, outside = drawn.chi(xp.concatenate([step.freedom, beyond[None]]))
            size = step.noise / length
            basis = xp.concatenate([slots, offsets])
            model = xp.sum(step.share[:, None, None] * basis, axis=0) + size[None] * normal
            error = xp.sum(model**2, axis=0) + (size * outside) ** 2
            return remembered(xp, slots, step.write, model, size * outside, frame.fixed), error

        numbers = xp.arange(1, fits.write.shape[0] + 1)
        return (backend.scan(fit, slots, (numbers, fits))[1],)


def _level(chain: Chain) -> Level | None:
    """All directions, with the offsets and model 0 in them."""
    offsets = fresh_rows(chain)[2]
    vectors = [*(("offset", shifted.offset) for shifted in offsets), ("initial", chain.initial)]
    return one_level(chain.population.spectrum, vectors)
