"""Sources: rows that enter a generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from . import checks
from .checks import Scalar
from .covariates import FRESH, Covariates, SameRows, require_covariates
from .errors import SpecificationError
from .labels import TRUTH, Blend, LabelledBy, Labels, Lottery, Previous, Recorded, Shifted, Truth, labellers
from .spectrum import Spectrum

_COVARIANCES = (
    "None or a Spectrum: eigenvalues in the population's eigenbasis (covariances that do not commute are not supported)"
)


@final
@dataclass(frozen=True)
class Source:
    """`rows` generated rows with labels y = (what `labels` says) + noise * N(0, 1).

    Args:
        rows: number of rows generated, a whole number >= 1.
        noise: standard deviation of the label noise, >= 0.
        labels: who labels the rows: `TRUTH`, `PREVIOUS`, `LabelledBy`, `Shifted`, `Blend`, `Lottery` or `Recorded`.
        weight: of each row in the objective, >= 0; a source of weight 0 counts in its 1/n, but is not fitted.
        covariance: of the rows, a `Spectrum` in the population's eigenbasis, paired by position; None is the
            population's own. Errors are always measured with the population's.
        covariates: `FRESH`, `SameRows`, `Refitted` or `Perturbed`.

    >>> from modelcollapse.theory.problem import PREVIOUS
    >>> Source(100, 0.3, PREVIOUS)
    Source(rows=100, noise=0.3, labels=Previous())
    """

    rows: Any
    noise: Scalar
    labels: Labels = TRUTH
    weight: Scalar = 1.0
    covariance: Spectrum | None = None
    covariates: Covariates = FRESH

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", checks.size("rows", self.rows))
        object.__setattr__(self, "noise", checks.nonnegative("noise", self.noise))
        if not isinstance(self.labels, Truth | Previous | LabelledBy | Shifted | Blend | Lottery | Recorded):
            allowed = "TRUTH, PREVIOUS, LabelledBy, Shifted, Blend, Lottery or Recorded"
            raise SpecificationError("labels", self.labels, allowed)
        object.__setattr__(self, "weight", checks.nonnegative("weight", self.weight))
        if not isinstance(self.covariance, Spectrum | None):
            raise SpecificationError("covariance", self.covariance, _COVARIANCES)
        require_covariates(self.covariates)
        if self.covariance is not None and not isinstance(self.covariates, type(FRESH)):
            raise SpecificationError("covariance", self.covariance, "None, unless the covariates are FRESH")
        for labeller in labellers(self.labels):
            if isinstance(labeller, Recorded) and self.covariates != SameRows(labeller.generation, labeller.source):
                raise SpecificationError(
                    "labels", labeller, "Recorded only with covariates=SameRows of the same source"
                )

    def __repr__(self) -> str:
        shown = [f"rows={self.rows!r}", f"noise={self.noise!r}", f"labels={self.labels!r}"]
        for name in ("weight", "covariance", "covariates"):  # only where they say something
            value, usual = getattr(self, name), type(self).__dataclass_fields__[name].default
            if type(value) is not type(usual) or value != usual:
                shown.append(f"{name}={value!r}")
        return f"Source({', '.join(shown)})"


@final
@dataclass(frozen=True)
class Kept:
    """The rows of an earlier source again, *with the labels they had*.

    Args:
        generation: number of the earlier generation, >= 1.
        source: position of a `Source` in it, >= 0.
        weight: of each row in the objective, > 0.
    """

    generation: int
    source: int = 0
    weight: Scalar = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "generation", checks.concrete_size("generation", self.generation))
        object.__setattr__(self, "source", checks.concrete_size("source", self.source, least=0))
        object.__setattr__(self, "weight", checks.positive("weight", self.weight))
