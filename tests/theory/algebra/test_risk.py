"""The risk of an estimator: linear in truths and noises, one trace for each source."""

import numpy as np
import pytest

from modelcollapse.theory.algebra.expression import inv
from modelcollapse.theory.algebra.model import Model, ridge, stack
from modelcollapse.theory.algebra.risk import overlap, risk, tr
from modelcollapse.theory.evaluation.derived import derive_expression
from modelcollapse.theory.problem import SpecificationError

from .examples import CATALOGUE, accumulation, mixture, numbers

M = Model()
X, Y = M.design("X", "T"), M.design("Y", "n")
U = M.direction("u")
R = inv(X.T @ X + "lambda")


def refused(message, build):
    with pytest.raises(SpecificationError, match=message):
        build()


def fitted_to(design, labels):
    return ridge(design, labels, "lambda")


def one_noise_twice():
    noise = M.noise("sigma")
    return fitted_to(stack(X, Y), stack(X @ M.truth + noise, Y @ M.truth + noise))


def two_models():
    other = Model()
    labels = X @ M.truth + Model().noise("sigma")
    return fitted_to(stack(X, X), stack(labels, X @ M.truth + other.noise("sigma_2")))


BAD = {
    "no truth": (r"risk: got .*delta.*; allowed: an estimator of the truth", lambda: risk(M.offset("delta", "x"))),
    "a matrix": (r"risk: got X' X; allowed: an estimator, which is a vector", lambda: risk(X.T @ X)),
    "labels": (r"risk: got X w_0; allowed: an estimator of the truth", lambda: risk(X @ M.truth)),
    "a trace of a rectangle": (r"tr: got X; allowed: a square", lambda: tr(X)),
    "a trace of a vector": (r"tr: got w_0; allowed: a square", lambda: tr(M.truth)),
    "one noise for two designs": (r"name: got 'e_\d+'; allowed: one vector of a name", lambda: risk(one_noise_twice())),
    "noises of two models": (r"name: got 'e_1'; allowed: one vector of a name", lambda: risk(two_models())),
    "two directions": (r"tr: got u .* u; allowed: a direction at most once", lambda: tr(U @ R @ U)),
    "two directions side by side": (r"product: got 'u u'; allowed: at most one direction", lambda: U @ U),
    "not linear in the noise": (
        r"product of \(X' X .*w_0 and \(X' X .*w_0: got '\[d .* x 1 .*\] @ \[d .* x 1",
        lambda: risk(fitted_to(X, X @ M.truth) @ fitted_to(X, X @ M.truth)),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    refused(*BAD[name])


@pytest.mark.parametrize("name", [name for name in CATALOGUE if "resolvent" not in name])
def test_every_source_has_one_trace(name):
    parts = [part for part, _ in CATALOGUE[name]().parts]
    assert parts[0] == "w_0"
    assert len(set(parts)) == len(parts)


def test_the_truth_itself_has_no_error():
    assert derive_expression(risk(M.truth))(d=3) == {"w_0": 0.0}


def test_the_overlap_of_the_truth_is_its_square():
    assert str(overlap(M.truth, M.truth).parts) == "(('w_0', theta),)"


def test_a_direction_may_stand_once_under_a_trace():
    """A function of the covariance in its place gives the same number."""
    direct = derive_expression(tr(M.metric @ R @ U @ R))
    commuting = derive_expression(tr(M.metric @ R @ M.spectrum("u") @ R))
    values = {"lambda": 0.5, "T": 7.0, "s": 1 / np.arange(1.0, 6), "u": np.arange(1.0, 6)}
    assert direct(**values) == commuting(**values)


def test_noise_counts_quadratically():
    derived = derive_expression(accumulation(2))
    values = numbers(derived, 6, 9)
    once, twice = derived(**values), derived(**{**values, "sigma": 2 * values["sigma"]})
    assert twice["w_0"] == pytest.approx(once["w_0"], rel=1e-12)
    assert [twice[f"e_{k}"] for k in (1, 2)] == pytest.approx([4 * once[f"e_{k}"] for k in (1, 2)], rel=1e-12)


def test_the_order_of_two_sources_does_not_matter():
    """The same rows and truths, named the other way round."""
    m = Model()
    A, B = m.design("A", "T_1"), m.design("B", "T_0")
    moved = m.truth + m.offset("delta", "delta_2")
    labels = stack(A @ moved + m.noise("sigma"), B @ m.truth + m.noise("sigma"))
    swapped = derive_expression(risk(ridge(stack(A, B), labels, "lambda")))
    plain = derive_expression(mixture())
    values = numbers(plain, 8, 5)
    assert sum(swapped(**values).values()) == pytest.approx(sum(plain(**values).values()), rel=1e-12)
