"""The one-step rules against their printed form, in exact rational arithmetic: nothing is rounded, nothing is drawn."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.disturbed_rows import DISTURBED_LEAST_SQUARES
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.theory.rules.one_step import OneStep, linear_parts
from modelcollapse.theory.rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from modelcollapse.theory.rules.projection import EFFECTIVE_RIDGE_OF_A_PROJECTION, PROJECTION
from modelcollapse.theory.rules.random_subspace import RANDOM_SUBSPACE
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.statement import Reference, Statement
from modelcollapse.theory.rules.trace import Trace

from ..interpreter import run, value

RULES = {
    "resolvent": RESOLVENT,
    "least squares": LEAST_SQUARES,
    "random subspace": RANDOM_SUBSPACE,
    "projection": PROJECTION,
    "projected least squares": PROJECTED_LEAST_SQUARES,
    "least squares on disturbed rows": DISTURBED_LEAST_SQUARES,
}
DIRECTIONS = 5


def fractions(generator, shape=(DIRECTIONS,)):
    """Random positive rational numbers."""
    above, below = generator.integers(1, 40, (2, *np.atleast_1d(shape)))
    return np.array([Fraction(int(a), int(b)) for a, b in zip(above.ravel(), below.ravel(), strict=True)])


def ridge_numbers(generator):
    """A spectrum, kappa and n, and the lambda that belongs to them: lambda = kappa (1 - df_1/n)."""
    s, (kappa, extra) = fractions(generator), fractions(generator, 2)
    freedom = (s / (s + kappa)).sum()
    rows = freedom + extra
    return s, kappa, rows, kappa * (1 - freedom / rows)


def known_numbers(rule, generator):
    """Values for all symbols that a rule starts from, the state and a weight."""
    s, kappa, rows, penalty = ridge_numbers(generator)
    known = {x.s: s, x.kappa: kappa, x.rows: rows, x.penalty: penalty, x.rank: Fraction(DIRECTIONS)}
    if rule in (LEAST_SQUARES, DISTURBED_LEAST_SQUARES):
        known[x.rows] = Fraction(DIRECTIONS + 2) + fractions(generator, 1)[0]
    if rule is RANDOM_SUBSPACE:
        known[x.rows] = Fraction(DIRECTIONS - 2) - Fraction(1, 7)
    if rule is PROJECTION:
        known[x.width] = (s / (s + kappa)).sum() + fractions(generator, 1)[0]
    if rule is PROJECTED_LEAST_SQUARES:
        known[x.width] = Fraction(DIRECTIONS - 2) - Fraction(1, 7)
        known[x.rows] = known[x.width] + 2 + fractions(generator, 1)[0]
    known |= {symbol: fractions(generator) for symbol in (x.weight, x.tau, x.spread, x.kept)}
    known |= {x.lost: 1 - known[x.kept], x.noise: fractions(generator, 1)[0]}
    known[x.disturbance] = fractions(generator, 1)[0]
    return run(rule.definitions, known, DIRECTIONS)


@pytest.fixture(params=range(4))
def generator(request):
    return np.random.default_rng(request.param)


@pytest.fixture(params=RULES)
def rule(request):
    return RULES[request.param]


def test_margins_are_the_differences_they_stand_for(generator):
    s, kappa, rows, penalty = ridge_numbers(generator)
    known = run(RESOLVENT.definitions, {x.s: s, x.kappa: kappa, x.rows: rows, x.penalty: penalty}, DIRECTIONS)
    share = s / (s + kappa)
    assert known[x.margin_1] == rows - share.sum()
    assert known[x.margin_2] == rows - (share**2).sum()
    assert np.all(known[x.q] == share)
    assert np.all(known[x.p] == 1 - share)


def test_margins_of_a_projection_are_the_differences_they_stand_for(generator):
    """m - df_2, n - tr q_S with tr q_S = df_2 + chi (df_1 - df_2), chi = (df_1 - df_2)/(m - df_2); and lambda."""
    known = known_numbers(PROJECTION, generator)
    share, rows, width = known[x.q], known[x.rows], known[x.width]
    first, second = share.sum(), (share**2).sum()
    spilled = (first - second) / (width - second)
    assert (known[x.margin_1], known[x.width_margin_1]) == (rows - first, width - first)
    assert (known[x.width_margin_2], known[x.spilled]) == (width - second, spilled)
    assert known[x.margin_2] == rows - second - spilled * (first - second) == rows - known[x.passed].sum()
    penalty = value(EFFECTIVE_RIDGE_OF_A_PROJECTION.result, known, DIRECTIONS)
    assert penalty == known[x.kappa] * (1 - first / rows) * (1 - first / width)


def test_projection_rules_are_the_printed_ones(generator):
    """Where the error counts every direction once: bias (1 + u)[tr p^2 tau + kappa chi tr Gamma T^2], variance u."""
    known = known_numbers(PROJECTION, generator) | {x.weight: np.array([Fraction(1)] * DIRECTIONS)}
    s, kappa, share, tau = (known[symbol] for symbol in (x.s, x.kappa, x.q, x.tau))
    effective = known[x.rows] - known[x.margin_2]
    u = effective / known[x.rows] / (1 - effective / known[x.rows])
    bias = (1 + u) * (((1 - share) ** 2 * tau).sum() + kappa * known[x.spilled] * (tau / s * share**2).sum())
    second = value(PROJECTION.second_moment.result, known, DIRECTIONS)
    assert ((second - 2 * share + 1) * tau).sum() == bias
    assert value(PROJECTION.noise.result, known, DIRECTIONS) == u


def test_projected_least_squares_are_the_printed_ones(generator):
    """Where every direction counts once: f tau + m/(n - m - 1) f tau, noise m/(n - m - 1), with f = 1 - m/r."""
    known = known_numbers(PROJECTED_LEAST_SQUARES, generator) | {x.weight: np.array([Fraction(1)] * DIRECTIONS)}
    width, rank = known[x.width], known[x.rank]
    noise, missed = width / (known[x.rows] - width - 1), 1 - width / rank
    second = value(PROJECTED_LEAST_SQUARES.second_moment.result, known, DIRECTIONS)
    assert np.all(second - 2 * width / rank + 1 == missed + noise * missed)
    assert value(PROJECTED_LEAST_SQUARES.noise.result, known, DIRECTIONS) == noise


def test_ridge_rules_are_the_printed_ones(generator):
    """With A = diag(s B): W'AW ~ PAP + c S Q^2 and noise c = tr(A S G^2)/(T - df_2)."""
    known = known_numbers(RESOLVENT, generator)
    s, kappa, rows, weight = (known[symbol] for symbol in (x.s, x.kappa, x.rows, x.weight))
    a, resolvent = s * weight, 1 / (s + kappa)
    c = (a * s * resolvent**2).sum() / (rows - ((s * resolvent) ** 2).sum())
    carried = (s * resolvent) ** 2 * a + c * s * (kappa * resolvent) ** 2
    assert np.all(s * value(RESOLVENT.second_moment.result, known, DIRECTIONS) == carried)
    assert value(RESOLVENT.noise.result, known, DIRECTIONS) == c
    assert np.all(value(RESOLVENT.lost.result, known, DIRECTIONS) == kappa * resolvent)
    assert np.all(value(RESOLVENT.kept.result, known, DIRECTIONS) == s * resolvent)


