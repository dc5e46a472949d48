"""A derived program solved in exact power series of the variance: block by block, every round finds one more order."""

import numpy as np

from modelcollapse.theory.algebra.program import Sort

from ..exact.series import ORDER, Series

MOST_ROUNDS = 4 * ORDER


def targets(program, values, variance):
    """Every target as a series in a number that multiplies every variance.

    Args:
        program: derived with that number as a letter.
        values: whole numbers or fractions by letter, sizes included; tuples over the features for spectral letters.
        variance: the letter.
    """
    known = {letter: np.array([Series(one) for one in value]) for letter, value in values.items() if is_many(value)}
    known |= {letter: Series(value) for letter, value in values.items() if not is_many(value)}
    known[variance] = Series(0, 1)
    for block in program.blocks:
        solve(block.definitions, known)
    return {one.name: trace(one.space, value_of(one.body, known), known).c for one in program.targets}


def is_many(value):
    return isinstance(value, tuple)


def solve(definitions, known):
    """Iterate from 0 until nothing changes: the formal power series that satisfies the definitions is unique."""
    known.update({one.letter: Series(0) for one in definitions})
    for _ in range(MOST_ROUNDS):
        before = [known[one.letter] for one in definitions]
        for one in definitions:
            body = value_of(one.body, known)
            match one.sort:
                case Sort.TRACE:
                    body = trace(one.space, body, known)
                case Sort.RESOLVENT:
                    body = 1 / body
            known[one.letter] = body
        if all(np.all(known[one.letter] == old) for one, old in zip(definitions, before, strict=True)):
            return
    raise AssertionError("no formal power series satisfies this block")


def value_of(polynomial, known):
    total = Series(0)
    for monomial, number in polynomial.terms.items():
        term = Series(number)
        for letter, power in monomial:
            factor = known[letter] if power > 0 else 1 / known[letter]
            for _ in range(abs(power)):
                term = term * factor
        total = total + term
    return total


def trace(space, value, known):
    """Over the features a function is summed, elsewhere it is the same everywhere."""
    if isinstance(value, np.ndarray):
        return sum(value, Series(0))
    return known[space.size] * value
