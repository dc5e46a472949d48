"""Expressions and pencils as arrays: every letter a number, every Gaussian matrix a given matrix."""

from typing import Any, NamedTuple

import numpy as np

from modelcollapse.theory.algebra.expression import Deterministic, Gaussian, Inverse, Product, Sum


class World(NamedTuple):
    """Sizes by letter, numbers and spectral arrays by letter, matrices by name (as they are untransposed)."""

    sizes: dict[str, int]
    values: dict[str, Any]
    matrices: dict[str, Any]

    def diagonal(self, polynomial, space):
        """A polynomial in letters as a diagonal matrix on a space."""
        total = np.zeros(self.sizes[space.size])
        for monomial, number in polynomial.terms.items():
            term = float(number)
            for letter, power in monomial:
                term = term * self.values[letter] ** float(power)
            total = total + term
        return np.diag(total)

    def evaluated(self, expression):
        """The matrix that an expression stands for."""
        match expression:
            case Deterministic():
                return self.diagonal(expression.value, expression.space)
            case Gaussian():
                matrix = self.matrices[expression.name]
                return matrix.T if expression.transposed else matrix
            case Product():
                return np.linalg.multi_dot([self.evaluated(factor) for factor in expression.factors])
            case Sum():
                return sum(self.evaluated(term) for term in expression.terms)
            case Inverse():
                return np.linalg.inv(self.evaluated(expression.body))
        raise AssertionError(expression)

    def bound(self, expression):
        """What the norm of an expression would be if nothing cancelled, and the worst condition of an inverse."""
        match expression:
            case Product():
                parts = [self.bound(factor) for factor in expression.factors]
                return np.prod([norm for norm, _ in parts]), max(worst for _, worst in parts)
            case Sum():
                parts = [self.bound(term) for term in expression.terms]
                return sum(norm for norm, _ in parts), max(worst for _, worst in parts)
            case Inverse():
                matrix = self.evaluated(expression.body)
                norm, worst = self.bound(expression.body)
                inverse = np.linalg.norm(np.linalg.inv(matrix))
                return inverse, max(worst, inverse * norm)
        return np.linalg.norm(self.evaluated(expression)), 1.0

    def assembled(self, pencil):
        """Q, and where each node begins in it."""
        sizes = [self.sizes[space.size] for space in pencil.spaces]
        ends = np.cumsum(sizes)
        blocks = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        Q = np.zeros((ends[-1], ends[-1]))
        for (i, j), polynomial in pencil.fixed.items():
            Q[blocks[i], blocks[j]] += self.diagonal(polynomial, pencil.spaces[i])
        for row, left, matrix, right, column in pencil.random:
            before, behind = self.diagonal(left, matrix.rows), self.diagonal(right, matrix.cols)
            Q[blocks[row], blocks[column]] += before @ self.evaluated(matrix) @ behind
        return Q, blocks

    def outputs(self, pencil):
        """V'Q^{-1}U for every named expression."""
        Q, blocks = self.assembled(pencil)
        inverse = np.linalg.inv(Q)
        return {
            name: sum(
                self.diagonal(factor, pencil.spaces[node]) @ inverse[blocks[node], blocks[source]]
                for node, factor in coefficients.items()
            )
            for name, source, coefficients in pencil.outputs
        }
