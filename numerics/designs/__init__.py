"""Designs: where the rows of covariates come from."""

from typing import TypeAlias

from .gaussian import GAUSSIAN as GAUSSIAN
from .gaussian import Gaussian as Gaussian
from .resampled_rows import ResampledRows as ResampledRows

Design: TypeAlias = Gaussian | ResampledRows
