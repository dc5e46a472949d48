"""Sampling: how what a fit sees of Gaussian rows is drawn, and which way is chosen for a chain."""

from typing import TypeAlias

from .banded.sampler import BANDED as BANDED
from .banded.sampler import Banded as Banded
from .lazy_gaussian import LAZY_GAUSSIAN as LAZY_GAUSSIAN
from .lazy_gaussian import LazyGaussian as LazyGaussian
from .least_squares_walk import LEAST_SQUARES_WALK as LEAST_SQUARES_WALK
from .least_squares_walk import LeastSquaresWalk as LeastSquaresWalk
from .naive import NAIVE as NAIVE
from .naive import Naive as Naive
from .one_design import ONE_DESIGN as ONE_DESIGN
from .one_design import OneDesign as OneDesign
from .sufficient_statistics import SUFFICIENT_STATISTICS as SUFFICIENT_STATISTICS
from .sufficient_statistics import SufficientStatistics as SufficientStatistics
from .verified_statistics import VERIFIED_STATISTICS as VERIFIED_STATISTICS
from .verified_statistics import VerifiedStatistics as VerifiedStatistics
from .wishart import WISHART as WISHART
from .wishart import Wishart as Wishart

# They draw rows, or what stands for rows, in one program for all chains.
RowSampler: TypeAlias = Naive | SufficientStatistics | VerifiedStatistics
# They know of no rows: each is a program of its own.
Sampler: TypeAlias = RowSampler | LeastSquaresWalk | OneDesign | Banded | LazyGaussian | Wishart
