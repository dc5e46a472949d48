"""Reduction: derived programs in positive generators."""

from .reduced import Reduced as Reduced
from .reduced import reduced as reduced
