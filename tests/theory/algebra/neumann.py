"""The independent route to a derived program: Neumann series of its expression, word by word, by pairings."""

from collections import defaultdict
from fractions import Fraction

import numpy as np

from modelcollapse.theory.algebra.expression import Deterministic, Gaussian, Inverse, Product, Sum
from modelcollapse.theory.exact import factor, gaussian
from modelcollapse.theory.exact.words import pairing_sum

LETTER, DIAGONAL = 0, 1  # parts of words: (LETTER, name, transposed) and (DIAGONAL, values over the features)


class TooManyWords(Exception):
    """An expansion that would take long."""


class Oracle:
    """Leading-order expectations of traces, as power series in a number that multiplies every variance.

    Args:
        values: whole numbers or fractions by letter, sizes included; tuples over the features for spectral letters.
        variance: the letter that multiplies every variance.
        order: of the last term.
        most: words in any part of an expression, before `TooManyWords` is raised.
    """

    def __init__(self, values, variance, order, most=10**6):
        self.values, self.order, self.most = {**values, variance: Fraction(1)}, order, most
        self._matrices, self._entries = {}, {}
        self._sums, self._expanded = {}, {}

    def series(self, expression):
        """The coefficients of the trace of an expression in powers of the variance."""
        found = [Fraction(0)] * (self.order + 1)
        for word, number in self.expanded(expression).items():
            found[degree(word) // 2] += number * self.trace(word, expression.rows)
        return found

    def trace(self, word, space):
        """The leading part of the expected trace of one word."""
        if not degree(word):
            return sum(word[0][1]) if word else self.values[space.size]
        ring = least_rotation(word)
        if ring not in self._sums:
            self._sums[ring] = self._pairing_sum(ring)
        return self._sums[ring]

    def _pairing_sum(self, ring):
        letters = [part[1:] for part in ring if part[0] == LETTER]
        if any(letters.count((name, False)) != letters.count((name, True)) for name, _ in letters):
            return Fraction(0)  # only X with X' is a leading pair
        parts, scale = [], Fraction(1)
        for part in ring:
            if part[0] == LETTER:
                matrix = self._matrices[part[1]]
                parts.append(matrix.T if part[2] else matrix)
                scale *= self._entries[part[1]] if part[2] else 1
            else:
                common = int(np.lcm.reduce([one.denominator for one in part[1]]))
                scale /= common
                parts.append(np.diag([float(one * common) for one in part[1]]))
        found = pairing_sum(*parts, leading=True)
        assert found == int(found) < 2**53  # so that float64 is exact
        return scale * int(found)

    def expanded(self, expression):
        """The expression as {word: coefficient}, up to the last order."""
        if id(expression) not in self._expanded:
            self._expanded[id(expression)] = (self._expand(expression), expression)  # which keeps its id
        return self._expanded[id(expression)][0]

    def _expand(self, expression):
        match expression:
            case Deterministic():
                value = at(expression.value, self.values)
                return {((DIAGONAL, value),): Fraction(1)} if isinstance(value, tuple) else {(): value}
            case Gaussian():
                self._remember(expression)
                return {((LETTER, expression.name, expression.transposed),): Fraction(1)}
            case Sum():
                return added(self.expanded(term) for term in expression.terms)
            case Product():
                found = {(): Fraction(1)}
                for one in expression.factors:
                    found = self._times(found, self.expanded(one))
                return found
            case Inverse():
                return self._inverted(self.expanded(expression.body))
        raise AssertionError(expression)

    def _inverted(self, body):
        """1/c - 1/c E 1/c + ..., for a random E and a deterministic c."""
        fixed = {word: number for word, number in body.items() if not degree(word)}
        random = {word: -number for word, number in body.items() if degree(word)}
        start = reciprocal(fixed)
        power, found = start, []
        while power:
            found.append(power)
            power = self._times(start, self._times(random, power))
        return added(found)

    def _times(self, first, second):
        found = defaultdict(Fraction)
        degrees = {word: degree(word) for word in second}
        for left, a in first.items():
            room = 2 * self.order - degree(left)
            for right, b in second.items():
                if degrees[right] <= room:
                    found[joined(left, right)] += a * b
            if len(found) > self.most:
                raise TooManyWords
        return {word: number for word, number in found.items() if number}

    def _remember(self, matrix):
        """Numbers in place of letters; the variance of an entry is kept apart, so that all else is whole."""
        spaces = [factor.Space(space.name, int(self.values[space.size])) for space in (matrix.outer, matrix.inner)]
        column = at(matrix.column_covariance, self.values)
        self._entries[matrix.name] = at(matrix.row_covariance, self.values)
        covariance = np.diag([float(one) for one in column]) if isinstance(column, tuple) else float(column)
        self._matrices[matrix.name] = gaussian.Gaussian(matrix.name, *spaces, column_covariance=covariance)


def at(polynomial, values):
    """A polynomial at fractions: a fraction, or a tuple over the features where spectral letters occur."""
    length = max([len(values[x]) for x in polynomial.letters if isinstance(values[x], tuple)], default=None)
    totals = [Fraction(0)] * (length or 1)
    for monomial, number in polynomial.terms.items():
        for k in range(len(totals)):
            term = Fraction(number)
            for letter, power in monomial:
                value = values[letter]
                term *= Fraction(value[k] if isinstance(value, tuple) else value) ** power
            totals[k] += term
    return tuple(totals) if length else totals[0]


def degree(word):
    """The number of Gaussian letters."""
    return sum(part[0] == LETTER for part in word)


def reciprocal(fixed):
    """The inverse of a number plus diagonals, as a word."""
    diagonals = [tuple(number * one for one in word[0][1]) for word, number in fixed.items() if word]
    number = fixed.get((), Fraction(0))
    if not diagonals:
        return {(): 1 / number}
    return {((DIAGONAL, tuple(1 / (number + sum(column)) for column in zip(*diagonals, strict=True))),): Fraction(1)}


def joined(left, right):
    """Two words behind each other; diagonals that meet are one."""
    if left and right and left[-1][0] == right[0][0] == DIAGONAL:
        middle = (DIAGONAL, tuple(a * b for a, b in zip(left[-1][1], right[0][1], strict=True)))
        return (*left[:-1], middle, *right[1:])
    return left + right


def added(polynomials):
    found = defaultdict(Fraction)
    for polynomial in polynomials:
        for word, number in polynomial.items():
            found[word] += number
    return {word: number for word, number in found.items() if number}


def least_rotation(word):
    """One representative of all words with the same trace by rotation; it begins with a letter."""
    while word[0][0] != LETTER:
        word = joined(word[1:], word[:1])
    starts = [k for k, part in enumerate(word) if part[0] == LETTER]
    return min(word[k:] + word[:k] for k in starts)
