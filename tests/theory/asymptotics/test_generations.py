"""The number of generations as a symbol, against the recursion, the specification and rules of one's own."""

import jax
import jax.numpy as jnp
import matplotlib.mathtext
import numpy as np
import pytest
import sympy

from modelcollapse.theory.asymptotics import GENERATION, closed_form_in_generations
from modelcollapse.theory.evaluation.lowering import Nodes, evaluate, run
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    Isotropic,
    Levels,
    MinimumNorm,
    Population,
    Ridge,
    UniformTarget,
    replace,
)
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.problem.errors import SpecificationError
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.theory.rules.one_step import OneStep
from modelcollapse.theory.rules.random_subspace import RANDOM_SUBSPACE
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.statement import Statement
from modelcollapse.theory.rules.trace import Trace

MANY = 30
TRUTH = Trace(x.tau)


def values(form, spectrum, total, **letters):
    """The symbols of a form at numbers, and the spectrum as one node."""
    known = {x.scalar(letter): jnp.asarray(float(value)) for letter, value in letters.items()}
    rank = int(np.sum(spectrum > 0))
    known |= {x.rank: jnp.asarray(float(rank))}
    nodes = Nodes(jnp.asarray(spectrum[:1]), jnp.asarray([float(rank)]), jnp.asarray([total]))
    return run(form.definitions, known, nodes), nodes


def number(expression, known, nodes):
    return float(np.squeeze(evaluate(expression, known, nodes)))


RIDGES = {
    "many rows": (12, 1.7, 40, 0.05, 0.3),
    "few rows": (12, 0.8, 5, 0.2, 0.6),
    "rows = dimension": (12, 1.0, 12, 0.1, 0.4),
    "strong": (3, 2.5, 8, 4.0, 0.9),
    "no noise": (12, 1.7, 40, 0.3, 0.0),
}


@pytest.mark.parametrize("case", RIDGES)
def test_ridge_is_the_recursion_at_every_generation(case):
    dimension, scale, rows, penalty, noise = RIDGES[case]
    population = Population(Isotropic(dimension, scale), UniformTarget(1.3))
    prediction = predict(replace(population, MANY, rows=rows, noise=noise, estimator=Ridge(penalty)))
    form = closed_form_in_generations(RESOLVENT)
    with jax.enable_x64(True):
        spectrum = np.full(dimension, scale)
        known, nodes = values(form, spectrum, 1.3 * scale, n=rows, sigma=noise, **{"lambda": penalty})
        parts = [
            [number(part.subs(GENERATION, g), known, nodes) for g in range(1, MANY + 1)]
            for part in (form.error, form.noise_free, form.noisy)
        ]
    np.testing.assert_allclose(parts[0], prediction.error, rtol=1e-12)
    np.testing.assert_allclose(parts[1], prediction.bias, rtol=1e-12)
    np.testing.assert_allclose(parts[2], prediction.variance, rtol=1e-12)


def test_the_rate_is_that_of_the_distance_to_the_limit():
    """In exact fractions, many generations on."""
    form = closed_form_in_generations(RESOLVENT)
    letters = {x.q: sympy.Rational(3, 4), x.p: sympy.Rational(1, 4), x.margin_1: sympy.Rational(5, 2), x.rank: 7}
    letters |= {x.noise: sympy.Rational(1, 3), TRUTH: 2}
    for symbol, value in form.definitions:
        letters.setdefault(symbol, value.subs(letters))
    distance = [(form.limit - form.at(g)).subs(letters) for g in (1000, 1001)]
    assert float(sympy.log(distance[1] / distance[0]) - form.rate.subs(letters)) == pytest.approx(0, abs=1e-12)


def test_ridge_forgets_and_saturates():
    """Q_g = q^g; the limit is |w_0|^2 and a geometric series of noise."""
    form = closed_form_in_generations(RESOLVENT)
    assert form.kept == x.q**GENERATION
    chi = 1 / x.margin_2
    a = x.q**2 + x.rank * x.p**2 * x.q**2 * chi  # b <- q^2 b + chi p^2, chi = r q^2 b/(n - df_2)
    whole = TRUTH + x.rank * x.noise**2 * x.q**2 * chi / (1 - a)
    ridge = {x.margin_2: x.margin_1 + x.rank * x.p * x.q, x.p: 1 - x.q}
    letters = {symbol: value for symbol, value in form.definitions if symbol.name in "ab"}
    difference = (form.limit.subs(letters) - whole).subs(ridge).subs(ridge)
    assert sympy.simplify(difference.subs(TRUTH, 1)) == 0


def test_what_is_lost_is_written_without_subtraction():
    form = closed_form_in_generations(RESOLVENT)
    loss = dict(form.definitions)[x.scalar("b")]
    assert all(number > 0 for number in sympy.Poly(sympy.fraction(loss)[0], *loss.free_symbols).coeffs())


def test_least_squares_grows_linearly():
    """E = g sigma^2 d/(T - d - 1), exactly."""
    form = closed_form_in_generations(LEAST_SQUARES)
    per_generation = x.noise**2 * x.rank / (x.rows - x.rank - 1)
    assert form.expanded(form.error) == GENERATION * per_generation
    assert form.expanded(form.slope) == per_generation
    assert (form.limit, form.rate, form.noise_free) == (sympy.oo, 0, 0)


