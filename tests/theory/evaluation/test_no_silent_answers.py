"""What is outside the reach of a statement or of a check is refused or infinite, never a plausible number."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation.backward import backward_error
from modelcollapse.theory.evaluation.straight_line import straight_line

LEAST_SQUARES = mc.MinimumNorm()
ISOTROPIC = mc.Population(mc.Isotropic(10), mc.UniformTarget())
LONG = mc.Population(mc.PowerLaw(1500, 1.4), mc.SourceCondition(0.4))


def long_chain(penalty):
    return mc.replace(LONG, generations=2, rows=240, noise=0.3, estimator=mc.Ridge(penalty))


def test_the_gradient_reaches_spectra_long_enough_to_be_compressed():
    step = 1e-5 * 0.02
    difference = mc.predict(long_chain(0.02 + step)).error[-1] - mc.predict(long_chain(0.02 - step)).error[-1]
    assert float(mc.gradient(long_chain)(0.02)) == pytest.approx(difference / (2 * step), rel=1e-6)


def test_an_infinite_risk_on_a_long_spectrum_is_infinite_without_a_warning():
    chain = mc.replace(LONG, generations=2, rows=1500, noise=0.3, estimator=LEAST_SQUARES)
    assert mc.predict(chain).error.tolist() == [np.inf, np.inf]


def test_the_spread_over_draws_needs_one_noise_level():
    sources = (mc.Source(12, 0.2, mc.PREVIOUS), mc.Source(14, 0.9, mc.PREVIOUS))
    prediction = mc.predict(mc.Chain(ISOTROPIC, (mc.Generation(sources, LEAST_SQUARES),)))
    assert np.isfinite(prediction.error).all()
    with pytest.raises(mc.NoTheorem, match="one noise level"):
        _ = prediction.spread


@pytest.mark.parametrize("rows", [10, 11])
def test_infinite_risks_are_infinite_on_every_route(rows):
    chain = mc.replace(ISOTROPIC, generations=2, rows=rows, noise=0.3, estimator=LEAST_SQUARES)
    assert mc.derive(chain).result.rhs.is_infinite
    assert straight_line(chain).tolist() == [np.inf, np.inf]
    with pytest.raises(mc.NoTheorem, match="finite"):
        backward_error(chain)


@pytest.mark.parametrize(
    ("rows", "estimator", "name"),
    [
        ([30, 30], LEAST_SQUARES, "test error of least squares after replacement"),
        ([30, 40], LEAST_SQUARES, "excess error"),
        ([6, 6], LEAST_SQUARES, "test error of minimum norm below the rank, isotropic"),
        ([30, 6], LEAST_SQUARES, "excess error"),
        ([30, 25], [LEAST_SQUARES, mc.Ridge(0.2)], "test error after least-squares generators"),
        ([30, 25], [mc.Ridge(0.2), LEAST_SQUARES], "test error of a chain"),
    ],
)
def test_the_theorem_named_covers_the_chain(rows, estimator, name):
    chain = mc.replace(ISOTROPIC, generations=2, rows=rows, noise=0.3, estimator=estimator)
    prediction = mc.predict(chain)
    assert prediction.theorem.name == name == mc.derive(chain).theorem.name
    assert prediction.theorem.kind is prediction.kind[-1]


def test_a_restart_forgets_the_theorem_too():
    steps = (
        mc.Generation((mc.Source(25, 0.3, mc.PREVIOUS),), mc.Ridge(0.2)),
        mc.Generation((mc.Source(30, 0.3),), LEAST_SQUARES),
    )
    prediction = mc.predict(mc.Chain(ISOTROPIC, steps))
    assert prediction.theorem.name == "test error of least squares after replacement"
    assert not any("proportion" in text for text in prediction.assumptions)


def test_the_finite_size_is_the_same_under_a_transform():
    def sizes(penalty):
        return mc.predict(
            mc.replace(ISOTROPIC, generations=3, rows=[12, 60, 80], noise=0.3, estimator=mc.Ridge(penalty))
        ).finite_size

    with mc.precise():
        np.testing.assert_allclose(jax.jit(sizes)(0.1), sizes(0.1), rtol=1e-14)


@dataclass(frozen=True)
class Broken(mc.Spectrum):
    """Levels that do not fill the dimension."""

    dimension: int = 6

    def eigenvalue(self, k):
        return 1.0 + 0.0 * k

    def levels(self):
        return [1.0], (5,)


class Short(mc.Target):
    """One mean for all coordinates."""

    def mean(self, k, spectrum):
        return np.ones(1)


class Negative(mc.Target):
    """A variance below zero, though the second moment is positive."""

    def mean(self, k, spectrum):
        return 2.0 + 0.0 * k

    def variance(self, k, spectrum):
        return -1.0 + 0.0 * k


@pytest.mark.parametrize(
    ("population", "field"),
    [
        (lambda: mc.Population(Broken(), mc.UniformTarget()), "levels"),
        (lambda: mc.Population(mc.Isotropic(6), Short()), "target"),
        (lambda: mc.Population(mc.Isotropic(6), Negative()), "target"),
    ],
)
def test_inconsistent_spectra_and_targets_of_users_are_refused(population, field):
    with pytest.raises(mc.SpecificationError) as failure:
        mc.predict(mc.replace(population(), generations=1, rows=20))
    assert failure.value.field == field


def test_tables_count_generations_from_one_and_hold_chains_of_one_length():
    table = mc.vary(lambda noise: mc.replace(ISOTROPIC, 2, 40, noise), {"noise": [0.4, 0.2]})
    assert table.best(2)[0] == table.best()[0] == {"noise": 0.2}
    with pytest.raises(mc.SpecificationError):
        table.best(3)
    with pytest.raises(mc.SpecificationError, match="same number of generations"):
        mc.vary(lambda generations: mc.replace(ISOTROPIC, generations, 40, 0.3), {"generations": [1, 2]})
