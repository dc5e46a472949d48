"""The plan of a check: a derivation's letters at numbers, on a ladder of sizes, and how each of its parts is judged."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..numerics.measurement.label_noise import INTEGRATED
from ..theory.algebra.expression import Space
from ..theory.algebra.polynomial import Letter
from ..theory.evaluation.derived import Derived
from ..theory.evaluation.fixed_point.machine import Setting
from ..theory.evaluation.fixed_point.precision import reliable
from ..theory.problem import SpecificationError, Spectrum, checks
from ..theory.results.progress import reporting
from .agreement import Judgement, Standard
from .confidence import Estimate
from .measured import Array
from .plan import Setup
from .sampled_expression import SampledExpression
from .size_ladder import Ladder, judge_ladder
from .steps import Steps
from .streams import Progress

NEGLIGIBLE = 1e-3  # of all parts together; the gaps of smaller parts are relative to this much
TOTAL = "total"

Values = Mapping[Letter, Any]


@final
@dataclass(frozen=True, eq=False)
class CheckPlan:
    """What is compared with what.

    Attributes:
        names: of the parts, and of their total where there are several.
        scales: sizes relative to the given numbers, smallest first.
        theories: the derivation's numbers at these sizes, shape (sizes, names).
        experiments: the derivation's expression at these sizes.
    """

    names: tuple[str, ...]
    scales: tuple[int, ...]
    theories: Array
    experiments: tuple[SampledExpression, ...]

    @classmethod
    def of(cls, derivation: Derived, spectrum: Spectrum | None, values: Values, scales: tuple[int, ...]) -> CheckPlan:
        """Read the letters and evaluate the derivation at every size.

        Raises:
            SpecificationError: naming the letter that has an impossible value, or `values` where one is missing.
            NotCertified: where the fixed point is not reached.
        """
        steps = Steps.of(derivation.traces.parts)
        letters = _Letters.of(derivation, steps)
        numbers = letters.checked(_with_spectrum(letters, spectrum, values))
        experiments = tuple(SampledExpression(steps, letters.scaled(numbers, c)) for c in scales)
        theories = np.array([_theory(derivation, letters, numbers, c) for c in scales])
        names = experiments[0].names
        return cls((*names, TOTAL) if len(names) > 1 else names, scales, with_total(theories), experiments)

    @property
    def rungs(self) -> tuple[Setup, ...]:
        """The experiments, smallest size first."""
        return tuple(Setup(c, INTEGRATED) for c in self.scales)

    def needs(self, number: int) -> tuple[Setup, ...]:
        """The experiments that would make the judgement of a part sharper."""
        return self.rungs

    @property
    def references(self) -> Array:
        """What gaps are relative to, shape (sizes, names): theory, or a small share of all parts where that is more."""
        sizes = np.abs(self.theories)
        everything = sizes[:, : len(self.experiments[0].names)].sum(axis=1, keepdims=True)
        found = np.maximum(sizes, NEGLIGIBLE * everything)
        return np.where(found > 0, found, 1.0)

    def ladder(self, simulations: Mapping[Setup, Array]) -> Ladder:
        """Relative gaps at all sizes."""
        rows = []
        for rung, theory, reference in zip(self.rungs, self.theories, self.references, strict=True):
            gaps = (simulations[rung] - theory) / reference
            rows.append(tuple(Estimate.mean(gaps[:, column]) for column in range(len(self.names))))
        return Ladder(self.scales, tuple(rows))

    def judge(self, number: int, simulations: Mapping[Setup, Array], standard: Standard) -> Judgement:
        """The judgement of a part (1, 2, ...; the total is the last) on what has been sampled."""
        theory, reference = self.theories[0, number - 1], self.references[0, number - 1]
        found = judge_ladder(number, float(reference), self.ladder(simulations), 0.0, standard)
        return dataclasses.replace(found, theory=float(theory), estimate=float(theory + reference * found.gap))


@dataclass
class SampledStream:
    """An expression whose replicates are drawn piece by piece.

    Attributes:
        simulation: parts and total of the replicates so far, shape (replicates, names).
        seconds: per replicate, in the last piece.
        interrupted: whether the last piece was interrupted from the keyboard; what was finished is kept.
    """

    experiment: SampledExpression
    seed: int
    progress: Progress = False
    simulation: Array | None = None
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def replicates(self) -> int:
        """Replicates so far."""
        return 0 if self.simulation is None else len(self.simulation)

    def grow(self, replicates: int) -> None:
        """Add replicates.

        Raises:
            KeyboardInterrupt: when interrupted before anything is finished.
        """
        begun, start, batch = time.perf_counter(), self.replicates, self.experiment.batch
        self.interrupted = False
        with reporting(self.progress, replicates) as report:
            try:
                for done in range(0, replicates, batch):
                    count = min(batch, replicates - done)
                    piece = with_total(self.experiment.draw(start + done, count, self.seed))
                    known = [] if self.simulation is None else [self.simulation]
                    self.simulation = np.concatenate([*known, piece])
                    report(done + count, replicates)
            except KeyboardInterrupt:
                if self.simulation is None:
                    raise
                self.interrupted = True
        self.seconds = (time.perf_counter() - begun) / max(self.replicates - start, 1)


def with_total(parts: Array) -> Array:
    """The parts, shape (..., parts), and their sum where there are several.

    >>> with_total(np.array([[0.5, 0.25], [1.0, 2.0]])).tolist()
    [[0.5, 0.25, 0.75], [1.0, 2.0, 3.0]]
    """
    return parts if parts.shape[-1] == 1 else np.concatenate([parts, parts.sum(axis=-1, keepdims=True)], axis=-1)


@final
@dataclass(frozen=True)
class _Letters:
    """What the letters of a derivation stand for; `space` is where the spectral ones live."""

    spectral: frozenset[Letter]
    sizes: frozenset[Letter]
    others: frozenset[Letter]
    space: Space | None
    second_moments: frozenset[Letter]
    means: frozenset[Letter]
    covariances: frozenset[Letter]

    @classmethod
    def of(cls, derivation: Derived, steps: Steps) -> _Letters:
        program, traces = derivation.program, derivation.traces
        spectral = steps.spectral | program.spectral.keys()
        spaces = {program.spectral[letter] for letter in spectral if letter in program.spectral}
        if len(spaces) > 1:
            raise SpecificationError("derivation", sorted(map(str, spaces)), "spectral letters of one space")
        sizes = frozenset(space.size for space in (*steps.spaces, *program.spaces))
        covariances = frozenset().union(*(matrix.spectral for matrix in steps.matrices.values()))
        everything = steps.letters | frozenset(derivation.letters)
        return cls(
            spectral,
            sizes,
            everything - spectral - sizes,
            next(iter(spaces), None),
            traces.second_moments,
            traces.means,
            covariances,
        )

    def checked(self, values: Values) -> dict[Letter, Any]:
        """A number, or an array, for every letter."""
        dimension = None if self.space is None else self.space.size
        needed = (self.spectral | self.sizes | self.others) - {dimension}
        if needed - values.keys() or values.keys() - needed - {dimension}:
            raise SpecificationError("values", sorted(values), f"a value for each of {', '.join(sorted(needed))}")
        positive = self.second_moments | self.covariances
        found: dict[Letter, Any] = {
            letter: checks.vector(letter, values[letter], negative=letter not in positive) for letter in self.spectral
        }
        if len({len(column) for column in found.values()}) > 1:
            lengths = {letter: len(column) for letter, column in sorted(found.items())}
            raise SpecificationError("values", lengths, "arrays of one and the same length for all spectral letters")
        given = {letter: checks.concrete_size(letter, values[letter]) for letter in self.sizes & values.keys()}
        if dimension is not None:
            length = len(next(iter(found.values())))
            if given.setdefault(dimension, length) != length:
                raise SpecificationError(dimension, given[dimension], f"{length}, the length of the spectral letters")
        numbers = {letter: checks.real(letter, values[letter]) for letter in self.others}
        symbols = [letter for letter, number in numbers.items() if not isinstance(number, float)]
        if symbols:
            raise SpecificationError(symbols[0], numbers[symbols[0]], "a number")
        return found | given | numbers

    def scaled(self, numbers: Values, scale: int, *, repeated: bool = True) -> dict[Letter, Any]:
        """Every size `scale` times as large: directions are repeated, and share out what the truth and offsets are."""
        found = dict(numbers)
        for letter in self.sizes:
            found[letter] = scale * numbers[letter]
        for letter in self.spectral:
            shared = numbers[letter]
            if letter in self.second_moments:
                shared = shared / scale
            if letter in self.means:
                shared = shared / np.sqrt(scale)
            found[letter] = np.repeat(shared, scale) if repeated else shared
        return found


def _with_spectrum(letters: _Letters, spectrum: Spectrum | None, values: Values) -> Values:
    """The values, those of the one spectral letter that has none taken from the spectrum."""
    if not isinstance(values, Mapping):
        raise SpecificationError("values", values, "a mapping from letters to numbers")
    if spectrum is None:
        return values
    if not isinstance(spectrum, Spectrum):
        raise SpecificationError("spectrum", spectrum, "a Spectrum, or None where `values` holds all letters")
    missing = sorted(letters.spectral - values.keys())
    if len(missing) != 1:
        raise SpecificationError("spectrum", spectrum, f"one spectral letter without a value, not {missing}")
    return {**values, missing[0]: spectrum.eigenvalues()}


def _theory(derivation: Derived, letters: _Letters, numbers: Values, scale: int) -> list[float]:
    """The parts at a size: every node stands for that many directions."""
    values = letters.scaled(numbers, scale, repeated=False)
    spectral = {letter: values[letter] for letter in letters.spectral}
    scalars = {letter: float(value) for letter, value in values.items() if letter not in spectral}
    counts: dict[str, Any] = {}
    if letters.space is not None:
        counts[letters.space.name] = np.full(len(next(iter(spectral.values()))), float(scale))
    found = reliable(derivation.program, Setting(scalars, spectral, counts)).targets
    return [float(found[name]) for name, _ in derivation.traces.parts]
