"""Sampling: how the rows of fresh Gaussian sources are drawn, and which way is chosen for a chain."""

from typing import TypeAlias

from .naive import NAIVE as NAIVE
from .naive import Naive as Naive
from .sufficient_statistics import SUFFICIENT_STATISTICS as SUFFICIENT_STATISTICS
from .sufficient_statistics import SufficientStatistics as SufficientStatistics
from .verified_statistics import VERIFIED_STATISTICS as VERIFIED_STATISTICS
from .verified_statistics import VerifiedStatistics as VerifiedStatistics

Sampler: TypeAlias = Naive | SufficientStatistics | VerifiedStatistics
