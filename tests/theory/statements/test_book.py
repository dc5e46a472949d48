"""The theorem book: complete entries, and closed forms that equal the printed ones in exact rational arithmetic."""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy
from matplotlib.mathtext import MathTextParser

from modelcollapse.theory.chains import backward, forward, moments
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.theory.rules.random_subspace import RANDOM_SUBSPACE
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.statement import latex
from modelcollapse.theory.statements import demystified, least_squares
from modelcollapse.theory.statements.book import BOOK, THEOREMS

from ..interpreter import run, value

ROOT = Path(__file__).parents[3]
S = np.array([Fraction(7, 3), Fraction(5, 4), Fraction(2, 3), Fraction(1, 9)])
TAU = np.array([Fraction(3, 5), Fraction(2, 7), Fraction(11, 4), Fraction(1, 6)])
RANK, KAPPA, ROWS, PENALTY = Fraction(4), Fraction(2, 5), Fraction(17, 2), None
SHARE = S / (S + KAPPA)
PENALTY = KAPPA * (1 - SHARE.sum() / ROWS)


@pytest.fixture(params=BOOK, ids=lambda statement: statement.name)
def statement(request):
    return request.param


def test_names_are_unique():
    assert len({statement.name for statement in BOOK}) == len(BOOK)
    assert set(THEOREMS) <= set(BOOK)


def test_every_entry_is_complete(statement):
    assert statement.name
    assert statement.hypotheses
    assert all(text.strip() for text in statement.hypotheses)
    assert str(statement.source).strip()
    assert isinstance(statement.kind, Kind)


def test_every_description_is_one_sentence(statement):
    assert statement.description.endswith(".")
    assert not re.search(r"[.!?]\s", statement.description)


def test_every_source_leads_to_a_derivation(statement):
    """The file exists, and its docstring says how the statement is derived."""
    [path] = re.findall(r"derived in ([\w/]+\.py)", str(statement.source))
    text = (ROOT / path).read_text()
    assert len(re.split(r'r?"""', text)[1]) > 300


def test_every_entry_prints(statement):
    parser = MathTextParser("path")
    for symbol, expression in statement.definitions:
        parser.parse(f"${latex(symbol)} = {latex(expression)}$")
    parser.parse(f"${latex(statement.result)}$")
    assert statement._repr_latex_().startswith("$$")
    assert len(statement.equations()) == len(statement.definitions)


def test_definitions_come_before_they_are_used(statement):
    names = [symbol for symbol, _ in statement.definitions]
    for position, (_, expression) in enumerate(statement.definitions):
        assert not expression.free_symbols & set(names[position:])


def test_the_collapse_formula():
    """Bias + variance + Delta of [D] with ridge and exact generators."""
    generators, sigma, sigma0, margin = 3, Fraction(3, 4), Fraction(2, 9), Fraction(13, 2) - RANK - 1
    df2 = (SHARE**2).sum()
    bias = KAPPA**2 * (TAU / (S + KAPPA) ** 2).sum() / (1 - df2 / ROWS)
    variance = sigma**2 * df2 / (ROWS - df2)
    downstream = df2 + KAPPA**2 * ((S + KAPPA) ** -2).sum() * df2 / (ROWS - df2)
    theorem = demystified.TEST_ERROR_AFTER_GENERATORS
    known = {x.s: S, x.tau: TAU, x.kappa: KAPPA, x.rows: ROWS, x.penalty: PENALTY, x.rank: RANK, x.noise: sigma}
    known |= {demystified.GENERATORS: generators, demystified.GENERATOR_ROWS: Fraction(13, 2)}
    known |= {demystified.GENERATOR_NOISE: sigma0}
    found = value(theorem.result, run(theorem.definitions, known, 4), 4)
    assert found == bias + variance + generators * sigma0**2 / margin * downstream


def test_errors_after_replacement():
    theorem = least_squares.TEST_ERROR_AFTER_REPLACEMENT
    known = {x.rows: Fraction(19), x.rank: RANK, x.noise: Fraction(3, 4), least_squares.GENERATIONS: 6}
    found = value(theorem.result, run(theorem.definitions, known, 4), 4)
    assert found == 6 * Fraction(9, 16) * 4 / Fraction(19 - 4 - 1)


