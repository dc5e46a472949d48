"""The scaling law of generators: its terms, its crossovers, its warnings."""

import numpy as np
import pytest
import sympy

from modelcollapse.theory.asymptotics import (
    Demystified,
    Logarithm,
    NoDecay,
    Ridgeless,
    Saturated,
    SmoothSource,
    WastedGeneratorRows,
    scaling_law,
)
from modelcollapse.theory.asymptotics.scaling_law import EXAMPLE
from modelcollapse.theory.asymptotics.scaling_terms import BIAS, DIRECT, ROWS, SPREAD, VARIANCE, terms_of
from modelcollapse.theory.problem.errors import NoTheorem, SpecificationError

R, T = sympy.Rational, ROWS
beta, r, ell, a, b, phi = sympy.symbols("beta r ell a b phi_0", positive=True)
SYMBOLIC = Demystified(beta, r, ell, a, b, phi)


def by_name(law):
    return {term.name: term for term in law.terms}


def test_exponents_are_those_of_the_specification():
    terms = by_name(scaling_law(SYMBOLIC))
    expected = {BIAS: 2 * r * ell, VARIANCE: 1 - ell / beta, DIRECT: b - a - ell / beta, SPREAD: 1 - a - ell / beta}
    assert {name: sympy.expand(term.exponent - expected[name]) for name, term in terms.items()} == dict.fromkeys(
        expected, 0
    )


def test_conditions_hold_where_numbers_give_the_same_terms():
    """Numbers that meet the conditions give the symbolic law; numbers that do not, another one."""
    law = scaling_law(SYMBOLIC)
    rng = np.random.default_rng(1)
    met = 0
    for _ in range(40):
        own = [R(int(rng.integers(11, 30)), 10), *(R(int(rng.integers(1, top)), 40) for top in (70, 90, 30, 60, 39))]
        if own[2] in (own[0], own[0] * own[4]) or own[4] == 1 or own[1] == 1:
            continue
        values = dict(zip((beta, r, ell, a, b, phi), own, strict=True))
        numbers = terms_of(Demystified(*own), EXAMPLE)
        same = all(
            name in by_name(numbers)
            and by_name(numbers)[name].exponent == term.exponent.subs(values)
            and abs(float(by_name(numbers)[name].constant / term.constant.subs(values)) - 1) < 1e-12
            for name, term in by_name(law).items()
        )
        holds = all(bool(condition.subs(values)) for condition in law.conditions)
        met += holds
        assert same or not holds
    assert met >= 3


def test_the_second_parameter_of_a_symbolic_law_is_the_regime():
    beyond = scaling_law(SYMBOLIC, near=Demystified(2, 1.5, 0.5, 0.1, 1.3, 0.3))
    bias = by_name(beyond)[BIAS]
    assert bias.exponent == 2 * ell
    assert sympy.simplify(bias.constant - sympy.zeta(1 + 2 * beta * r - 2 * beta)) == 0
    assert beyond.regimes == (SmoothSource(), WastedGeneratorRows())


def test_constants_by_hand():
    """beta = 2, r = 1/2: bias lambda/2; df_2 = (pi/4) lambda^(-1/2); sigma = 3, sigma_0 = 2, n = 5."""
    law = scaling_law(
        Demystified(2, 0.5, 0.6, 0, 0.8, 0.5, noise=3, generator_noise=2, penalty_scale=4, generations_scale=5)
    )
    constants = {name: term.constant for name, term in by_name(law).items()}
    freedom = sympy.pi / 8
    expected = {BIAS: 2, VARIANCE: 9 * freedom, DIRECT: 40 * freedom, SPREAD: 20 * freedom}
    assert {name: sympy.simplify(constants[name] - expected[name]) for name in expected} == dict.fromkeys(expected, 0)


def test_at_source_one_the_bias_has_a_logarithm():
    law = scaling_law(Demystified(R(3, 2), 1, 0.4, generator_ratio=0.5))
    assert [(term.exponent, term.log) for term in law.terms if term.name == BIAS] == [(R(4, 5), 1), (R(4, 5), 0)]
    assert law.regimes == (Logarithm(),)
    assert "log" in law._repr_latex_()


