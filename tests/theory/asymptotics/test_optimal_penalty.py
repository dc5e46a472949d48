"""The best penalty of a law, against the law itself."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from scipy.optimize import minimize_scalar

from modelcollapse.theory.asymptotics import Demystified, Logarithm, Ridgeless, optimal_penalty
from modelcollapse.theory.asymptotics.scaling_terms import DIRECT, ROWS, SPREAD, VARIANCE, terms_of
from modelcollapse.theory.problem.errors import NoTheorem, SpecificationError

R = sympy.Rational
beta, r, a, b, phi = sympy.symbols("beta r a b phi_0", positive=True)


def test_the_symbolic_exponent():
    """p beta/(2 r beta + 1): p = b - a where generator rows are the scarce ones, 1 - a where they are not."""
    few = Demystified(2, 0.375, 0.5, 0.1, 0.8, 0.3)
    for near, power in ((few, b - a), (Demystified(2, 0.375, 0.5, 0.1, 1.3, 0.3), 1 - a)):
        best = optimal_penalty(Demystified(beta, r, 1, a, b, phi), near)
        assert sympy.simplify(best.exponent - power * beta / (2 * r * beta + 1)) == 0
        assert sympy.simplify(best.error_exponent - 2 * r * best.exponent) == 0


@pytest.mark.parametrize(
    ("family", "power", "binding"),
    [
        (Demystified(1.5, 0.5, 1, 0, 0.8, 0.5), R(4, 5), (DIRECT,)),
        (Demystified(1.5, 0.5, 1, 0, 1.3), R(1), (VARIANCE,)),
        (Demystified(1.5, 0.5, 1, 0.1, 1.3, noise=0), R(6, 5), (DIRECT,)),
        (Demystified(1.5, 0.5, 1, 0.1, 1.3, 0.2, noise=0), R(9, 10), (SPREAD,)),
        (Demystified(1.5, 0.5, 1, 0.1, 1, 0.2, noise=0), R(9, 10), (DIRECT, SPREAD)),
    ],
)
def test_what_binds(family, power, binding):
    best = optimal_penalty(family)
    assert best.exponent == power * R(3, 2) / R(5, 2)
    assert best.binding == binding


@pytest.mark.parametrize("source", [0.3, 0.5, 1, 1.5])
def test_the_penalty_minimises_the_law(source):
    """By brute force over the constant of the penalty; one kind of noise, so that nothing is left out."""
    family, rows = Demystified(1.7, source, 1, 0, 1, generator_noise=0, noise=0.3), 1e8
    best = optimal_penalty(family)

    def error(log_penalty):
        rate = R(str(round(-log_penalty / np.log(rows), 12)))
        return sum(float(term.value.subs(ROWS, rows)) for term in terms_of(replace(family, penalty=rate), family).terms)

    centre = np.log(best.penalty_at(rows))
    found = minimize_scalar(error, bounds=(centre - 1, centre + 1), method="bounded", options={"xatol": 1e-5})
    assert found.x == pytest.approx(centre, abs=1e-3)
    assert found.fun == pytest.approx(best.error_at(rows), rel=1e-6)
    assert (Logarithm() in best.regimes) == (source == 1)


def test_a_smaller_penalty_than_none_brings_nothing():
    """Without noise in the last fit and with ever more generator rows: the bias of the ridgeless fit, T^(-2 r beta)."""
    best = optimal_penalty(Demystified(1.5, 0.5, 1, 0, 3.5, noise=0))
    assert (best.exponent, best.error_exponent, best.penalty) == (R(3, 2), R(3, 2), None)
    assert best.regimes == (Ridgeless(),)
    assert best.conditions == ()
    with pytest.raises(SpecificationError):
        best.penalty_at(10.0)


def test_no_penalty_helps_against_too_many_generations():
    with pytest.raises(NoTheorem, match="grow slower"):
        optimal_penalty(Demystified(1.5, 0.5, 1, 1, 1, 0.5))


def test_without_noise_there_is_nothing_to_shrink():
    with pytest.raises(NoTheorem, match="noisy"):
        optimal_penalty(Demystified(1.5, 0.5, 1, noise=0, generator_noise=0))
    with pytest.raises(SpecificationError, match="family"):
        optimal_penalty(1.5)


def test_the_symbolic_penalty_has_no_hole():
    """beta = 2, r = 1/2: kappa/2 + (pi/4) kappa^(-1/2)/T is least at kappa^(3/2) = (pi/4)/T, where it is 3 kappa/2."""
    best = optimal_penalty(Demystified(beta, r, 1, generator_noise=0), Demystified(2, 0.375, 0.5))
    values = {r: R(1, 2), beta: 2, ROWS: 1e6}
    assert float(best.penalty.subs(values)) == pytest.approx((np.pi / 4e6) ** (2 / 3), rel=1e-12)
    assert float(best.error.subs(values)) == pytest.approx(1.5 * (np.pi / 4e6) ** (2 / 3), rel=1e-12)


@pytest.mark.parametrize("rows", ["x", [True], -1, np.nan])
def test_rows_that_are_no_numbers_are_named(rows):
    best = optimal_penalty(Demystified(1.5, 0.5, 1, generator_noise=0))
    for asked in (best.penalty_at, best.error_at):
        with pytest.raises(SpecificationError, match=r"rows: .*numbers > 0"):
            asked(rows)


@pytest.mark.parametrize(
    "best",
    [
        lambda: optimal_penalty(Demystified(1.5, 0.5, 1, 0, 0.8, 0.5)),
        lambda: optimal_penalty(Demystified(1.7, 1, 1, 0, 1, generator_noise=0, noise=0.3)),
        lambda: optimal_penalty(
            Demystified(beta, 1, 1, a, b, phi, noise=R(1, 3)), Demystified(2, 1, 0.5, 0.1, 0.8, 0.3)
        ),
        lambda: optimal_penalty(Demystified(beta, r, 1, a, b, phi)),
        lambda: optimal_penalty(Demystified(1.5, 0.5, 1, 0, 3.5, noise=0)),
    ],
    ids=["numbers", "logarithm", "logarithm, symbols", "symbols", "cap"],
)
def test_print_is_narrow_and_tables_hold_what_is_printed(best):
    best = best()
    assert max(map(len, str(best).splitlines())) <= 120
    frame = best.to_pandas().set_index("of")
    assert frame["expression"]["penalty"] == str(best.penalty)
    assert frame["expression"]["error"] == str(best.error)


def test_constants_of_a_table_are_numbers_where_powers_have_one():
    best = optimal_penalty(Demystified(1.5, 0.5, 1, 0, 0.8, 0.5))
    frame = best.to_pandas().set_index("of")
    rows = 1e5
    for name, at in (("penalty", best.penalty_at), ("error", best.error_at)):
        law = frame["constant"][name] * rows ** -frame["exponent"][name]
        assert law == pytest.approx(at(rows), rel=1e-12)
    logarithmic = optimal_penalty(Demystified(1.7, 1, 1, generator_noise=0)).to_pandas()
    assert logarithmic["constant"].isna().all()
