r"""Traces of an expression on drawn matrices: every Gaussian matrix in full, every inverse a dense linear system.

Nothing is known here but the expression itself: no rule, no fixed point. What the traces average, the truth and the
noise, is averaged exactly; the matrices are drawn, one generator for each matrix of each replicate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np

from ..theory.algebra.expression import Gaussian, Space
from ..theory.algebra.polynomial import Letter, Polynomial
from ..theory.algebra.risk import Traces
from ..theory.problem import NotCertified, SpecificationError, checks
from .measured import Array
from .steps import Operation, Pair, Step, Steps

LARGEST_BATCH = 64
BUDGET = 2**28  # bytes that the matrices of a batch should not exceed


@final
@dataclass(frozen=True, eq=False)
class SampledExpression:
    """Traces at numbers, to be drawn.

    Args:
        steps: how the traces are computed.
        values: of all letters: spectral ones as arrays over the eigendirections, sizes as whole numbers.

    Raises:
        SpecificationError: where a covariance is negative.
        TooLarge: where not even two replicates fit into memory.
    """

    steps: Steps
    values: Mapping[Letter, Any]

    def __post_init__(self) -> None:
        for matrix in self.steps.matrices.values():
            for law in (matrix.row_covariance, matrix.column_covariance):
                if np.any(np.asarray(self._value(law)) < 0):
                    raise SpecificationError(f"covariance of {matrix}", law, "values >= 0")
        checks.require_memory("values", 2 * self._numbers, 8)

    @classmethod
    def of(cls, traces: Traces, values: Mapping[Letter, Any]) -> SampledExpression:
        """Traces with a number for each of their letters."""
        return cls(Steps.of(traces.parts), values)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the traces, in the order in which they are drawn."""
        return tuple(pair.name for pair in self.steps.pairs)

    @cached_property
    def batch(self) -> int:
        """Replicates that are computed at once; results do not depend on it."""
        return int(np.clip(BUDGET // (8 * self._numbers), 1, LARGEST_BATCH))

    @property
    def _numbers(self) -> int:
        """Numbers in all matrices of a replicate."""
        shapes = [(step.rows, step.cols) for step in self.steps.steps]
        shapes += [(matrix.outer, matrix.inner) for matrix in self.steps.matrices.values()]
        return sum(self._size(rows) * self._size(cols) for rows, cols in shapes)

    def draw(self, first: int, count: int, seed: int) -> Array:
        """The traces of replicates first, ..., first + count - 1, shape (count, number of traces).

        Raises:
            NotCertified: where a matrix cannot be inverted.

        >>> from modelcollapse.theory.algebra.model import Model
        >>> from modelcollapse.theory.algebra.risk import tr
        >>> m = Model(); X = m.design("X", "T")
        >>> values = {"s": np.array([1.0, 2.0]), "d": 2, "T": 5}
        >>> drawn = SampledExpression.of(tr(X.T @ X), values).draw(0, 2000, seed=0)  # its mean is T (1 + 2)
        >>> print(f"{drawn.mean():.0f}")
        15
        """
        matrices = {name: self._drawn(matrix, first, count, seed) for name, matrix in self.steps.matrices.items()}
        results: list[Array] = []
        for step in self.steps.steps:
            results.append(self._done(step, results, matrices))
        found = np.empty((count, len(self.steps.pairs)))
        for column, pair in enumerate(self.steps.pairs):
            found[:, column] = self._traced(pair, results)
        return found

    def _drawn(self, matrix: Gaussian, first: int, count: int, seed: int) -> Array:
        shape = (self._size(matrix.outer), self._size(matrix.inner))
        keys = ([seed, number, *matrix.name.encode()] for number in range(first, first + count))
        white = np.stack([np.random.default_rng(key).standard_normal(shape) for key in keys])
        white *= np.sqrt(self._column(matrix.row_covariance))
        white *= np.sqrt(np.asarray(self._value(matrix.column_covariance)))
        return white

    def _done(self, step: Step, results: list[Array], matrices: dict[str, Array]) -> Array:
        inputs = [results[number] for number in step.inputs]
        match step.operation:
            case Operation.IDENTITY:
                return np.eye(self._size(step.rows))
            case Operation.FUNCTION:
                assert step.value is not None
                return np.asarray(self._column(step.value) * inputs[0])
            case Operation.DESIGN:
                matrix = matrices[step.matrix]
                matrix = matrix.swapaxes(-1, -2) if step.transposed else matrix
                plain = self.steps.steps[step.inputs[0]].operation is Operation.IDENTITY
                return matrix if plain else np.asarray(matrix @ inputs[0])
            case Operation.SUM:
                return np.asarray(sum(inputs[1:], start=inputs[0]))
            case Operation.SOLUTION:
                try:
                    return np.asarray(np.linalg.solve(inputs[0], inputs[1]))
                except np.linalg.LinAlgError:
                    raise NotCertified("a drawn matrix cannot be inverted; take a positive penalty") from None

    def _traced(self, pair: Pair, results: list[Array]) -> Any:
        right = results[pair.right]
        if pair.left is None:
            diagonal = np.diagonal(right, axis1=-2, axis2=-1)
        else:
            diagonal = (results[pair.left] * right).sum(axis=-2)
        return (self._value(pair.front) * diagonal).sum(axis=-1)

    def _size(self, space: Space) -> int:
        return int(self.values[space.size])

    def _value(self, polynomial: Polynomial) -> Any:
        """A number, or an array over the eigendirections."""
        return polynomial.evaluated(lambda letter: self.values[letter])

    def _column(self, polynomial: Polynomial) -> Any:
        """As factors of the rows of a matrix."""
        value = self._value(polynomial)
        return value[:, np.newaxis] if np.ndim(value) else value
