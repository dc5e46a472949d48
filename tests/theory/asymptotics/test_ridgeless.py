"""Penalties that vanish: the specification's formulas, and the full formula at a tiny penalty."""

import matplotlib.mathtext
import pytest
import sympy
from scipy.optimize import brentq

from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.model import Model, ridge
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.reduction import reduced
from modelcollapse.theory.algebra.risk import risk
from modelcollapse.theory.asymptotics import Above, At, Below, Penalised, ridgeless
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.problem.errors import SpecificationError
from modelcollapse.theory.rules.trace import Trace

from ..algebra.reduction import programs
from ..algebra.reduction.test_hand_forms import (
    A_2,
    A_3,
    C_SQUARED,
    DF_2,
    OFFSET,
    OFFSET_KEPT,
    SIGMA,
    SIGMA_1,
    SIGMA_2,
    TRUTH_LOST,
    TRUTH_MIXED,
    same,
)
from .numbers import DIMENSION, SPECTRA, Numbers

T, T_1, T_2, m, d = (x.scalar(name) for name in ("T", "T_1", "T_2", "m", "d"))
ROWS = T_1 + T_2
P_1, P_2 = T_1 / ROWS, T_2 / ROWS
FLOW = Trace(x.p * x.q)


def at_bottleneck(expression, size):
    """tr[p q] = size - tr[q^2]."""
    return expression.subs(FLOW, size - DF_2)


def test_least_squares():
    limit = ridgeless(programs.reduction("ridge"))
    assert limit.conditions == (sympy.Gt(T, d),)
    assert limit.results["w_0"] == 0
    assert same(limit.explicit("e_1"), SIGMA**2 * d / (T - d))
    kappa = x.penalty * T / (T - d)
    assert same(limit.explicit("w_0").subs(x.kappa, kappa), TRUTH_LOST * T / (T - d))  # p = kappa/s
    assert limit.orders == {"w_0": 2, "e_1": 0}


def test_minimum_norm():
    limit = ridgeless(programs.reduction("ridge"), Below("T"))
    assert sympy.Eq(Trace(x.q), T, evaluate=False) in limit.equations
    assert same(at_bottleneck(limit.results["w_0"], T), TRUTH_LOST / (1 - DF_2 / T))
    assert same(at_bottleneck(limit.results["e_1"], T), SIGMA**2 * DF_2 / (T - DF_2))


@pytest.mark.parametrize("regime", [Above(), Below("T")])
def test_isotropic_limits_are_shares_of_the_truth(regime):
    """(1 - T/d)^+ |w_0|^2, from d q = T."""
    limit = ridgeless(programs.reduction("ridge, isotropic"), regime)
    if isinstance(regime, Above):
        assert limit.results["w_0"] == 0
    else:
        shares = {Trace(x.q**2): T**2 / d, Trace(x.q**2 * x.spectral("theta")): (T / d) ** 2, x.kappa: (d - T) / T}
        assert same(limit.results["w_0"].subs(shares), 1 - T / d)


def test_narrow_projection():
    """m < T, d: df_1 = m, chi = 1, u = m/(T - m)."""
    limit = ridgeless(programs.reduction("projection"), Below("m"))
    assert sympy.Eq(Trace(x.q), m, evaluate=False) in limit.equations
    assert set(limit.conditions) == {m < d, m < T}
    u = m / (T - m)
    assert same(limit.explicit("e_1"), SIGMA**2 * u)
    assert same(limit.explicit("w_0"), (1 + u) * (TRUTH_LOST + TRUTH_MIXED))


def test_overparametrised_projection():
    """T < m, d: df_1 = T, u = (df_2 (m - df_2) + (T - df_2)^2)/((T - df_2)(m - T))."""
    limit = ridgeless(programs.reduction("projection"), Below("T"))
    u = (DF_2 * (m - DF_2) + (T - DF_2) ** 2) / ((T - DF_2) * (m - T))
    chi = (T - DF_2) / (m - DF_2)
    assert same(at_bottleneck(limit.explicit("e_1"), T), SIGMA**2 * u)
    assert same(at_bottleneck(limit.explicit("w_0"), T), (1 + u) * (TRUTH_LOST + chi * TRUTH_MIXED))


