"""Mutants: each is one mistake, and the mistakes that theorists make are among them."""

import pytest
import sympy

from modelcollapse.theory.chains import moments
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from modelcollapse.theory.rules.blend import LOST, SPREAD
from modelcollapse.theory.rules.kept_projection import PLACE, SPECTRUM_OF_A_KEPT_PROJECTION
from modelcollapse.theory.rules.kept_rows import (
    RATIO,
    REAL_NOISE,
    REAL_ROWS,
    SPECTRUM_OF_KEPT_ROWS,
    TARGET_OF_KEPT_ROWS,
)
from modelcollapse.theory.rules.labeller_mixture import LABELLER_MIXTURE
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.theory.rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from modelcollapse.theory.rules.projection import EFFECTIVE_RIDGE_OF_A_PROJECTION, PROJECTION
from modelcollapse.theory.rules.random_subspace import RANDOM_SUBSPACE
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.several_labellers import DISAGREEMENT, LABELLER_VARIANCE
from modelcollapse.theory.rules.trace import Trace
from modelcollapse.theory.statements.accumulation import GENERATION as EARLIER
from modelcollapse.theory.statements.accumulation import TEST_ERROR_OF_ACCUMULATION, TEST_ERROR_ON_REPEATED_ROWS
from modelcollapse.theory.statements.blended_loop import (
    COST_RATIO,
    REAL_SHARE,
    STEADY_NOISE_WITHOUT_PENALTY,
    VARIANCE_FACTOR,
)
from modelcollapse.theory.statements.book import BOOK
from modelcollapse.theory.statements.demystified import (
    GENERATOR_MARGIN,
    TEST_ERROR_AFTER_GENERATORS,
    TEST_ERROR_BELOW_THE_RANK,
    ZERO_MODEL_ERROR,
)
from modelcollapse.theory.statements.least_squares import TEST_ERROR_AFTER_REPLACEMENT
from modelcollapse.theory.statements.mixture import FADING, LIMIT_WITH_FRESH_REAL_ROWS
from modelcollapse.theory.statements.ridge_chain import (
    GENERATION,
    LAST,
    TEST_ERROR_OF_A_CHAIN,
    TEST_ERROR_OF_A_CHAIN_BACKWARDS,
)
from modelcollapse.theory.statements.strong_collapse import (
    BEST_EFFECTIVE_SHARE,
    CLEAN_RATE,
    REAL_COST,
    SIZE_OF_SHIFT,
    SYNTHETIC_COST,
    SYNTHETIC_SHARE,
)
from modelcollapse.theory.statements.subsample import LIMIT_OF_SUBSAMPLES
from modelcollapse.validation.mutants import mutants


@pytest.mark.parametrize("statement", BOOK, ids=lambda statement: statement.name)
def test_a_mutant_differs_in_exactly_one_expression(statement):
    assert len(mutants(statement)) >= 7
    for mutant in mutants(statement):
        mutated = mutant.statement
        assert mutant.name == mutated.name == statement.name
        assert [name for name, _ in mutated.definitions] == [name for name, _ in statement.definitions]
        pairs = zip(mutated.definitions, statement.definitions, strict=True)
        changed = [new != old for (_, new), (_, old) in pairs]
        assert [*changed, mutated.result != statement.result].count(True) == 1


@pytest.mark.parametrize("statement", BOOK, ids=lambda statement: statement.name)
def test_no_mutant_is_made_twice(statement):
    found = mutants(statement)
    assert len({(mutant.statement.definitions, mutant.statement.result) for mutant in found}) == len(found)
    assert (statement.definitions, statement.result) not in {
        (m.statement.definitions, m.statement.result) for m in found
    }


def test_all_mutants_of_a_short_statement():
    """tr[B]/M, written out by hand."""
    results = {str(m.statement.result) for m in mutants(LEAST_SQUARES.noise) if m.description.startswith("result")}
    assert results == {
        "2*tr[B]/M",
        "-tr[B]/M",
        "tr[B]",
        "1/M",
        "tr[B]/M**2",
        "tr[B]**2/M",
        "tr[B**2]/M",
        "tr[1]/M",
    }


