"""What is compiled for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jax import Array

from .estimators.forms import Form
from .sampling import RowSampler
from .selections.judging import Rules


@dataclass(frozen=True)
class Structure:
    """The shapes and the kinds of a chain. Everything else is traced."""

    generations: int
    rows: int  # places in a block of generated rows
    directions: int
    shelf: int  # places of rows that are read again
    fitted: int  # places in a fit
    slots: int  # models that are remembered
    features: int  # widest random projection
    forms: tuple[Form, ...]  # that some generation is fitted in
    alike: bool  # the rows of each generation have one labeller, one noise and one weight
    reuses_labels: bool  # a label is read again by a later generation
    shrinks: bool  # a refitted covariance is shrunk
    cuts: bool  # a refitted covariance is cut to its leading directions
    sampler: RowSampler
    draw: Callable[[Array, int, int, Any], Array]
    rules: Rules | None = None  # of the verifiers; None where every row is kept

    @property
    def columns(self) -> int:
        """Label noises that must be followed one by one to integrate them out; 0 where a covariance does."""
        return self.generations * self.rows if self.reuses_labels or self.slots > 1 else 0