def test_wide_projection_with_many_rows_is_least_squares():
    limit = ridgeless(programs.reduction("projection"))
    assert same(limit.explicit("e_1"), SIGMA**2 * d / (T - d))
    assert limit.results["w_0"] == 0


def test_pooled_least_squares():
    """u = d/(n - d), zeta = c^2 (p_2^2 + p_1 p_2 u)."""
    limit = ridgeless(programs.reduction("mixture"))
    u = d / (ROWS - d)
    assert same(limit.explicit("delta"), Trace(OFFSET * x.s) * (P_2**2 + P_1 * P_2 * u))
    noise = limit.explicit("e_1") + limit.explicit("e_2")
    assert same(noise, u * (P_1 * SIGMA_1**2 + P_2 * SIGMA_2**2))


def test_pooled_minimum_norm():
    """The theorem on strong collapse with df_1 = n."""
    limit = ridgeless(programs.reduction("mixture"), Below("T_1", "T_2"))
    u = DF_2 / (ROWS - DF_2)
    zeta = P_2 * u * C_SQUARED + P_2**2 * ((1 + u) * A_3 - 2 * u * A_2)
    assert same(at_bottleneck(limit.results["delta"], ROWS), zeta)
    assert same(at_bottleneck(limit.results["w_0"], ROWS), (1 + u) * TRUTH_LOST)


def test_narrow_projection_of_a_mixture():
    limit = ridgeless(programs.reduction("mixture, projected"), Below("m"))
    u = m / (ROWS - m)
    zeta = P_2 * u * C_SQUARED + P_2**2 * ((1 + u) * (A_3 + OFFSET_KEPT) - 2 * u * A_2)
    assert same(at_bottleneck(limit.explicit("delta"), m), zeta)
    assert same(limit.explicit("e_1") + limit.explicit("e_2"), u * (P_1 * SIGMA_1**2 + P_2 * SIGMA_2**2))


def test_weights_of_rows_that_are_all_fitted_do_not_matter():
    """Below the dimension every row is fitted exactly, whatever its weight."""
    weighted = ridgeless(programs.reduction("mixture, weighted"), Below("T_1", "T_2"))
    plain = ridgeless(programs.reduction("mixture"), Below("T_1", "T_2"))
    for name, result in plain.results.items():
        assert same(weighted.results[name], result)


@pytest.mark.parametrize(
    ("name", "regime"),
    [("ridge", At("T")), ("projection", Below("T", "m")), ("projection", At("T", "m")), ("mixture", At("T_1", "T_2"))],
)
def test_equal_sizes_make_noise_infinite(name, regime):
    results = ridgeless(programs.reduction(name), regime).results
    assert {value for noise, value in results.items() if noise.startswith("e_")} == {sympy.oo}


