"""The sampler for an isotropic bulk with a few other directions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from ....theory.problem import checks
from ....theory.problem.chain import Chain
from ....theory.problem.errors import NotCertified
from ....theory.problem.selection import NormWindow, verifier_of
from ...reading.fresh_rows import FreshRows, fresh_rows, obstacle_beside_verifiers
from ...reading.levels import Level, levels
from ...selections.judging import is_judged, judging, rule_of
from ..backends import BLOCK, NUMPY, Backend, JaxBackend
from ..frame import LARGEST_EXPLICIT, Frame, Vectors, frame
from ..lanes import Lanes
from .judged import Judged
from .replicates import Parts, Replicates

Array = NDArray[np.float64]

MARGIN = 1e-13  # where a band is cut at first
LARGEST_UNKNOWNS = 2**16
ROUGH = 512  # unknowns for a first look, which decides about lengths and about no error
COPIES = 12  # arrays of the size of a band that are alive at once
BUDGET = 2**30  # bytes that a batch should not exceed
LARGEST_DENSE = 4096  # unknowns of a fit that is solved once more, as its condition asks for it
LARGEST_SPAN = 6  # directions that labels may depend on: the cost grows with their square
ARRAYS_OF_ROWS = 8  # of judged rows that are alive at once


@final
@dataclass(frozen=True)
class Banded:
    """Of rows on an isotropic bulk a fit sees a band matrix, of which the first few rows decide.

    Exact in law, but for a truncation that changes errors by some 1e-10 of themselves: every fit is computed without
    what is cut off and with half of the most that it could do, and with twice as many rows where both differ by more.
    Costs some tens of microseconds for each fit, at any dimension. Of rows that a verifier judges only what it sees is
    drawn, two numbers for each row; how many it keeps, every replicate has for itself.
    """

    title: ClassVar[str] = "banded model: the rows of a fit are turned until they are a band"
    backend: Backend = NUMPY

    def obstacle(self, chain: Chain) -> str:
        """Why a chain has no such band; empty where it has."""
        found = obstacle_beside_verifiers(chain)
        if found:
            return found
        if any(isinstance(rule_of(step.selection), NormWindow) for step in chain.generations):
            return "a verifier sees the norm of the row, in which all directions have a part"
        fits, slots, _ = fresh_rows(chain)
        vectors = _levels(chain)
        if vectors is None:
            return "the spectrum has no levels, or the truth is random in a way that rotations see"
        multiplicities = [level.multiplicity for level in vectors]
        if sum(multiplicities) - max(multiplicities) > LARGEST_EXPLICIT:
            return f"more than {LARGEST_EXPLICIT} directions are not of the bulk"
        shape, numbers = frame(vectors, slots)
        if shape.explicit + _labellers(fits, shape, is_judged(chain)) > LARGEST_SPAN:
            return f"labels, and who judges them, depend on more than {LARGEST_SPAN} directions"
        if shape.bulk + 2 > numbers.multiplicity:
            return "the bulk has hardly more directions than there are models to remember"
        return ""

    def work(self, chain: Chain, seed: int) -> BandedWork:
        """The work of a chain without `obstacle`."""
        fits, slots, _ = fresh_rows(chain)
        vectors = _levels(chain)
        assert vectors is not None
        shape, numbers = frame(vectors, slots)
        labellers, rows = _labellers(fits, shape, is_judged(chain)), fits.rows.sum(axis=1)
        penalties, length = fits.ridge / rows, self.backend.step_of_lengths
        program = Replicates(shape, labellers, _unknowns(shape, labellers, numbers, rows, penalties, length))
        if not is_judged(chain):
            return BandedWork(Lanes(program, self.backend, Parts(numbers, fits, None), seed))
        rule, verifiers, rules = judging(chain, fits.rows.shape[1])
        places = (fits.judged * fits.rows).max(axis=0).astype(int).tolist()
        checks.require_memory("rows", sum(places), ARRAYS_OF_ROWS * 8)
        share = np.pad(fits.share, ((0, 0), (0, 0), (0, len(verifiers))))
        parts = Parts(numbers, fits._replace(share=share), rule._replace(judged=fits.judged))
        program = replace(program, judged=Judged(rules, tuple(places)))
        rough = replace(program, unknowns=min(program.unknowns, ROUGH))
        kept = Lanes(rough, NUMPY, parts, seed).fields(0, 1)[-1][0]  # of one replicate: others keep about as many
        unknowns = _unknowns(shape, labellers, numbers, np.maximum(kept, 1.0), penalties, length)
        return BandedWork(Lanes(replace(program, unknowns=unknowns), self.backend, parts, seed))


BANDED = Banded()


@dataclass(frozen=True)
class BandedWork:
    """Batches of chains on banded rows."""

    lanes: Lanes

    @property
    def size(self) -> int:
        """Replicates in a batch."""
        return self.lanes.backend.batch

    def batch(self, first: int, wanted: int) -> Array:
        """Errors of replicates first, ..., first + wanted - 1, shape (wanted, generations).

        Raises:
            NotCertified: when truncation or rounding errors of a replicate are too large.
            TooLarge: when as many unknowns as that takes do not fit into memory.
        """
        program = self.lanes.program
        assert isinstance(program, Replicates)
        errors, gaps, conditions, _ = self._fields(program, first, wanted)
        unknowns = np.full(wanted, program.unknowns)
        allowed = self.lanes.backend.truncation
        while True:
            wrong = (np.isfinite(errors) & ~(gaps <= allowed * errors)).any(axis=1)
            if not wrong.any() or program.unknowns > LARGEST_UNKNOWNS:
                break
            program = replace(program, unknowns=2 * program.unknowns)
            again = self._fields(program, first, wanted)[:3]
            unknowns[wrong] = program.unknowns
            for kept, new in zip((errors, gaps, conditions), again, strict=True):
                kept[wrong] = new[wrong]  # the others stay as they are, whoever is in their batch
        doubtful = np.isfinite(errors) & ~(self._rounding(conditions) <= self.lanes.backend.rounding)
        for index in np.flatnonzero(doubtful.any(axis=1)):
            if isinstance(self.lanes.backend, JaxBackend) or unknowns[index] > LARGEST_DENSE:
                break
            accurate = replace(program, unknowns=int(unknowns[index]), accurate=True)
            again = replace(self.lanes, program=accurate).alone(first + int(index))
            errors[index], conditions[index] = again[0][0], again[2][0]
        self._check(first, errors, gaps, conditions)
        return errors

    def _rounding(self, conditions: Array) -> Array:
        return np.finfo(self.lanes.backend.dtype).eps * conditions

    def _fields(self, program: Replicates, first: int, wanted: int) -> list[Array]:
        """Errors, gaps and pivots, in pieces that fit into memory."""
        lanes = replace(self.lanes, program=program)
        if isinstance(lanes.backend, JaxBackend):
            return lanes.fields(first, wanted)
        fitting = BUDGET // _bytes(program) // BLOCK * BLOCK
        checks.require_memory("unknowns", program.unknowns, BLOCK * _bytes(program) / program.unknowns)
        size = max(BLOCK, fitting)
        pieces = [lanes.fields(first + at, min(size, wanted - at)) for at in range(0, wanted, size)]
        return [np.concatenate(field) for field in zip(*pieces, strict=True)]

    def _check(self, first: int, errors: Array, gaps: Array, conditions: Array) -> None:
        rounding, backend = self._rounding(conditions), self.lanes.backend
        wrong = np.isfinite(errors) & ~((gaps <= backend.truncation * errors) & (rounding <= backend.rounding))
        if wrong.any():
            replicate, generation = np.argwhere(wrong)[0].tolist()
            raise NotCertified(
                f"replicate {first + replicate} has in generation {generation + 1} an error of "
                f"{errors[replicate, generation]:.3g} up to {gaps[replicate, generation]:.1e} by truncation, and "
                f"rounding errors of up to {rounding[replicate, generation]:.1e}: rows next to the dimension with "
                "hardly any penalty. Use a larger penalty, or numbers of rows further from the dimension."
            )


def _bytes(program: Replicates) -> int:
    """Of a replicate: copies of the band, for both ends."""
    width = program.frame.explicit + program.labellers + 2
    return 8 * COPIES * width * program.unknowns


def _levels(chain: Chain) -> list[Level] | None:
    """The levels of the spectrum, with the truth, the offsets, the verifiers' and model 0 in them."""
    verifiers = dict.fromkeys(verifier_of(step.selection) for step in chain.generations)
    offsets = [("offset", shifted.offset) for shifted in fresh_rows(chain)[2]]
    offsets += [("verifier", verifier) for verifier in verifiers if verifier is not None]
    vectors = [("target", chain.population.target), *offsets, ("initial", chain.initial)]
    return levels(chain.population.spectrum, vectors)