def test_minimum_norm_decays_exponentially():
    """E|w_n - w_0|^2 = (1 - (T/d)^n)|w_0|^2 + sigma^2 g (1 - r^n)/(1 - r), g = T/(d - T - 1), r = T/d."""
    form = closed_form_in_generations(RANDOM_SUBSPACE)
    T, d, g = x.rows, x.rank, GENERATION
    assert form.noise_free == (1 - (T / d) ** g) * TRUTH
    noise = x.noise**2 * T / (d - T - 1) * (1 - (T / d) ** g) / (1 - T / d)
    assert sympy.simplify(form.expanded(form.noisy) - noise) == 0
    assert form.rate == sympy.log(T / d)


@pytest.mark.parametrize(("rule", "rows", "kind"), [(LEAST_SQUARES, 17, Kind.EXACT), (RANDOM_SUBSPACE, 5, Kind.EXACT)])
@pytest.mark.parametrize("noise", [0.0, 0.7])
def test_exact_rules_are_the_recursion_at_every_generation(rule, rows, kind, noise):
    spectrum = Levels([0.0, 1.3], [3, 9])  # the rank counts, not the dimension
    population = Population(spectrum, UniformTarget(1.6))
    prediction = predict(replace(population, MANY, rows=rows, noise=noise, estimator=MinimumNorm()))
    assert prediction.kind == (kind,) * MANY
    form = closed_form_in_generations(rule)
    with jax.enable_x64(True):
        known, nodes = values(form, np.full(9, 1.3), 1.3 * 1.6 * 9 / 12, n=rows, sigma=noise)
        errors = [number(form.at(g), known, nodes) for g in range(1, MANY + 1)]
    np.testing.assert_allclose(errors, prediction.error, rtol=1e-12)


def fresh_projection():
    """Ridgeless random projection of width m < n - 1, m < d, drawn anew, Sigma = 1: exact.

    s_g = (m/d) s + rho (sigma^2 + f s), c_g = (m/d) c, f = 1 - m/d, rho = m/(n - m - 1).
    """
    m, n, d = x.new_rows, x.rows, x.rank
    f, rho = 1 - m / d, m / (n - m - 1)
    results = {
        "kept": m / d,
        "lost": f,
        "second_moment": (m / d + rho * f) / d * Trace(x.weight),  # shared by all directions
        "noise": rho / d * Trace(x.weight),
    }
    source = LEAST_SQUARES.kept.source
    made = {name: Statement(name, f"{name}.", (), (), value, source, Kind.EXACT) for name, value in results.items()}
    return OneStep(made["kept"], made["lost"], made["second_moment"], made["noise"])


def test_a_rule_that_forgets_or_explodes():
    """Bounded for rho < 1 with limit |w_0|^2 + rho sigma^2/(f (1 - rho)), exponential for rho > 1."""
    form = closed_form_in_generations(fresh_projection())
    m, n, d = x.new_rows, x.rows, x.rank
    error, limit = form.expanded(form.error), form.expanded(form.limit)
    for rows, grows in ((31, False), (15, True)):  # rho = 1/3 and 10/4
        letters = {m: 10, n: rows + 10 if not grows else rows, d: 25, x.noise: sympy.Rational(1, 2), TRUTH: 3}
        s, c, errors = sympy.Integer(3), sympy.Integer(3), []
        f, rho = sympy.Rational(15, 25), sympy.Rational(10, letters[n] - 11)
        for _ in range(6):
            s, c = s * 10 / 25 + rho * (letters[x.noise] ** 2 + f * s), c * 10 / 25
            errors.append(s - 2 * c + 3)
        assert [sympy.nsimplify(error.subs(GENERATION, g).subs(letters)) for g in range(1, 7)] == errors
        end = limit.subs(letters)
        assert end == (sympy.oo if grows else 3 + rho / 4 / (f * (1 - rho)))
        rate = form.expanded(form.rate).subs(letters)
        assert (rate > 0) == grows
        assert rate == sympy.log(sympy.Max(sympy.Rational(10, 25) + rho * f, sympy.Rational(10, 25)))


def test_shares_that_do_not_add_up_are_refused():
    odd = OneStep(RESOLVENT.kept, LEAST_SQUARES.lost, RESOLVENT.second_moment, RESOLVENT.noise)
    with pytest.raises(SpecificationError, match="add up to 1"):
        closed_form_in_generations(odd)


@pytest.mark.parametrize("rule", [RESOLVENT, LEAST_SQUARES, RANDOM_SUBSPACE])
def test_a_form_is_displayed(rule):
    parser = matplotlib.mathtext.MathTextParser("path")
    for line in closed_form_in_generations(rule).latex().splitlines()[1:-1]:
        readable = line.replace("&", "").replace("\\\\", "").replace(r"\operatorname{tr}", r"\mathrm{tr}")
        parser.parse(f"${readable}$")