CASES = {
    ("ridge", (Above(),)): {"T": 17},
    ("ridge", (Below("T"),)): {"T": 7},
    ("ridge", (At("T"),)): {"T": 12},
    ("projection", (Above(),)): {"T": 17, "m": 14},
    ("projection", (Below("m"),)): {"T": 17, "m": 5},
    ("projection", (Below("T"),)): {"T": 5, "m": 9},
    ("projection", (Below("m", "T"),)): {"T": 5, "m": 5},
    ("projection", (At("T", "m"),)): {"T": 12, "m": 12},
    ("projection", (At("m"),)): {"T": 15, "m": 12},
    ("mixture", (Above(),)): {"T_1": 9, "T_2": 7},
    ("mixture", (Below("T_1", "T_2"),)): {"T_1": 4, "T_2": 3},
    ("mixture, weighted", (Above(),)): {"T_1": 9, "T_2": 7},
    ("mixture, weighted", (Below("T_1", "T_2"),)): {"T_1": 4, "T_2": 3},
    ("mixture, two covariances", (Above(),)): {"T_1": 9, "T_2": 7},
    ("mixture, two covariances", (Below("T_1", "T_2"),)): {"T_1": 4, "T_2": 3},
    ("mixture, two covariances", (At("T_1", "T_2"),)): {"T_1": 8, "T_2": 4},
    ("penalty with a covariance", (Above(),)): {"T": 7},
    ("chain", (Above(), Below("T_0"))): {"T_1": 17, "T_0": 5},
    ("chain", (Above(), Above())): {"T_1": 17, "T_0": 15},
    ("same rows again", (Below("T_0"),)): {"T_0": 7},
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_leading_terms_are_the_full_formula_at_a_tiny_penalty(case):
    name, regimes = case
    made = programs.reduction(name)
    penalties = {"lambda": 1e-20} if len(made.blocks) == 1 else {"lambda_0": 1e-20, "lambda_1": 3e-20}
    limit = ridgeless(made, *regimes)
    numbers = Numbers(name, **CASES[case], **penalties)
    value = numbers.limit(limit)
    for result, leading in limit.leading.items():
        assert value(leading) == pytest.approx(numbers.full(result), rel=1e-5)
        if leading != 0 and limit.orders[result] != 0:
            small = limit.results[result] == 0
            assert (numbers.full(result) < 1e-5) == small
    for equation in limit.equations:
        assert value(equation.rhs) == pytest.approx(value(equation.lhs), rel=1e-5)


def test_a_penalty_of_1e_10_is_the_limit_to_eight_digits():
    numbers = Numbers("projection", T=5, m=9, **{"lambda": 1e-10})
    limit = ridgeless(programs.reduction("projection"), Below("T"))
    s = SPECTRA["s"]
    kappa = brentq(lambda kappa: (s / (s + kappa)).sum() - 5, 1e-6, 1e3, xtol=1e-15, rtol=1e-15)
    numbers.values[x.kappa] = kappa  # from df_1 = T alone
    value = numbers.limit(limit)
    for result in limit.results:
        assert value(limit.results[result]) == pytest.approx(numbers.full(result), rel=1e-8)


def test_orders_are_slopes():
    """Between two penalties the results change by the power that is stated."""
    for regime, rows in ((Above(), 17), (At("T"), DIMENSION)):
        limit = ridgeless(programs.reduction("ridge"), regime)
        small, smaller = (Numbers("ridge", T=rows, **{"lambda": penalty}) for penalty in (1e-16, 1e-20))
        for name, order in limit.orders.items():
            assert smaller.full(name) / small.full(name) == pytest.approx(10.0 ** (-4 * float(order)), rel=1e-4)


def test_a_generation_may_keep_its_penalty():
    made = programs.reduction("chain")
    limit = ridgeless(made, Penalised(), Above())
    assert set(made.blocks[0].equations) == set(limit.equations)
    assert same(limit.leading["e_2"], made.results["e_2"])


def test_a_limit_is_displayed():
    limit = ridgeless(programs.reduction("projection"), Below("m"))
    assert str(limit).splitlines()[:4] == ["m < d", "m < T", "tr[q] = m", "D_T = T - m"]
    lines = ridgeless(programs.reduction("ridge"), At("T")).latex().splitlines()
    assert lines[-2].endswith(r"\to \infty")
    parser = matplotlib.mathtext.MathTextParser("path")
    for line in (*lines[1:-1], *limit.latex().splitlines()[1:-1]):
        readable = line.replace("&", "").replace("\\\\", "").replace(r"\operatorname{tr}", r"\mathrm{tr}")
        parser.parse(f"${readable}$")


@pytest.mark.parametrize("regime", [Below("T_1"), Below("nothing"), Below(), At("T_1"), At("d")])
def test_only_bottlenecks_are_below(regime):
    with pytest.raises(SpecificationError, match="T_1 with T_2"):
        ridgeless(programs.reduction("mixture"), regime)


def test_data_with_a_prior_have_no_bottleneck():
    with pytest.raises(SpecificationError, match="there is none"):
        ridgeless(programs.reduction("penalty with a covariance"), Below("T"))


def test_every_block_has_a_regime():
    with pytest.raises(SpecificationError, match="2 blocks"):
        ridgeless(programs.reduction("chain"), Above())


def test_a_penalty_that_is_a_number_does_not_vanish():
    model = Model()
    X = model.design("X", "T")
    made = reduced(dyson(pencil(risk(ridge(X, X @ model.truth, 0.1)).parts)))
    with pytest.raises(SpecificationError, match="a letter"):
        ridgeless(made)
