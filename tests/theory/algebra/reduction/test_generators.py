"""The equations of nonlinear blocks in positive generators, and what they become for one eigenvalue."""

import pytest
import sympy

from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.model import Model, ridge
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.polynomial import Polynomial
from modelcollapse.theory.algebra.program import Block, BlockKind, Definition, Program, Sort, Target
from modelcollapse.theory.algebra.reduction import closed_form, reduced
from modelcollapse.theory.algebra.risk import risk
from modelcollapse.theory.problem.errors import Irreducible, SpecificationError

from . import programs

POOLED = ["T_1 = D_T_1*(D_T_1 + D_T_2 + tr[q])/(D_T_1 + D_T_2)", "T_2 = D_T_2*(D_T_1 + D_T_2 + tr[q])/(D_T_1 + D_T_2)"]
EQUATIONS = {
    "ridge": ["lambda = D_T*kappa/T", "T = D_T + tr[q]"],
    "projection": ["lambda = D_T*D_m*kappa/(T*m)", "m = D_m + tr[q]", "T = D_T + tr[q]"],
    "mixture": ["lambda = kappa*(D_T_1 + D_T_2)/(T_1 + T_2)", *POOLED],
    "mixture, weighted": [
        "lambda = kappa*(D_T_1*a_1 + D_T_2*a_2)/(T_1 + T_2)",
        "T_1 = D_T_1*(D_T_1*a_1 + D_T_2*a_2 + a_1*tr[q])/(D_T_1*a_1 + D_T_2*a_2)",
        "T_2 = D_T_2*(D_T_1*a_1 + D_T_2*a_2 + a_2*tr[q])/(D_T_1*a_1 + D_T_2*a_2)",
    ],
    "mixture, projected": ["lambda = D_m*kappa*(D_T_1 + D_T_2)/(m*(T_1 + T_2))", "m = D_m + tr[q]", *POOLED],
    "mixture, two covariances": [
        "lambda = D_T_1*kappa_1/(T_1 + T_2)",
        "T_1 = D_T_1 + tr[q_1]",
        "T_2 = D_T_2 + tr[q_2]",
        "kappa_2 = D_T_1*kappa_1/D_T_2",
    ],
    "mixture, two covariances, projected": [
        "lambda = D_T_1*D_m*kappa_1/(m*(T_1 + T_2))",
        "m = D_m + tr[q_1] + tr[q_2]",
        "T_1 = D_T_1 + tr[q_1]",
        "T_2 = D_T_2 + tr[q_2]",
        "kappa_2 = D_T_1*kappa_1/D_T_2",
    ],
    "two resolvents, penalty matrix": ["lambda = D_T*kappa", "T = D_T + tr[q]"],
}


def printed(made, block=0):
    return [f"{equation.lhs} = {equation.rhs}" for equation in made.blocks[block].equations]


@pytest.mark.parametrize("name", EQUATIONS)
def test_penalty_and_sizes_are_functions_of_ridge_and_margins(name):
    assert printed(programs.reduction(name)) == EQUATIONS[name]


def test_a_penalty_that_is_a_number_stays_one():
    m = Model()
    X, P = m.design("X", "T"), m.projection("P", "m")
    made = reduced(dyson(pencil(risk(P.T @ ridge(X @ P.T, X @ m.truth, 0.1)).parts)))
    assert printed(made) == ["1 = 10*D_T*D_m*kappa/(T*m)", "m = D_m + tr[q]", "T = D_T + tr[q]"]
    assert made.certified


def test_blocks_with_the_same_equations_share_their_generators():
    assert len(programs.reduction("same rows again").blocks) == 1
    blocks = programs.reduction("chain").blocks
    assert [block.ridges for block in blocks] == [
        sympy.symbols(("kappa_1",), positive=True),
        sympy.symbols(("kappa_2",), positive=True),
    ]


def test_a_penalty_with_several_eigenvalues():
    made = programs.reduction("penalty with a covariance")
    assert printed(made) == ["lambda = kappa*(D_T + 1)", "T = D_T*(D_T + tr[q] + 1)/(D_T + 1)"]


def test_unknowns_that_are_no_margins_and_flows_are_refused_by_name():
    h, t = Polynomial.letter("h"), Polynomial.letter("t")
    features = Model().features
    resolvent = Definition("h", Sort.RESOLVENT, features, Polynomial.letter("lambda") + Polynomial.letter("s") * t)
    trace = Definition("t", Sort.TRACE, features, h * h * Polynomial.letter("s"))
    program = Program((Block(BlockKind.NONLINEAR, (resolvent, trace)),), (Target("x", features, h),), {"s": features})
    with pytest.raises(Irreducible, match="is not a flow"):
        reduced(program)


@pytest.mark.parametrize(
    ("name", "degree"), [("ridge, isotropic", 2), ("projection, isotropic", 3), ("mixture, two scales", 3)]
)
def test_one_eigenvalue_gives_a_polynomial_of_known_degree(name, degree):
    made = programs.reduction(name)
    polynomial = closed_form(made)
    assert polynomial.degree() == degree
    # A root of it: kappa and margins are chosen, penalty and sizes follow.
    kappa, d = made.blocks[0].ridges[0], made.blocks[0].dimensions[0]
    values = {kappa: sympy.Rational(2, 7), d: sympy.Integer(9), sympy.Symbol("c", positive=True): sympy.Rational(5, 3)}
    values |= {margin: sympy.Rational(3 + place, 2) for place, (_, margin) in enumerate(made.blocks[0].margins)}
    flow = {
        trace: (d / (1 + kappa)).subs(values) for e in made.blocks[0].equations for trace in e.rhs.atoms(sympy.Function)
    }
    for equation in reversed(made.blocks[0].equations):  # sizes, then the penalty
        values[equation.lhs] = equation.rhs.subs(flow).subs(values)
    assert polynomial.as_expr().subs(values) == 0


def test_the_quadratic_of_ridge():
    d, T, penalty, kappa = sympy.symbols("d T lambda kappa", positive=True)
    expected = T * kappa * (1 + kappa) - T * penalty * (1 + kappa) - d * kappa
    assert sympy.expand(closed_form(programs.reduction("ridge, isotropic")).as_expr() - expected) == 0


def test_the_polynomial_at_another_eigenvalue():
    d, T, penalty, kappa = sympy.symbols("d T lambda kappa", positive=True)
    expected = T * kappa * (3 + kappa) - T * penalty * (3 + kappa) - 3 * d * kappa
    assert sympy.expand(closed_form(programs.reduction("ridge"), eigenvalues={"s": 3}).as_expr() - expected) == 0


def test_a_block_that_there_is_not_is_refused():
    with pytest.raises(SpecificationError, match="block: got 1"):
        closed_form(programs.reduction("ridge"), block=1)
