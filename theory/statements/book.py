"""The theorem book: every statement, and which of them a chain uses."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from ..chains import moments
from ..chains.expressed import Expressed, independent_fits
from ..chains.family import Reading
from ..chains.kept_projection import KeptProjection
from ..chains.kept_rows import KeptRows
from ..chains.mixture import Mixture, MixtureStep
from ..chains.reading import RULES, Step, last_restart
from ..chains.refitted_covariates import RefittedCovariates
from ..chains.selected import Selected
from ..chains.subsample import Subsamples
from ..problem.checks import is_symbolic, is_tracer
from ..rules import labeller_mixture
from ..rules import refitted_covariates as refitting
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.blend import BLENDED_LABELS
from ..rules.kept_projection import SPECTRUM_OF_A_KEPT_PROJECTION
from ..rules.kept_rows import KEPT_ROWS
from ..rules.labeller_mixture import LABELLER_CORRELATION, LABELLER_MIXTURE
from ..rules.least_squares import LEAST_SQUARES
from ..rules.orthants import ORTHANT_MOMENTS
from ..rules.projection import EFFECTIVE_RIDGE_OF_A_PROJECTION, PROJECTION
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.refitted_covariates import ERROR_ON_REFITTED_COVARIATES, REFITTED_COVARIATES
from ..rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ..rules.selected_fit import PRODUCT_WITH_A_FIXED_VECTOR, ROWS_OF_THE_FIT, SELECTED_FIT
from ..rules.selection import SELECTIONS
from ..rules.several_labellers import DISAGREEMENT
from ..rules.statement import Statement
from ..rules.verification import VERIFICATION_RULES
from . import (
    accumulation,
    blended_loop,
    classification,
    demystified,
    expressed,
    kept_rows,
    least_squares,
    mixed_least_squares,
    mixture,
    monitor_noise,
    monitors,
    performance_gap,
    reestimated_noise,
    refitted_covariates,
    remedies,
    ridge_chain,
    strong_collapse,
    subsample,
    verification,
)
from .accumulation import (
    LIMIT_OF_ACCUMULATION,
    LIMIT_ON_REPEATED_ROWS,
    SAVED_BY_FRESH_ROWS,
    TEST_ERROR_OF_ACCUMULATION,
    TEST_ERROR_ON_REPEATED_ROWS,
)
from .blended_loop import (
    OPTIMAL_POOLED_SHARE,
    OPTIMAL_REAL_SHARE,
    STEADY_NOISE_WITHOUT_PENALTY,
    STEADY_STATE_OF_BLENDED_LABELS,
    VARIANCE_FACTOR,
)
from .demystified import TEST_ERROR_AFTER_GENERATORS, TEST_ERROR_BELOW_THE_RANK
from .expressed import TEST_ERROR_OF_AN_EXPRESSION, TEST_ERROR_OF_INDEPENDENT_GENERATIONS
from .kept_rows import TEST_ERROR_WITH_KEPT_REAL_ROWS
from .least_squares import SPREAD_OVER_DRAWS, TEST_ERROR_AFTER_REPLACEMENT
from .mixture import LIMIT_WITH_FRESH_REAL_ROWS, TEST_ERROR_WITH_FRESH_REAL_ROWS
from .monitor_noise import MONITOR_NOISE
from .monitors import MONITORS
from .performance_gap import PERFORMANCE_GAP
from .reestimated_noise import REESTIMATED
from .refitted_covariates import TEST_ERROR_WITH_REFITTED_COVARIATES
from .ridge_chain import (
    TEST_ERROR_OF_A_CHAIN,
    TEST_ERROR_OF_A_CHAIN_BACKWARDS,
    TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS,
)
from .strong_collapse import TEST_ERROR_OF_A_MIXTURE, TEST_ERROR_OF_A_PROJECTED_MIXTURE
from .subsample import LIMIT_OF_SUBSAMPLES, TEST_ERROR_OF_SUBSAMPLES

# Not in the book: what theory/statements/expressed.py states, whose formula the engine derives for every chain.
THEOREMS: tuple[Statement, ...] = (
    TEST_ERROR_OF_A_CHAIN,
    TEST_ERROR_OF_A_CHAIN_BACKWARDS,
    TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS,
    *demystified.STATEMENTS,
    TEST_ERROR_AFTER_REPLACEMENT,
    SPREAD_OVER_DRAWS,
    TEST_ERROR_OF_ACCUMULATION,
    TEST_ERROR_ON_REPEATED_ROWS,
    SAVED_BY_FRESH_ROWS,
    LIMIT_OF_ACCUMULATION,
    LIMIT_ON_REPEATED_ROWS,
    TEST_ERROR_WITH_FRESH_REAL_ROWS,
    LIMIT_WITH_FRESH_REAL_ROWS,
    TEST_ERROR_WITH_KEPT_REAL_ROWS,
    TEST_ERROR_OF_SUBSAMPLES,
    LIMIT_OF_SUBSAMPLES,
    TEST_ERROR_WITH_REFITTED_COVARIATES,
    STEADY_STATE_OF_BLENDED_LABELS,
    STEADY_NOISE_WITHOUT_PENALTY,
    VARIANCE_FACTOR,
    OPTIMAL_REAL_SHARE,
    OPTIMAL_POOLED_SHARE,
    *strong_collapse.STATEMENTS,
    *mixed_least_squares.STATEMENTS,
    *verification.STATEMENTS,
    *classification.STATEMENTS,
    *MONITORS,
    *MONITOR_NOISE,
    *REESTIMATED,
    *PERFORMANCE_GAP,
    *remedies.BOUNDARIES,
)
_STORED = {id(ACCUMULATED_ROWS): TEST_ERROR_OF_ACCUMULATION, id(REPEATED_ROWS): TEST_ERROR_ON_REPEATED_ROWS}
_MIXTURES = {RESOLVENT: TEST_ERROR_OF_A_MIXTURE, PROJECTION: TEST_ERROR_OF_A_PROJECTED_MIXTURE}
BOOK: tuple[Statement, ...] = (
    *THEOREMS,
    *(statement for rule in RULES for statement in rule.statements()),
    EFFECTIVE_RIDGE,
    EFFECTIVE_RIDGE_OF_A_PROJECTION,
    DISAGREEMENT,
    *(statement for _, statement in BLENDED_LABELS),
    LABELLER_MIXTURE,
    LABELLER_CORRELATION,
    *KEPT_ROWS,
    *REFITTED_COVARIATES,
    SPECTRUM_OF_A_KEPT_PROJECTION,
    ROWS_OF_THE_FIT,
    SELECTED_FIT,
    PRODUCT_WITH_A_FIXED_VECTOR,
    *SELECTIONS,
    *ORTHANT_MOMENTS,
    *VERIFICATION_RULES,
    moments.ERROR,
    moments.ERROR_BY_MODE,
    moments.OVERLAP,
    moments.NORM,
)


def theorem_of(reading: Reading) -> Statement:
    """The most special statement that covers the last generation.

    Only what came since the truth last labelled all rows counts. Closed forms are for equal generations; other exact
    chains are covered by the forward recursion itself.

    >>> from modelcollapse.theory.problem import *
    >>> from modelcollapse.theory.chains.family import reading_of
    >>> theorem_of(reading_of(replace(Population(Isotropic(5), UniformTarget()), generations=2, rows=50))).name
    'test error of a chain'
    """
    match reading:
        case Mixture():
            return _theorem_of_mixture(reading)
        case KeptRows():
            return TEST_ERROR_WITH_KEPT_REAL_ROWS
        case KeptProjection():
            return TEST_ERROR_OF_A_CHAIN
        case Subsamples():
            return TEST_ERROR_OF_SUBSAMPLES
        case Selected():
            return verification.TEST_ERROR_ON_VERIFIED_ROWS
        case RefittedCovariates():
            return _theorem_of_refitted_covariates(reading)
        case Expressed():
            fits = independent_fits(reading)
            return TEST_ERROR_OF_AN_EXPRESSION if fits is None else TEST_ERROR_OF_INDEPENDENT_GENERATIONS
    recent = since_restart(reading)
    rules = [step.rule for step in recent]
    if len(recent) == 1 and len(recent[0].labelling.offsets) == 1 and rules[0] in _MIXTURES:
        return _MIXTURES[rules[0]]
    if PROJECTION in rules:
        return TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS
    if any(step.blended for step in recent):
        return TEST_ERROR_OF_A_CHAIN if RESOLVENT in rules else moments.ERROR
    if len({id(rule) for rule in rules[1:]}) == 1 and id(rules[1]) in _STORED and _equal_sources(recent):
        return _STORED[id(rules[1])]
    if all(rule is LEAST_SQUARES for rule in rules) and _equal(recent):
        return TEST_ERROR_AFTER_REPLACEMENT
    if all(rule is RANDOM_SUBSPACE for rule in rules) and _equal(recent):
        return TEST_ERROR_BELOW_THE_RANK
    generators = recent[:-1]
    if generators and rules[-1] is RESOLVENT and _equal(generators) and generators[0].rule is LEAST_SQUARES:
        return TEST_ERROR_AFTER_GENERATORS
    return TEST_ERROR_OF_A_CHAIN if RESOLVENT in rules else moments.ERROR


def statements_of(reading: Reading) -> tuple[Statement, ...]:
    """The theorem that covers the last generation, then the one-step rules that it uses."""
    theorem = theorem_of(reading)
    match reading:
        case Mixture():
            return tuple(dict.fromkeys((theorem, LABELLER_MIXTURE, LABELLER_CORRELATION)))
        case KeptRows():
            return (theorem, *KEPT_ROWS)
        case KeptProjection():
            return (*statements_of(reading.steps), SPECTRUM_OF_A_KEPT_PROJECTION)
        case Selected():
            judged = dict.fromkeys(step.judged.rule for step in reading.steps if step.judged is not None)
            return (theorem, SELECTED_FIT, ROWS_OF_THE_FIT, *judged)
        case RefittedCovariates():
            return tuple(dict.fromkeys((theorem, *REFITTED_COVARIATES)))
        case Subsamples() | Expressed():
            return (theorem,)
    recent = since_restart(reading)
    used = [rule for rule in RULES if any(step.rule is rule for step in recent)]
    blends = tuple(statement for _, statement in BLENDED_LABELS) if any(step.blended for step in recent) else ()
    differ = (DISAGREEMENT,) if any(step.labelling.disagrees for step in recent) else ()
    return (theorem, *(statement for rule in used for statement in rule.statements()), *blends, *differ)


def since_restart(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps since the truth last labelled all rows."""
    return steps[last_restart(steps) :]


