"""A size that grows beyond all bounds: exact identities, and the full formula at 1e8."""

import pytest

from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.expression import identity, inv
from modelcollapse.theory.algebra.model import Model
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.reduction import reduced
from modelcollapse.theory.algebra.risk import tr
from modelcollapse.theory.asymptotics import large
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.problem.errors import Irreducible, SpecificationError

from ..algebra.reduction import programs
from ..algebra.reduction.test_hand_forms import A_3, DF_2, SIGMA, TRUTH_LOST, same
from .numbers import Numbers

T, T_1, T_2 = (x.scalar(name) for name in ("T", "T_1", "T_2"))


def test_many_rows_leave_the_bias_of_the_penalty():
    limit = large(programs.reduction("ridge"), "T")
    assert dict(limit.definitions)[x.kappa] == x.penalty
    assert limit.results == {"w_0": TRUTH_LOST, "e_1": 0}
    assert same(limit.leading["e_1"], SIGMA**2 * DF_2 / T)


def test_a_wide_projection_is_no_projection():
    """Equations and results, as rational functions, without tolerance."""
    limit, ridge = large(programs.reduction("projection"), "m"), programs.reduction("ridge")
    for name, result in ridge.results.items():
        assert same(limit.results[name], result)
    for equation, plain in zip(limit.equations, ridge.blocks[0].equations, strict=True):
        assert same(equation.lhs - equation.rhs, plain.lhs - plain.rhs)


def test_a_wide_projection_of_a_mixture_is_the_mixture():
    limit, mixture = large(programs.reduction("mixture, projected"), "m"), programs.reduction("mixture")
    for name, result in mixture.results.items():
        assert same(limit.results[name], result)


@pytest.mark.parametrize("sizes", [("T",), ("T", "m")])
def test_a_projection_with_many_rows_keeps_the_width_in_its_bias(sizes):
    limit = large(programs.reduction("projection"), *sizes)
    assert limit.results["e_1"] == 0
    assert (x.scalar("D_m") in limit.results["w_0"].free_symbols) == ("m" not in sizes)


def test_strong_collapse_at_any_number_of_rows():
    """E -> lambda^2 tr Gamma S (S + lambda)^-2 + p_2^2 tr Delta S^3 (S + lambda)^-2 at a fixed share p_2."""
    limit = large(programs.reduction("mixture"), "T_1", "T_2")
    assert dict(limit.definitions)[x.kappa] == x.penalty
    assert limit.results["e_1"] == limit.results["e_2"] == 0
    assert same(limit.results["w_0"], TRUTH_LOST)
    assert same(limit.results["delta"], (T_2 / (T_1 + T_2)) ** 2 * A_3)


def test_real_rows_alone_cure_it():
    limit = large(programs.reduction("mixture"), "T_1")
    assert limit.results["delta"] == 0
    assert limit.orders["delta"] == 2


def test_a_prior_outweighed_by_the_data():
    """(X'X + Sigma + lambda)^-1 ~ (T Sigma)^-1."""
    limit = large(programs.reduction("penalty with a covariance"), "T")
    assert limit.orders["trace"] == 2
    assert same(limit.leading["trace"], x.dimension / T**2)


CASES = {
    "ridge": (("T",), {"lambda": 0.3}),
    "projection": (("m",), {"lambda": 0.3, "T": 17}),
    "mixture": (("T_1", "T_2"), {"lambda": 0.3}),
    "mixture, weighted": (("T_1",), {"lambda": 0.3, "T_2": 9}),
    "mixture, two covariances": (("T_1", "T_2"), {"lambda": 0.3}),
    "two resolvents": (("T",), {"lambda": 0.3}),
    "chain": (("T_0",), {"lambda_0": 0.3, "lambda_1": 0.2, "T_1": 15}),
    "same rows again": (("T_0",), {"lambda": 0.3}),
}


@pytest.mark.parametrize("name", CASES)
def test_leading_terms_are_the_full_formula_at_a_huge_size(name):
    sizes, letters = CASES[name]
    numbers = Numbers(name, **letters, **{size: 1e8 * (1 + 0.3 * place) for place, size in enumerate(sizes)})
    limit = large(programs.reduction(name), *sizes)
    value = numbers.limit(limit)
    for result, leading in limit.leading.items():
        assert value(leading) == pytest.approx(numbers.full(result), rel=1e-6)
    for equation in limit.equations:
        assert value(equation.rhs) == pytest.approx(value(equation.lhs), rel=1e-6)


@pytest.mark.parametrize("sizes", [(), ("d",), ("T", "nothing")])
def test_only_sizes_grow(sizes):
    with pytest.raises(SpecificationError, match="some of T, m"):
        large(programs.reduction("projection"), *sizes)


def test_differences_are_refused():
    """Rows that are fitted again determine a margin by a difference."""
    m = Model()
    X, Y, one = m.design("X", "T_0"), m.design("Y", "T_1"), identity(m.features)
    first, second = inv(X.T @ X + "lambda_0" * one), inv(X.T @ X + Y.T @ Y + "lambda_1" * one)
    made = reduced(dyson(pencil(tr(m.metric @ first @ second).parts)))
    assert made.relations
    with pytest.raises(Irreducible, match="may cancel"):
        large(made, "T_0")
