"""The work of a classification experiment, one batch of replicates at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from ...theory.problem.errors import NotCertified
from ..execution.memory import fitting_batch
from .replicate import replicate
from .setting import Numbers, Setting

TOLERANCE = 1e-6  # largest relative rounding error of w that is let through
COMPILED = 32

Measured = NDArray[np.float64]


@dataclass(frozen=True)
class ClassificationWork:
    """What one batch after another is made of; NumPy only, so that it can be sent to other processes."""

    setting: Setting
    numbers: Numbers
    seed: int

    @property
    def size(self) -> int:
        """Replicates in a batch."""
        rows, dimension = self.setting.rows, self.setting.dimension
        coordinates = self.setting.directions if self.setting.sampler.for_any_rows else dimension
        return fitting_batch(8 * (6 * rows * (coordinates + 2) + 8 * dimension**2), rows)

    def batch(self, first: int, wanted: int) -> Measured:
        """w along mu, w across it and the number of kept rows, for replicates first, ..., first + wanted - 1.

        Raises:
            NotCertified: when a fit is not known to a relative accuracy of `TOLERANCE`.
        """
        numbers = (first + np.arange(self.size)).astype(np.uint32)
        with jax.enable_x64(True):
            fitted = _compiled(self.setting)(self.numbers, jax.random.key(self.seed), numbers)
        along, across, kept, doubt = (np.asarray(part)[:wanted] for part in fitted)
        unsure = np.flatnonzero((kept > 0) & ~(doubt <= TOLERANCE))
        if unsure.size:
            raise NotCertified(
                f"the fit of replicate {first + int(unsure[0])} is spoiled by rounding: raise the penalty"
            )
        return np.stack([along, across, kept], axis=1)


@lru_cache(maxsize=COMPILED)
def _compiled(setting: Setting) -> Callable[..., Any]:
    def _batch(numbers: Numbers, root: Array, indices: Array) -> Any:
        return jax.vmap(partial(replicate, setting, numbers, root))(jnp.asarray(indices))

    # As for chains: most of the time goes into library calls, which LLVM's passes do nothing for.
    options = {"xla_backend_optimization_level": 1} if jax.default_backend() == "cpu" else {}
    return jax.jit(_batch, compiler_options=options)