def _labellers(fits: FreshRows, shape: Frame, judged: bool) -> int:
    """How many directions of the bulk the labels of one generation depend on, and what judges them, at most."""
    one = bool(np.all(fits.share == fits.share[:, :1]))
    return min((1 if one else fits.rows.shape[1]) + judged, shape.bulk)


def _unknowns(shape: Frame, labellers: int, vectors: Vectors, rows: Array, penalty: Array, step: int) -> int:
    r"""Where to cut: where what is beyond is expected to matter less than `MARGIN`; nowhere where that is shorter.

    Influence falls by a factor rho^2 for every p rows, with p the width of the band and C the condition number between
    the edges of the Marchenko-Pastur law, the penalty included:

    $$ \rho = \frac{\sqrt C - 1}{\sqrt C + 1}, \quad C = \frac{\ell + (1 + \sqrt{d/T})^2}{\ell + (1 - \sqrt{d/T})^2} $$
    """
    width = shape.explicit + labellers + 1
    dimension = vectors.multiplicity + shape.explicit
    penalty, root = penalty / vectors.value, np.sqrt(dimension / rows)
    with np.errstate(divide="ignore"):
        condition = np.sqrt((penalty + (1 + root) ** 2) / (penalty + (1 - root) ** 2))
        needed = width * np.log(MARGIN) / (2 * np.log1p(-2 / (condition + 1)))
    needed = np.where(np.isnan(needed), np.inf, needed)
    longest = min(np.minimum(needed, np.minimum(rows, dimension) + width + 1).max(), LARGEST_UNKNOWNS)
    return max(step * math.ceil(float(longest) / step), 2 * width)
