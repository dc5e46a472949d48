"""What is done in one go, here or by a worker, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import jax
import numpy as np

from ...theory.problem.chain import Chain
from ...theory.problem.errors import ModelCollapseError, SpecificationError
from ...theory.rules.bibliography import VERSION
from ..measured import Array
from .points import Points, Recipe
from .quantity import Answer, Measured, Quantity


@final
@dataclass(frozen=True)
class Row:
    """What is kept of a point.

    Attributes:
        number: of the point.
        numbers: of all columns and generations, as little-endian float64; empty for a refusal.
        words: everything else, as JSON.
        failure: why there is nothing; empty where there is.
    """

    number: int
    numbers: bytes
    words: str
    failure: str

    @classmethod
    def of(cls, number: int, answer: Answer, columns: Sequence[str]) -> Row:
        """An answer as plain values."""
        if isinstance(answer, ModelCollapseError):
            return cls(number, b"", "{}", f"{type(answer).__name__}: {answer}")
        block = np.stack([np.asarray(answer.numbers[name], dtype="<f8") for name in columns])
        words = {"words": {name: list(entries) for name, entries in answer.words.items()}}
        return cls(number, block.tobytes(), json.dumps({**words, "statements": answer.statements}), "")

    def measured(self, columns: Sequence[str]) -> Measured:
        """The answer again, bit for bit."""
        block = np.frombuffer(self.numbers, dtype="<f8").reshape(len(columns), -1).astype(np.float64)
        kept: Mapping[str, Any] = json.loads(self.words)
        numbers: dict[str, Array] = dict(zip(columns, block, strict=True))
        return Measured(numbers, kept["words"], tuple(kept["statements"]))


@final
@dataclass(frozen=True)
class Job:
    """Neighbouring points that are evaluated in one call; which they are depends on the sweep alone, not on the run.

    Attributes:
        quantity: what is found out.
        first: number of the first point.
        recipes: of the chains.
        points: of the whole sweep.
        versions: with which it was begun.
    """

    quantity: Quantity
    first: int
    recipes: tuple[Recipe, ...]
    points: int
    versions: str

    @classmethod
    def of(cls, points: Points, quantity: Quantity, first: int) -> Job:
        """The job that begins with a point."""
        numbers = range(first, min(first + quantity.together, len(points)))
        return cls(quantity, first, tuple(map(points.recipe, numbers)), len(points), versions())


def versions() -> str:
    """Of what decides about the last bit of a number."""
    return f"modelcollapse {VERSION}, jax {jax.__version__}, numpy {np.__version__}"


def evaluate(job: Job) -> list[Row]:
    """A row for each point of a job; a refusal by the package is an answer, any other error ends the sweep.

    Raises:
        SpecificationError: where the package or JAX has another version than where the sweep was begun.
    """
    if job.versions != versions():
        raise SpecificationError("versions", versions(), f"workers with {job.versions}")
    answers = job.quantity.at_once(job.recipes)
    chains: dict[int, Chain] = {}
    for place, recipe in enumerate(job.recipes):
        if place not in answers:
            try:
                chains[place] = recipe.made()
            except ModelCollapseError as refusal:
                answers[place] = refusal
    answers |= zip(chains, job.quantity.answers(list(chains.values()), job.points), strict=True)
    return [Row.of(job.first + place, answers[place], list(job.quantity.columns)) for place in sorted(answers)]
