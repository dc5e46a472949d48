"""What a chain's parts say about one another: references to earlier generations, and offsets to the population."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import checks
from .covariates import Refitted, SameRows
from .errors import SpecificationError
from .estimator import RandomProjection
from .generation import Generation
from .labels import LabelledBy, Shifted, labellers
from .memory import Accumulate, Forget, Subsample
from .population import Population
from .selection import verifier_of
from .source import Kept, Source
from .spectrum import Spectrum
from .target import Target


def check_references(population: Population, generations: tuple[Generation, ...]) -> None:
    """Raise `SpecificationError` for a reference to what is not there, or an offset that does not fit the spectrum."""
    free_standing: set[int] = set()  # generations that refer to nothing: a million equal ones are looked at once
    width: Any = None
    for number, step in enumerate(generations, start=1):
        width = _width(step, width)
        if id(step) in free_standing:
            continue
        for source in step.sources:
            _check_source(source, number, generations, population.spectrum)
        verifier = verifier_of(step.selection)
        if verifier is not None:
            _check_offset("verifier", verifier, population.spectrum)
        if isinstance(step.memory, Forget) and not any(True for source in step.sources for _ in _earlier(source)):
            free_standing.add(id(step))
    _check_subsamples(generations)


def check_initial(population: Population, initial: Any) -> None:
    """Raise `SpecificationError` unless `initial` is None or an offset that fits the spectrum."""
    if initial is None:
        return
    if not isinstance(initial, Target):
        raise SpecificationError("initial", initial, "None or a Target: the offset of model 0 from the truth")
    _check_offset("initial", initial, population.spectrum)


def rows_of_fits(generations: tuple[Generation, ...]) -> tuple[Any, ...]:
    """Number of rows that enter the fit of each generation."""
    stored, rows = 0, []
    for step in generations:
        stored = stored + step.rows
        match step.memory:
            case Accumulate():
                rows.append(stored)
            case Subsample():
                rows.append(step.memory.rows)
            case Forget():
                rows.append(step.rows + sum(origin(generations, kept).rows for kept in step.kept))
    return tuple(rows)


def origin(generations: tuple[Generation, ...], reference: Any) -> Source:
    """The source that a `Kept`, `SameRows`, `Refitted` or `Recorded` refers to."""
    source = generations[reference.generation - 1].sources[reference.source]
    assert isinstance(source, Source)  # checked when the chain was made
    return source


def _check_source(source: Source | Kept, number: int, generations: tuple[Generation, ...], spectrum: Spectrum) -> None:
    for reference in _earlier(source):
        if reference.generation >= number:
            allowed = f"an earlier generation than {number}, the one that refers to it"
            raise SpecificationError("generation", reference.generation, allowed)
        if isinstance(reference, LabelledBy):
            continue
        sources = generations[reference.generation - 1].sources
        there = sources[reference.source] if reference.source < len(sources) else None
        if not isinstance(there, Source):
            allowed = f"the position of a Source among the {len(sources)} sources of generation {reference.generation}"
            raise SpecificationError("source", reference.source, allowed)
        if isinstance(reference, SameRows) and isinstance(source, Source) and there.rows != source.rows:
            raise SpecificationError("rows", source.rows, f"as many as the same rows have there, {there.rows}")
    if isinstance(source, Kept):
        return
    for labeller in labellers(source.labels):
        if isinstance(labeller, Shifted):
            _check_offset("offset", labeller.offset, spectrum)
    if source.covariance is not None and source.covariance.dimension != spectrum.dimension:
        raise SpecificationError(
            "covariance", source.covariance, f"a spectrum of dimension {spectrum.dimension}, the population's"
        )
    if isinstance(source.covariates, Refitted) and source.covariates.rank is not None:
        rank, dimension = source.covariates.rank, spectrum.dimension
        if checks.is_number(dimension) and rank > int(dimension):
            raise SpecificationError("rank", rank, f"at most {dimension}, the dimension")


def _earlier(source: Source | Kept) -> Iterator[Any]:
    """Everything that a source refers to in earlier generations."""
    if isinstance(source, Kept):
        yield source
        return
    if isinstance(source.covariates, SameRows | Refitted):
        yield source.covariates
    yield from (labeller for labeller in labellers(source.labels) if isinstance(labeller, LabelledBy))


def _check_offset(field: str, offset: Target, spectrum: Spectrum) -> None:
    try:
        offset.refuse_mismatch(spectrum)
    except SpecificationError as error:
        raise SpecificationError(f"{field}.{error.field}", error.value, error.allowed) from None


def _width(step: Generation, width: Any) -> Any:
    """The width of the nearest projection so far."""
    estimator = step.estimator
    if not isinstance(estimator, RandomProjection):
        return width
    if not estimator.redraw and width is not None and estimator.width != width:
        raise SpecificationError("width", estimator.width, f"{width}, that of the projection that is used again")
    return estimator.width


def _check_subsamples(generations: tuple[Generation, ...]) -> None:
    if not any(isinstance(step.memory, Subsample) for step in generations):
        return
    stored: Any = 0
    for step in generations:
        stored = stored + step.rows
        if isinstance(step.memory, Subsample):
            rows = step.memory.rows
            if checks.is_number(rows) and checks.is_number(stored) and int(rows) > int(stored):
                raise SpecificationError("rows", rows, f"at most {stored}, the rows generated so far")
