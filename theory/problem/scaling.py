"""A generation `times` as large: what changes in each of its parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .covariates import Refitted
from .estimator import RandomProjection
from .generation import Generation
from .labels import Blend, Lottery, Shifted
from .memory import Subsample
from .selection import NormWindow
from .source import Kept, Source
from .spectrum import Repeated, Spectrum
from .target import SharedOut, Target


def scaled_generation(step: Generation, times: int) -> Generation:
    """Rows, widths and ranks multiplied, offsets shared out, covariances repeated, slopes fall as norms grow."""
    memory, estimator = step.memory, step.estimator
    if isinstance(memory, Subsample):
        memory = Subsample(memory.rows * times)
    if isinstance(estimator, RandomProjection):
        estimator = replace(estimator, width=estimator.width * times)
    sources = tuple(_scaled_source(source, times) for source in step.sources)
    return Generation(sources, estimator, _scaled_selection(step.selection, times), memory)


def shared_out(offset: Target, times: int) -> Target:
    """The offset on the `times` as large spectrum."""
    return SharedOut(offset, times)


def _scaled_source(source: Source | Kept, times: int) -> Source | Kept:
    if isinstance(source, Kept):
        return source
    covariance: Spectrum | None = None if source.covariance is None else Repeated(source.covariance, times)
    covariates = source.covariates
    if isinstance(covariates, Refitted) and covariates.rank is not None:
        covariates = replace(covariates, rank=covariates.rank * times)
    labels = _scaled_labels(source.labels, times)
    return replace(source, rows=source.rows * times, labels=labels, covariance=covariance, covariates=covariates)


def _scaled_labels(labels: Any, times: int) -> Any:
    if isinstance(labels, Shifted):
        return Shifted(shared_out(labels.offset, times), labels.tag)
    if isinstance(labels, Blend | Lottery):
        return type(labels)(tuple((_scaled_labels(part, times), weight) for part, weight in labels.parts))
    return labels


def _scaled_selection(selection: Any, times: int) -> Any:
    if hasattr(selection, "selection"):
        return replace(selection, selection=_scaled_selection(selection.selection, times))
    if isinstance(selection, NormWindow):  # |x| grows like sqrt(times), the tolerance must not
        verifier = shared_out(selection.verifier, times)
        return NormWindow(verifier, selection.slope / times**0.5, selection.offset)
    if hasattr(selection, "verifier"):
        return replace(selection, verifier=shared_out(selection.verifier, times))
    return selection