@pytest.mark.parametrize("generations", [1, 2, 5])
def test_errors_below_the_rank(generations):
    """(1 - r^N) |w_0|^2 + sigma^2 g (1 - r^N)/(1 - r) with r = n/d, g = n/(d - n - 1)."""
    n, d, sigma, zero = Fraction(4), Fraction(11), Fraction(3, 4), Fraction(13, 5)
    theorem = demystified.TEST_ERROR_BELOW_THE_RANK
    result = theorem.result.subs(demystified.GENERATIONS, generations)
    known = {x.rows: n, x.rank: d, x.noise: sigma, demystified.ZERO_MODEL_ERROR: zero}
    kept = (n / d) ** generations
    expected = (1 - kept) * zero + sigma**2 * n / (d - n - 1) * (1 - kept) / (1 - n / d)
    assert value(result, run(theorem.definitions, known, 11), 11) == expected


def test_variance_over_draws():
    """2 E tr C^2 + Var tr C with C = sum sigma_g^2 W_g^-1, from the second inverse-Wishart moments as printed."""
    d, sizes, variances = 5, (11, 14), (Fraction(4, 9), Fraction(3, 7))

    def moments_of(t):
        common = Fraction((t - d) * (t - d - 1) * (t - d - 3))
        return Fraction(1, t - d - 1), (t - 1) / common, (d * d * (t - d - 2) + 2 * d) / common

    means = [moments_of(t)[0] for t in sizes]
    squares = sum(v**2 * d * moments_of(t)[1] for v, t in zip(variances, sizes, strict=True))
    crossed = 2 * variances[0] * variances[1] * d * means[0] * means[1]
    spread = sum(
        v**2 * (moments_of(t)[2] - d**2 * moments_of(t)[0] ** 2) for v, t in zip(variances, sizes, strict=True)
    )
    statement = least_squares.SPREAD_OVER_DRAWS
    one = dict(statement.definitions)[least_squares.DRAW_VARIANCE]
    each = [value(one, {x.rows: Fraction(t), x.rank: Fraction(d)}, d) for t in sizes]
    known = {
        x.rank: Fraction(d),
        least_squares.SUM_OF_GAINS: sum(v * m for v, m in zip(variances, means, strict=True)),
        least_squares.SUM_OF_VARIANCES: sum(v**2 * e for v, e in zip(variances, each, strict=True)),
    }
    assert value(statement.result, known, d) == 2 * (squares + crossed) + spread


def numbered(rule, generation):
    """Exact values of a generation's own symbols."""
    rows = {RESOLVENT: ROWS, LEAST_SQUARES: Fraction(19, 2), RANDOM_SUBSPACE: Fraction(3, 2)}[rule] + generation
    penalty = KAPPA / (generation + 1) * (1 - (S / (S + KAPPA / (generation + 1))).sum() / rows)
    numbers = {
        x.rows: rows,
        x.penalty: penalty,
        x.kappa: KAPPA / (generation + 1),
        x.noise: Fraction(2, generation + 4),
    }
    return {x.at(symbol, generation): number for symbol, number in numbers.items()}


@pytest.mark.parametrize(
    "rules", [(RESOLVENT,) * 3, (LEAST_SQUARES, RANDOM_SUBSPACE, RESOLVENT), (RANDOM_SUBSPACE,) * 3]
)
def test_both_programs_of_a_chain_give_the_same_error(rules):
    """Forwards and backwards through three generations, exactly."""
    known = {x.s: S, x.tau: TAU, x.rank: RANK}
    for generation, rule in enumerate(rules, start=1):
        known |= numbered(rule, generation)
    forwards = run(forward.initial_state(0), known, 4)
    for generation, rule in enumerate(rules, start=1):
        forwards = run(forward.generation_program(rule, generation, generation - 1), forwards, 4)
    error = value(
        moments.ERROR.result, {**known, x.lost: forwards[x.at(x.lost, 3)], x.spread: forwards[x.at(x.spread, 3)]}, 4
    )
    backwards = known | {x.at(x.weight, 3): np.array([Fraction(1)] * 4)}
    for generation in (3, 2, 1):
        backwards = run(backward.generation_program(rules[generation - 1], generation, generation - 1), backwards, 4)
    first = {x.weight: backwards[x.at(x.weight, 0)], x.kept: forwards[x.at(x.kept, 3)]}
    paid = sum(backwards[x.at(x.chi, generation)] for generation in (1, 2, 3))
    assert value(moments.BACKWARD_ERROR.result, known | first, 4) + paid == error


def test_indices_keep_what_is_known_about_a_symbol():
    assert x.at(x.kappa, 3) == sympy.Symbol("kappa_3", positive=True)
    assert isinstance(x.at(x.spread, "g"), x.Spectral)
    assert latex(x.at(x.margin_2, 3)) == "D_{2,3}"