def address_of(statement: Statement) -> str:
    """Where to import a theorem from; its module's docstring derives it.

    >>> address_of(TEST_ERROR_OF_A_CHAIN)
    'modelcollapse.theory.statements.ridge_chain.TEST_ERROR_OF_A_CHAIN'
    """
    for module in (
        ridge_chain,
        labeller_mixture,
        demystified,
        least_squares,
        accumulation,
        mixture,
        kept_rows,
        subsample,
        refitted_covariates,
        refitting,
        expressed,
        strong_collapse,
        mixed_least_squares,
        blended_loop,
        verification,
        classification,
        monitors,
        monitor_noise,
        reestimated_noise,
        performance_gap,
        remedies,
        moments,
    ):
        for name, value in vars(module).items():
            if value is statement:
                return f"{module.__name__}.{name}"
    return str(statement.source)


def _equal(steps: tuple[Step, ...]) -> bool:
    return len({tuple(map(_key, (id(step.rule), step.rows, step.penalty, step.noise_squared))) for step in steps}) == 1


def _equal_sources(steps: tuple[Step, ...]) -> bool:
    """Whether all generations generate as many rows, with the same noise."""
    rows = [steps[0].rows, *(step.new_rows for step in steps[1:])]
    return len({(_key(n), _key(step.noise_squared)) for n, step in zip(rows, steps, strict=True)}) == 1


