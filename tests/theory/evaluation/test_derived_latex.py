"""Every derivation is a sequence of displayed equations, each of which a converter can read."""

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from latex2mathml.converter import convert

import modelcollapse as mc
from modelcollapse.theory import Model, derive, ridge, risk, stack
from modelcollapse.theory.evaluation.derived import Derived
from modelcollapse.theory.rules.bibliography import BY_DEFINITION


def _ridge() -> Derived:
    m = Model()
    X = m.design("X", rows="T")
    return derive(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda")))


def _projection() -> Derived:
    m = Model()
    X, P = m.design("X", rows="T"), m.projection("P", width="m")
    return derive(risk(P.T @ ridge(X @ P.T, X @ m.truth + m.noise("sigma"), "lambda")))


def _mixture(covariance: str = "Sigma") -> Derived:
    m = Model()
    real, other = m.design("X_1", rows="T_1"), m.design("X_2", rows="T_2", covariance=covariance)
    shifted = m.truth + m.offset("delta", "theta_1")
    labels = stack(real @ m.truth + m.noise("sigma_1"), other @ shifted + m.noise("sigma_2"))
    return derive(risk(ridge(stack(real, other, weights=[1, "a"]), labels, "lambda")))


def _two_generations() -> Derived:
    m = Model()
    first, second = m.design("X_1", rows="T_1"), m.design("X_2", rows="T_2")
    before = ridge(first, first @ m.truth + m.noise("sigma_1"), "lambda_1")
    return derive(risk(ridge(second, second @ before + m.noise("sigma_2"), "lambda_2")))


def _generations(count: int, equal: bool, width: str | None = None) -> Derived:
    m = Model()
    w = m.truth
    for g in range(1, count + 1):
        X = m.design(f"X_{g}", rows="T" if equal else f"T_{g}")
        seen = X
        if width is not None:
            P = m.projection(f"P_{g}", width=width)
            seen = X @ P.T
        w = ridge(seen, X @ w + m.noise("sigma"), "lambda")
        w = w if width is None else P.T @ w
    return derive(risk(w))


def _accumulation() -> Derived:
    m = Model()
    first, second = m.design("X_1", rows="T"), m.design("X_2", rows="T")
    real = first @ m.truth + m.noise("sigma")
    before = ridge(first, real, "lambda")
    synthetic = second @ before + m.noise("sigma")
    return derive(risk(ridge(stack(first, second), stack(real, synthetic), "lambda")))


REDUCED = {
    "ridge": _ridge,
    "projection": _projection,
    "mixture": _mixture,
    "mixture, two covariances": lambda: _mixture("Sigma_2"),
    "two generations": _two_generations,
}


def _check(equations: Iterable[str]) -> None:
    left_sides = []
    for equation in equations:
        depth = 0
        for character in re.sub(r"\\[{}]", "", equation):
            depth += {"{": 1, "}": -1}.get(character, 0)
            assert depth >= 0, equation
        assert depth == 0, equation
        assert equation.count(r"\left") == equation.count(r"\right"), equation
        assert not re.search(r"\\\\|[$]", equation), equation
        left, *right = re.split(r" (?:=|\\simeq) ", equation.partition(r",\qquad g = ")[0])
        assert len(right) == 1, equation
        left_sides.append(left)
        assert not re.search(r"_\d\d|_\w_|[#*]|[a-z]\^\(", equation), equation
        assert "<merror" not in convert(equation, display="block")
    assert len(set(left_sides)) == len(left_sides)


@pytest.mark.parametrize("name", REDUCED)
def test_a_reduced_theorem_shows_each_quantity_and_each_part_once(name: str) -> None:
    made = REDUCED[name]()
    assert made.reduced is not None
    _check(made.equations())
    tau = any("tau" in str(part) for part in made.parts.values())
    quantities = [*made.kappa, *made.reduced.relations, *made.reduced.definitions]
    assert len(made.equations()) == len(quantities) + tau + len(made.parts)
    assert made.latex().count("&") == len(made.equations())
    assert "<merror" not in convert(made.latex(), display="block")


GENERATIONS = {
    "equal": lambda: _generations(10, equal=True),
    "unequal": lambda: _generations(3, equal=False),
    "projections": lambda: _generations(4, equal=True, width="m"),
}


@pytest.mark.parametrize("name", GENERATIONS)
def test_a_theorem_of_generations_shows_each_quantity_and_each_part_once(name: str) -> None:
    made = GENERATIONS[name]()
    equations = made.equations()
    assert len(equations) == sum(len(step.after) for step in made.steps) + len(made.parts)
    given = [line for line in equations if line.startswith((r"\lambda =", "T =", "m ="))]
    _check(line for line in equations if line not in given)
    for line in given:  # the same penalty may determine several effective ridges
        _check([line])
    for step in made.steps:
        assert "<merror" not in convert(step.before, display="block")
        assert step.hypotheses or step.source is BY_DEFINITION
    assert made.latex().count("&") == len(equations)
    assert "<merror" not in convert(made.latex(), display="block")
    shown = made._repr_html_()
    assert all(step.rule in shown for step in made.steps)


def test_ten_equal_generations_are_read_at_one_glance() -> None:
    """One rule, and where it starts; the parts, one for each noise, come after that."""
    made = _generations(10, equal=True)
    assert made.equations()[:11] == (
        "P_{0} = 0",
        "Q_{0} = 1",
        r"\tau = s \theta",
        r"\lambda = \frac{D_{T} \kappa}{T}",
        r"T = D_{T} + \operatorname{tr}\left[q\right]",
        r"p = \frac{\kappa}{s + \kappa}",
        r"q = \frac{s}{s + \kappa}",
        r"P_{g} = P_{g-1} q + p,\qquad g = 1, \ldots, 10",
        r"Q_{g} = Q_{g-1} q,\qquad g = 1, \ldots, 10",
        "B_{10} = 1",
        r"B_{g-1} = B_{g} q^{2} + \frac{p^{2} \operatorname{tr}\left[B_{g} q^{2}\right]}"
        r"{D_{T} + \operatorname{tr}\left[p q\right]},\qquad g = 2, \ldots, 10",
    )


def test_a_program_shows_every_unknown_and_each_part_once() -> None:
    made = _accumulation()
    assert made.reduced is None
    _check(made.equations())
    assert len(made.equations()) == sum(len(step.after) for step in made._printed.steps) + len(made.parts)


def _mixed(population: mc.Population, rows: int, **given: Any) -> mc.Chain:
    return mc.mix(population, real_rows=rows // 2, synthetic_rows=rows, **given)


CHAINS = {
    "accumulated": mc.accumulate,
    "kept rows": partial(mc.retain_real, share=0.5, same_rows=True),
    "real rows": _mixed,
    "disturbed rows": partial(mc.inject_noise, input=0.2),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_of_expressions_shows_every_step(name: str) -> None:
    population = mc.Population(mc.PowerLaw(12, exponent=1.0), mc.SourceCondition(0.5))
    made = mc.derive(CHAINS[name](population, generations=2, rows=20, noise=0.3, estimator=mc.Ridge(0.05)))
    _check(made.equations())
    assert len(made.equations()) == sum(len(step.after) for step in made.steps) + 1


def test_indices_of_indices_are_told_apart() -> None:
    equations = _two_generations().equations()
    assert equations[0] == r"\lambda_{2} = \frac{D_{T_{2}} \kappa_{1}}{T_{2}}"
    assert _ridge().equations()[-1].startswith(r"E_{\varepsilon_{1}} \simeq ")
    assert r"\tau = s \theta" in _ridge().equations()