def test_saturated_the_generators_noise_is_at_its_plateau():
    """phi_0/(1 - phi_0) n sigma_0^2, whatever the penalty; the label noise d/(T - d)."""
    law = scaling_law(Demystified(1.5, 0.5, 0.8, 0, 0.35, 0.2, generations_scale=3))
    terms = by_name(law)
    assert (terms[DIRECT].constant, terms[DIRECT].exponent) == (R(3, 4), 0)
    assert (terms[VARIANCE].constant, terms[VARIANCE].exponent) == (R(1, 5), R(13, 20))
    assert law.regimes == (Saturated(), NoDecay(DIRECT, sympy.S.Zero))
    assert (law.exponent, law.constant) == (0, R(3, 4))


def test_without_a_penalty_to_speak_of_the_noise_of_the_last_fit_is_never_averaged_out():
    """df_2/(T - df_2) = beta - 1 (the specification's chi of one minimum-norm fit)."""
    law = scaling_law(Demystified(1.5, 0.5, 2, 0, 1.2, 0.3))
    assert (by_name(law)[VARIANCE].constant, by_name(law)[VARIANCE].exponent) == (R(1, 2), 0)
    assert Ridgeless() in law.regimes


def test_at_a_fixed_ratio_more_generator_rows_bring_nothing():
    exponents = {rows: scaling_law(Demystified(2, 0.5, 0.6, 0.1, rows, 0.3)).exponent for rows in (1, 1.2, 2)}
    assert len(set(exponents.values())) == 1
    assert WastedGeneratorRows() in scaling_law(Demystified(2, 0.5, 0.6, 0.1, 1.2, 0.3)).regimes
    free = [scaling_law(Demystified(2, 0.9, 0.6, 0.4, rows)).exponent for rows in (1, 1.2, 1.3)]
    assert free[0] < free[1] < free[2]


def test_crossovers_in_rows_are_where_two_terms_are_equal():
    law = scaling_law(Demystified(1.5, 0.5, 0.45, 0, 0.8, 0.5))
    (one,) = [c for c in law.crossovers if c.parameter == T and {c.first, c.second} == {BIAS, DIRECT}]
    parts = law.parts(float(one.value))
    assert parts[BIAS] == pytest.approx(parts[DIRECT], rel=1e-10)
    assert law.parts(2 * float(one.value))[BIAS] > law.parts(2 * float(one.value))[DIRECT]


def test_the_clean_optimum_is_a_crossover_of_the_symbolic_law():
    law = scaling_law(SYMBOLIC)
    values = [c.value for c in law.crossovers if {c.first, c.second} == {BIAS, VARIANCE} and c.parameter == ell]
    assert [sympy.simplify(value - beta / (2 * r * beta + 1)) for value in values] == [0]


def test_a_crossover_outside_its_range_is_not_stated():
    """In the specification's last example bias and generators' noise would meet only beyond saturation."""
    law = scaling_law(Demystified(1.5, 0.5, 0.6, 0, 0.45, 0.5))
    for crossover in law.crossovers:
        assert sympy.false not in crossover.conditions


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("exponent", 1, "finite trace"),
        ("exponent", 0.7, "finite trace"),
        ("source", 0, "finite norm"),
        ("penalty", -0.1, "vanishes"),
        ("generator_rows", 0, "grow"),
        ("generator_ratio", 1, "more rows than directions"),
        ("generations", -0.1, ">= 0"),
        ("noise", -1, ">= 0"),
        ("penalty_scale", 0, "> 0"),
        ("source", "0.5", "finite number"),
        ("source", float("nan"), "finite number"),
        ("source", True, "finite number"),
        ("source", r + 1, "number or a symbol"),
    ],
)
def test_exponents_out_of_range_are_named(field, value, why):
    good = {"exponent": 1.5, "source": 0.5, "penalty": 0.5}
    with pytest.raises(SpecificationError, match=why) as caught:
        Demystified(**{**good, field: value})
    assert caught.value.field == field


def test_a_family_on_a_boundary_has_no_law():
    with pytest.raises(NoTheorem, match="exponent is not"):
        scaling_law(Demystified(1.5, 0.5, 1.5, 0, 1, 0.5))


def test_many_directions_are_below_the_penalty_or_there_is_no_law():
    """d << T^b and s_d = d^-beta << T^-l leave room for d only where l < b beta; generators without noise need none."""
    for generator_rows in (0.5, 0.6):
        with pytest.raises(NoTheorem, match="penalty < exponent"):
            scaling_law(Demystified(2, 0.5, 1.2, 0, generator_rows))
    assert scaling_law(Demystified(2, 0.5, 1.2, 0, R(61, 100))).terms
    assert scaling_law(Demystified(2, 0.5, 1.2, 0, 0.5, generator_noise=0)).terms


