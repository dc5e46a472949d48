"""Designs: where the rows of covariates come from."""

from typing import TypeAlias

from .gaussian import GAUSSIAN as GAUSSIAN
from .gaussian import Gaussian as Gaussian
from .resampled_rows import ResampledRows as ResampledRows
from .universality import RADEMACHER as RADEMACHER
from .universality import Rademacher as Rademacher
from .universality import StudentT as StudentT

Design: TypeAlias = Gaussian | ResampledRows | Rademacher | StudentT
