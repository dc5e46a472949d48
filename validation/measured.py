"""What figures and comparisons read: any object with these attributes will do."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Predicted(Protocol):
    """Theory, one value per generation; a `Prediction` is one."""

    @property
    def error(self) -> Array: ...

    @property
    def bias(self) -> Array: ...

    @property
    def by_generation(self) -> Array: ...


class Measured(Protocol):
    """An experiment, one mean and one standard error per generation; a `Simulation` is one."""

    @property
    def mean(self) -> Array: ...

    @property
    def standard_error(self) -> Array: ...