def test_other_families_are_refused():
    with pytest.raises(SpecificationError, match="family"):
        scaling_law("demystified")
    with pytest.raises(SpecificationError, match="numbers only"):
        scaling_law(SYMBOLIC).error_at(10)
    with pytest.raises(SpecificationError, match="rows"):
        scaling_law(Demystified(1.5, 0.5, 0.5)).error_at([-1.0])


def test_numbers_are_exact():
    assert Demystified(1.3, 0.1, 1e-3).source == R(1, 10)
    assert Demystified(1.3, np.float64(0.1), 1e-3) == Demystified(R(13, 10), 0.1, R(1, 1000))


def test_the_constant_of_the_bias_has_no_hole():
    """At r = 1/2 it is B(1, 1)/beta, and r -> 1/2 from either side leads there."""
    constant = by_name(scaling_law(SYMBOLIC))[BIAS].constant
    assert constant.subs(r, R(1, 2)) == 1 / beta
    for source in (0.5 - 1e-7, 0.5 + 1e-7):
        assert float(constant.subs({r: source, beta: 1.5})) == pytest.approx(2 / 3, rel=1e-6)
    assert float(constant.subs({r: R(1, 4), beta: 2})) == pytest.approx(np.pi / 4)  # B(3/2, 1/2)/2


@pytest.mark.parametrize("near", [EXAMPLE, Demystified(1.5, 0.5, 0.8, 0.1, 0.35, 0.2)], ids=["inside", "saturated"])
def test_conditions_are_said_once(near):
    law = scaling_law(SYMBOLIC, near=near)
    assert all(not set(crossover.conditions) & set(law.conditions) for crossover in law.crossovers)
    assert {r < 1} < set(law.conditions)
    for line in str(law).splitlines():
        assert len(line) <= 120
    texts = [str(one) for crossover in law.crossovers for one in crossover.conditions] + [*map(str, law.conditions)]
    assert not any(text.startswith("-") for text in texts)


def test_conditions_of_crossovers_hold_where_the_exponents_meet():
    """At numbers that fulfil them, and at the crossover, the law of the numbers has two equal exponents."""
    law = scaling_law(SYMBOLIC)
    rng, met = np.random.default_rng(2), 0
    for crossover in (one for one in law.crossovers if one.parameter == ell):
        for _ in range(12):
            own = [R(int(rng.integers(11, 30)), 10), *(R(int(rng.integers(1, top)), 40) for top in (40, 30, 60, 39))]
            values = dict(zip((beta, r, a, b, phi), own, strict=True))
            values[ell] = crossover.value.subs(values)
            if all(one.subs(values) for one in (*law.conditions, *crossover.conditions)):
                terms = by_name(scaling_law(Demystified(*(values[one] for one in (beta, r, ell, a, b, phi)))))
                assert terms[crossover.first].exponent == terms[crossover.second].exponent
                met += 1
    assert met >= 5


@pytest.mark.parametrize("rows", ["x", ["1"], [True], [1, np.inf], np.nan, None, {}, [[1], [1, 2]]])
def test_rows_that_are_no_numbers_are_named(rows):
    with pytest.raises(SpecificationError, match=r"rows: .*numbers > 0"):
        scaling_law(Demystified(1.5, 0.5, 0.5)).error_at(rows)


def test_rows_may_be_exact():
    law = scaling_law(Demystified(1.5, 0.5, 0.5))
    np.testing.assert_array_equal(law.error_at([R(1000), sympy.Integer(10)]), law.error_at([1e3, 10]))
    assert law.error_at(R(1000)) == law.error_at(1e3)


def test_names_in_tables_are_those_in_print():
    law = scaling_law(Demystified(R(3, 2), 1, 0.4, generator_ratio=0.5))
    assert [*law.to_pandas()["term"]] == [term.name for term in law.terms]
    assert law.to_xarray().sizes["term"] == len(law.terms)


def test_what_a_family_is_made_of_is_said_where_a_chain_is_given():
    with pytest.raises(SpecificationError, match=r"asymptotics\.Demystified\(exponent, source, penalty, \.\.\.\)"):
        scaling_law(SYMBOLIC, near=1.5)


def test_the_argument_that_moves_off_a_boundary_is_named():
    with pytest.raises(NoTheorem, match="Instead: `near`"):
        scaling_law(SYMBOLIC, near=Demystified(1.5, 0.5, 2, 0, 1.2, 0.3))