def _theorem_of_mixture(reading: Mixture) -> Statement:
    """The geometric closed form where every generation but the first has the same fresh real share."""
    return TEST_ERROR_WITH_FRESH_REAL_ROWS if synthetic_rows(reading) is not None else LABELLER_MIXTURE


def _theorem_of_refitted_covariates(reading: RefittedCovariates) -> Statement:
    """The exponential where every generation refits the covariance of the one before, all generations alike."""
    alike = len({(_key(step.rows), _key(step.noise_squared)) for step in reading.steps}) == 1
    later = enumerate(reading.steps[1:], start=1)
    plain = all((step.refitted_to, _key(step.rescale), _key(step.share)) == (g, 1.0, 1.0) for g, step in later)
    return TEST_ERROR_WITH_REFITTED_COVARIATES if alike and plain else ERROR_ON_REFITTED_COVARIATES


def synthetic_rows(reading: Mixture) -> Any:
    """m, where the model before labels m of n rows and the truth the others, all generations alike; or None."""
    first, *later = reading.steps
    if reading.offsets or not later or any(step.labellers.dtype == object for step in later):
        return None
    found = {(_key(step.rows), _key(step.noise_squared), _by_previous(step, g)) for g, step in enumerate(later)}
    rows, noise, by_previous = found.pop()
    equal = not found and (rows, noise) == (_key(first.rows), _key(first.noise_squared))
    return by_previous if equal else None


def _by_previous(step: MixtureStep, position: int) -> Any:
    """How many rows the model at `position` labels, where the truth labels all others and none by lot."""
    previous = np.eye(step.labellers.shape[1])[position]
    ours = (step.labellers == previous).all(axis=1)
    others = (step.labellers == 0).all(axis=1)
    rows, pairs = step.counts[ours].sum(), step.pairs[np.ix_(ours, ours)].sum()
    by_lot = not _vanishes(pairs - rows * (rows - 1))
    return None if by_lot or not (ours | others).all() else rows


def _vanishes(difference: Any) -> bool:
    """Whether a number or an expression is zero; nothing is known of a tracer."""
    if is_tracer(difference):
        return False
    return bool((sympy.simplify(difference) if is_symbolic(difference) else difference) == 0)


def _key(value: Any) -> Any:
    """A tracer equals only itself."""
    return id(value) if is_tracer(value) else value