n, r, lam, sigma, margin, m_S = x.rows, x.rank, x.penalty, x.noise, x.wishart_margin, x.width
own = {name: x.at(getattr(x, name), "g") for name in ("q", "p", "spread", "chi", "lost")}
before = {name: x.at(getattr(x, name), "g-1") for name in ("kept", "lost", "spread")}
chi, g, N = sympy.IndexedBase("chi"), GENERATION, LAST
m, i, h, c_1, c_2, S_1, S_2 = x.new_rows, EARLIER, x.leverage, x.own, x.shared, x.over_rows, x.over_pairs
signal = Trace(x.tau * (x.at(x.weight, 0) - 2 * x.at(x.kept, "N") + 1))

# (statement, symbol that a mutant defines or None for its result, expression that it must hold).
MISTAKES = (
    (LEAST_SQUARES.noise, margin, n - r),
    (LEAST_SQUARES.noise, margin, n - r - 2),
    (LEAST_SQUARES.noise, margin, r - n - 1),
    (RANDOM_SUBSPACE.kept, None, (r - n) / r),
    (RESOLVENT.lost, None, x.q),
    (RESOLVENT.kept, None, x.q**2),
    (RESOLVENT.kept, x.q, x.s**2 / (x.s**2 + x.kappa)),
    (RESOLVENT.kept, x.q, x.s / (x.s + lam)),
    (RESOLVENT.noise, None, Trace(x.q**2 * x.weight) / x.margin_1),
    (RESOLVENT.noise, None, Trace(x.q * x.weight) / x.margin_2),
    (RESOLVENT.noise, None, Trace(x.q**3 * x.weight) / x.margin_2),
    (RESOLVENT.noise, x.margin_2, x.margin_1 - Trace(x.p * x.q)),
    (RESOLVENT.second_moment, None, x.q**2 * x.weight + x.p**2 * Trace(x.p**2 * x.weight) / x.margin_2),
    (TEST_ERROR_AFTER_REPLACEMENT, None, r * sigma**2 / margin),
    (TEST_ERROR_AFTER_REPLACEMENT, None, (N - 1) * r * sigma**2 / margin),
    (
        TEST_ERROR_BELOW_THE_RANK,
        None,
        (1 - (n / r) ** (N + 1)) * (ZERO_MODEL_ERROR + n * r * sigma**2 / (margin * (r - n))),
    ),
    (TEST_ERROR_AFTER_GENERATORS, GENERATOR_MARGIN, n - r - 1),
    (TEST_ERROR_OF_A_CHAIN, own["lost"], own["q"] * before["kept"] + own["p"]),
    (TEST_ERROR_OF_A_CHAIN, own["spread"], own["q"] ** 2 * (own["spread"] + own["chi"])),
    (TEST_ERROR_OF_A_CHAIN_BACKWARDS, None, signal + sympy.Sum(chi[g], (g, 2, N))),
    (TEST_ERROR_OF_A_CHAIN_BACKWARDS, None, signal - sympy.Sum(chi[g], (g, 1, N))),
    (ACCUMULATED_ROWS.noise, None, Trace(x.weight) / margin),
    (ACCUMULATED_ROWS.noise, None, (n - m) * Trace(x.weight) / (n * margin)),
    (REPEATED_ROWS.noise, None, Trace(x.weight) / (x.copies * margin)),
    (TEST_ERROR_ON_REPEATED_ROWS, None, sympy.Sum(r * sigma**2 / (i * (n - r - 1)), (i, 1, N))),
    (TEST_ERROR_OF_ACCUMULATION, None, sympy.Sum(r * sigma**2 / (i * (i * n - r)), (i, 1, N))),
    (TEST_ERROR_OF_ACCUMULATION, None, sympy.Sum(r * sigma**2 / (i * (n - r - 1)), (i, 1, N))),
    (SPREAD, None, x.share * x.spread),
    (SPREAD, None, (1 - x.share) ** 2 * x.spread),
    (LOST, None, (1 - x.share) * x.lost),
    (LABELLER_MIXTURE, None, c_1 * S_2 + c_2 * S_1 + sigma**2 * r / margin),
    (LABELLER_MIXTURE, c_1, (2 + h) / n**2),
    (LABELLER_MIXTURE, c_2, (n - h) / (n**2 * (n + 2))),
    (LABELLER_MIXTURE, h, r * n / margin),
    (LIMIT_WITH_FRESH_REAL_ROWS, FADING, c_1 * m + c_2 * m**2),
    (LIMIT_WITH_FRESH_REAL_ROWS, FADING, c_1 * (n - m) + c_2 * (n - m) * (n - m - 1)),
    (LIMIT_OF_SUBSAMPLES, None, sigma**2 * r / margin * (sympy.pi**2 / 2 - 3)),
    (LIMIT_OF_SUBSAMPLES, None, sigma**2 * r / margin * (sympy.pi**2 / 3 - 2)),
    (SPECTRUM_OF_KEPT_ROWS, RATIO, REAL_ROWS / r),
    (TARGET_OF_KEPT_ROWS, None, REAL_NOISE * x.s),
    (PROJECTION.noise, None, Trace(x.missed * x.weight) / x.margin_2),
    (PROJECTION.noise, None, Trace(x.q * x.weight) / x.margin_2),
    (PROJECTION.noise, x.spilled, Trace(x.p * x.q) / x.width_margin_1),
    (PROJECTION.noise, x.width_margin_1, m_S),
    (PROJECTION.noise, x.margin_2, x.margin_1 + x.width_margin_1 * Trace(x.p * x.q)),
    (EFFECTIVE_RIDGE_OF_A_PROJECTION, None, x.kappa * x.margin_1 * x.width_margin_1 / n),
    (PROJECTED_LEAST_SQUARES.noise, margin, n - m_S),
    (PROJECTED_LEAST_SQUARES.noise, margin, m_S - n - 1),
    (PROJECTED_LEAST_SQUARES.lost, None, m_S / r),
    (SPECTRUM_OF_A_KEPT_PROJECTION, PLACE, x.kappa * x.width_margin_1 / m_S),
    (DISAGREEMENT, None, LABELLER_VARIANCE * Trace(x.kept**2 * x.tau + x.spread)),
    (CLEAN_RATE, None, 1 + SYNTHETIC_SHARE * SIZE_OF_SHIFT**2 * n / (sigma**2 * r)),
    (BEST_EFFECTIVE_SHARE, None, SYNTHETIC_COST / (REAL_COST + SYNTHETIC_COST)),
    (STEADY_NOISE_WITHOUT_PENALTY, None, sigma**2 / (REAL_SHARE * (1 - REAL_SHARE))),
    (VARIANCE_FACTOR, None, (REAL_SHARE**2 + COST_RATIO * (1 - REAL_SHARE)) / (REAL_SHARE * (2 - REAL_SHARE))),
    (moments.ERROR, None, Trace(x.kept**2 * x.tau + x.spread)),
    (moments.NORM, None, Trace(x.kept**2 * x.tau + x.spread)),
)


@pytest.mark.parametrize(("statement", "symbol", "expression"), MISTAKES, ids=str)
def test_common_mistakes_are_made(statement, symbol, expression):
    found = [dict(((None, m.statement.result), *m.statement.definitions))[symbol] for m in mutants(statement)]
    assert expression in found


def test_sigma_and_sigma_0_are_confused():
    found = [mutant.description for mutant in mutants(TEST_ERROR_AFTER_GENERATORS)]
    assert "result: sigma and sigma_0 exchanged" in found


def test_the_name_of_a_sequence_is_not_mutated():
    sums = [m.statement.result for m in mutants(TEST_ERROR_OF_A_CHAIN_BACKWARDS) if "chi and" in m.description]
    assert sums == []