def test_least_squares_rules_are_the_printed_ones(generator):
    """W = 1 and noise tr(A Sigma^-1)/(T - r - 1)."""
    known = known_numbers(LEAST_SQUARES, generator)
    noise = known[x.weight].sum() / (known[x.rows] - DIRECTIONS - 1)
    assert value(LEAST_SQUARES.noise.result, known, DIRECTIONS) == noise
    assert np.all(value(LEAST_SQUARES.second_moment.result, known, DIRECTIONS) == known[x.weight])


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_random_subspaces_have_the_moments_of_gaussian_directions(rows):
    """For n = 1 and n = r - 1 the projection is uu' or 1 - uu', with E u_i^2 u_j^2 = (1 + 2 [i = j])/(r (r + 2))."""
    rank = rows + 1 if rows > 1 else 5
    weight = fractions(np.random.default_rng(rows), rank)
    known = {x.rows: Fraction(rows), x.rank: Fraction(rank), x.weight: weight}
    found = value(RANDOM_SUBSPACE.second_moment.result, known, rank)
    of_a_line = (weight.sum() + 2 * weight) / Fraction(rank * (rank + 2))
    expected = of_a_line if rows == 1 else weight - 2 * weight / Fraction(rank) + of_a_line
    assert np.all(found == expected)
    assert value(RANDOM_SUBSPACE.kept.result, known, rank) == Fraction(rows, rank)


