"""The theorem book: every statement, and which of them a chain uses."""

from __future__ import annotations

from typing import Any

from ..chains import moments
from ..chains.reading import RULES, Step, last_restart
from ..problem.checks import is_tracer
from ..rules.least_squares import LEAST_SQUARES
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ..rules.statement import Statement
from . import demystified, least_squares, ridge_chain
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
    EFFECTIVE_RIDGE,
    moments.ERROR,
    moments.ERROR_BY_MODE,
    moments.OVERLAP,
    moments.NORM,
)


def theorem_of(steps: tuple[Step, ...]) -> Statement:
    """The most special statement that covers the last generation.

    Only what came since the truth last labelled all rows counts. Closed forms are for equal generations; other exact
    chains are covered by the forward recursion itself.

    >>> from modelcollapse.theory.problem import *
    >>> from modelcollapse.theory.chains.reading import read
    >>> theorem_of(read(replace(Population(Isotropic(5), UniformTarget()), generations=2, rows=50))).name
    'test error of a chain'
    """
    recent = since_restart(steps)
    rules = [step.rule for step in recent]
    if all(rule is LEAST_SQUARES for rule in rules) and _equal(recent):
        return TEST_ERROR_AFTER_REPLACEMENT
    if all(rule is RANDOM_SUBSPACE for rule in rules) and _equal(recent):
        return TEST_ERROR_BELOW_THE_RANK
    generators = recent[:-1]
    if generators and rules[-1] is RESOLVENT and _equal(generators) and generators[0].rule is LEAST_SQUARES:
        return TEST_ERROR_AFTER_GENERATORS
    return TEST_ERROR_OF_A_CHAIN if RESOLVENT in rules else moments.ERROR


def statements_of(steps: tuple[Step, ...]) -> tuple[Statement, ...]:
    """The theorem that covers the last generation, then the one-step rules that it uses."""
    used = [rule for rule in RULES if any(step.rule is rule for step in since_restart(steps))]
    return (theorem_of(steps), *(statement for rule in used for statement in rule.statements()))


def since_restart(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps since the truth last labelled all rows."""
    return steps[last_restart(steps) :]


def address_of(statement: Statement) -> str:
    """Where to import a theorem from; its module's docstring derives it.

    >>> address_of(TEST_ERROR_OF_A_CHAIN)
    'modelcollapse.theory.statements.ridge_chain.TEST_ERROR_OF_A_CHAIN'
    """
    for module in (ridge_chain, demystified, least_squares, moments):
        for name, value in vars(module).items():
            if value is statement:
                return f"{module.__name__}.{name}"
    return str(statement.source)


def _equal(steps: tuple[Step, ...]) -> bool:
    return len({tuple(map(_key, (id(step.rule), step.rows, step.penalty, step.noise_squared))) for step in steps}) == 1


def _key(value: Any) -> Any:
    """A tracer equals only itself."""
    return id(value) if is_tracer(value) else value
