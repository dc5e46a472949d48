"""The theorem book: every statement, and which of them a chain uses."""

from __future__ import annotations

from ..chains import moments
from ..chains.reading import RULES, Step
from ..rules.least_squares import LEAST_SQUARES
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from .demystified import TEST_ERROR_AFTER_GENERATORS, TEST_ERROR_BELOW_THE_RANK
from .least_squares import SPREAD_OVER_DRAWS, TEST_ERROR_AFTER_REPLACEMENT
from .ridge_chain import TEST_ERROR_OF_A_CHAIN, TEST_ERROR_OF_A_CHAIN_BACKWARDS

THEOREMS: tuple[Statement, ...] = (
    TEST_ERROR_OF_A_CHAIN,
    TEST_ERROR_OF_A_CHAIN_BACKWARDS,
    TEST_ERROR_AFTER_GENERATORS,
    TEST_ERROR_AFTER_REPLACEMENT,
    SPREAD_OVER_DRAWS,
    TEST_ERROR_BELOW_THE_RANK,
)
BOOK: tuple[Statement, ...] = (
    *THEOREMS,
    *(statement for rule in RULES for statement in rule.statements()),
    moments.ERROR,
    moments.ERROR_BY_MODE,
    moments.OVERLAP,
    moments.NORM,
)


def theorem_of(steps: tuple[Step, ...]) -> Statement:
    """The most special theorem that covers all steps.

    >>> from modelcollapse.theory.problem import *
    >>> from modelcollapse.theory.chains.reading import read
    >>> theorem_of(read(replace(Population(Isotropic(5), UniformTarget()), generations=2, rows=50))).name
    'test error of a chain'
    """
    rules = [step.rule for step in steps]
    if any(step.restarts for step in steps[1:]):
        return TEST_ERROR_OF_A_CHAIN
    if all(rule is LEAST_SQUARES for rule in rules):
        return TEST_ERROR_AFTER_REPLACEMENT
    if all(rule is RANDOM_SUBSPACE for rule in rules):
        return TEST_ERROR_BELOW_THE_RANK
    if len(rules) > 1 and rules[-1] is RESOLVENT and all(rule is LEAST_SQUARES for rule in rules[:-1]):
        return TEST_ERROR_AFTER_GENERATORS
    return TEST_ERROR_OF_A_CHAIN


def statements_of(steps: tuple[Step, ...]) -> tuple[Statement, ...]:
    """The theorem that covers the steps, then the one-step rules that they use."""
    used = [rule for rule in RULES if any(step.rule is rule for step in steps)]
    return (theorem_of(steps), *(statement for rule in used for statement in rule.statements()))