def test_noise_below_the_rank_is_an_inverse_wishart_mean():
    """E tr (XX')^{-1} = n/(r - n - 1), shared equally by the directions."""
    weight = fractions(np.random.default_rng(3), 9)
    known = {x.rows: Fraction(4), x.rank: Fraction(9), x.weight: weight}
    known = run(RANDOM_SUBSPACE.definitions, known, 9)
    assert value(RANDOM_SUBSPACE.noise.result, known, 9) == Fraction(4, 9 - 4 - 1) * weight.sum() / 9


def test_what_is_not_kept_is_lost(rule, generator):
    known = known_numbers(rule, generator)
    kept, lost = (value(part.result, known, DIRECTIONS) for part in (rule.kept, rule.lost))
    assert np.all(kept + lost + np.zeros(DIRECTIONS, dtype=int) == 1)


def test_what_is_not_kept_is_lost_as_formulas(rule):
    total = (rule.kept.result + rule.lost.result).subs(x.p, 1 - x.q)
    assert sympy.simplify(total - 1) == 0


def test_a_weight_of_one_on_the_mean_and_the_variance(rule, generator):
    """E|W w|^2 >= |E W w|^2 in every direction: what fluctuates is not negative."""
    known = known_numbers(rule, generator) | {x.weight: np.array([Fraction(1)] * DIRECTIONS)}
    second = value(rule.second_moment.result, known, DIRECTIONS)
    assert np.all(second >= value(rule.kept.result, known, DIRECTIONS) ** 2)


def test_forwards_is_the_adjoint_of_backwards(rule, generator):
    """Tr[B M'] = Tr[(a B + g b Tr[c B]) M] + sigma^2 h Tr[c B] for every weight B and second moment M."""
    known = known_numbers(rule, generator)
    gains, after = dict(known), {}
    for symbol, expression in rule.forward():  # chi (and eta) first; the new state does not enter itself
        known_or_new = gains if symbol in (x.chi, x.eta) else after
        known_or_new[symbol] = value(expression, gains, DIRECTIONS)
    second_moment = known[x.kept] ** 2 * known[x.tau] + known[x.spread]
    second_moment_after = after[x.kept] ** 2 * known[x.tau] + after[x.spread]
    backwards = (value(rule.second_moment.result, known, DIRECTIONS) * second_moment).sum()
    backwards += known[x.noise] ** 2 * value(rule.noise.result, known, DIRECTIONS)
    assert (known[x.weight] * second_moment_after).sum() == backwards
    assert np.all(after[x.kept] + after[x.lost] == 1)


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule is not PROJECTED_LEAST_SQUARES])
def test_the_forward_form_subtracts_nothing(rule):
    """With q and p = 1 - q as atoms, all coefficients are positive (r > n, m >= 1 are whole: exact)."""
    more, surplus = sympy.symbols("more surplus", positive=True)
    for symbol, expression in rule.forward():
        fewer = {x.rank: 2 + more + surplus, x.rows: 1 + more, x.width: 1 + more}
        counted = expression.subs(fewer, simultaneous=True)
        for polynomial in sympy.fraction(sympy.together(counted)):
            assert all(term.as_coeff_Mul()[0] >= 0 for term in sympy.Add.make_args(sympy.expand(polynomial))), symbol


def test_projected_least_squares_subtract_little():
    """A direction takes back 2/(r + 1) <= 2/3 of what missed directions add to all: a digit is not lost."""
    local, ((shared, _, _),) = linear_parts(PROJECTED_LEAST_SQUARES.second_moment.result)
    margin = x.wishart_margin  # which only what lies outside of the subspace is divided by
    taken, added = (part.subs(margin, 1) - part.subs(margin, 2) for part in (local, shared))
    assert sympy.simplify(taken / added + 2 / (x.rank + 1)) == 0


def test_rules_that_collect_the_weight_in_three_ways_have_no_forward_form():
    other = Statement("n", "d.", ("h",), (), Trace(x.p * x.weight), Reference((), "here"), Kind.EXACT)
    assert [symbol for symbol, _ in PROJECTION.forward()][:2] == [x.chi, x.eta]
    with pytest.raises(ValueError, match="collect"):
        OneStep(PROJECTION.kept, PROJECTION.lost, PROJECTION.second_moment, other).forward()


def test_statements_of_a_rule_share_hypotheses_and_definitions(rule):
    assert len({statement.definitions for statement in rule.statements()}) == 1
    assert len({statement.hypotheses for statement in rule.statements()}) == 1
    assert len({statement.kind for statement in rule.statements()}) == 1
