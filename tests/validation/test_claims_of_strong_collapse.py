"""Claims of the paper on strong collapse: they hold, a wrong formula fails each of them, and experiments agree."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.validation.claims.strong_collapse import STRONG_COLLAPSE_CLAIMS, mixture, tuned_models_amplify

from .claims import check_evidence, judged_once

A_LITTLE, WIDTHS, TUNED, VANISHING = STRONG_COLLAPSE_CLAIMS
REPLICATES = 4000


evidence = pytest.fixture(scope="module")(judged_once)


@pytest.mark.parametrize("claim", STRONG_COLLAPSE_CLAIMS, ids=lambda claim: claim.name)
def test_it_holds_and_is_drawn(claim, evidence):
    check_evidence(claim, evidence(claim))


def test_numbers_of_the_plateau(evidence):
    """f^2 c^2 = 10^-6, from sigma^2 r/(f c)^2 = 9 10^6 rows on."""
    numbers = evidence(A_LITTLE).numbers
    assert numbers["plateau"] == pytest.approx(1e-6, rel=1e-5)
    assert numbers["slope"] == pytest.approx(0.0, abs=1e-5)
    assert numbers["slope of real labels"] == pytest.approx(-1.0, abs=1e-9)


def test_numbers_against_the_width(evidence):
    """c^2 = 1/2: f u + f^2 (1 - u) m/d below, u = m/(n - m); worked out by hand."""
    numbers = evidence(WIDTHS).numbers
    assert numbers["0.1 n"] == pytest.approx(1 / 30, rel=1e-9)
    assert numbers["0.9 n"] == pytest.approx(1.8, rel=1e-9)
    assert numbers["1.1 n"] == pytest.approx(2.0625, rel=1e-9)
    assert numbers["in the end"] == pytest.approx(0.1875, rel=1e-5)


def test_numbers_of_the_rates(evidence):
    numbers = evidence(VANISHING).numbers
    assert numbers["n^(-1/2) at 2e6"] == pytest.approx(1.054, abs=5e-4)
    assert numbers["n^(-1/2) in the end"] == pytest.approx(1.05, abs=1e-4)
    assert numbers["n^(-1/4) at 2e6"] == pytest.approx(71.8, abs=0.1)


def test_tuned_numbers_are_those_of_the_study(evidence):
    chain = mixture(mc.Isotropic(400), shift=0.5**0.5, noise=0.1**0.5, width=20)
    study, numbers = mc.collapse_versus_width(chain, [4000], tuned=True), evidence(TUNED).numbers
    for name in ("error", "collapse", "gap"):
        assert numbers[f"{name}, widest"] == pytest.approx(getattr(study, name)[0], rel=2e-3)


def test_a_truth_along_the_leading_directions_is_outside_the_claim():
    """There the gap to real labels falls again in models wider than the rows: 0.0313 at n, 0.0286 in the end."""
    spectrum = mc.PowerLaw(400, 1.2)
    even = mc.Shifted(mc.GaussianTarget(0.5 / 400 / spectrum.eigenvalues()))
    sources = mc.Source(100, 0.1**0.5), mc.Source(100, 0.1**0.5, even)
    population = mc.Population(spectrum, mc.SourceCondition(0.5))
    chain = mc.Chain(population, (mc.Generation(sources, mc.RandomProjection(20)),))
    assert not tuned_models_amplify(chain, mc.collapse_over).holds


# Each forgets or invents one thing.
def without_the_offset(chain, **points):
    """Synthetic labels as noise around the truth: f (1 - f) u c^2, which dies out like the variance."""
    found = mc.collapse_over(chain, **points)
    share, noise = np.asarray(points["synthetic_share"]), chain.generations[0].sources[0].noise
    return with_collapse(found, share * (1 - share) * found.variance / noise**2)


def at_every_width_the_same(chain, **points):
    found = mc.collapse_over(chain, **points)
    return with_collapse(found, np.where(np.isinf(found.collapse), np.inf, 0.1))


def without_the_rise(chain, **points):
    """Collapse as a part of the bias, which falls in the width."""
    found = mc.collapse_over(chain, **points)
    return with_collapse(found, 0.1 * found.bias)


def with_collapse(found, collapse):
    return found._replace(collapse=collapse, error=found.bias + found.variance + collapse)


@pytest.mark.parametrize(
    ("claim", "formula"),
    [
        (A_LITTLE, without_the_offset),
        (WIDTHS, at_every_width_the_same),
        (TUNED, without_the_rise),
        (VANISHING, without_the_offset),
    ],
    ids=lambda case: getattr(case, "name", getattr(case, "__name__", "")),
)
def test_a_wrong_formula_fails_it(claim, formula):
    assert not claim.holds(formula).holds


def simulated(chain, seed):
    return mc.simulate(chain, replicates=REPLICATES, seed=seed, noise=mc.INTEGRATED)


def assert_close(simulation, value, tolerance):
    gap = abs(simulation.mean[-1] - value)
    assert gap < 4 * simulation.standard_error[-1] + tolerance * value


def test_an_experiment_on_the_plateau():
    """Four times the rows: real labels gain the factor 4, the mixture next to nothing."""
    chain = mixture(mc.Isotropic(6), shift=1.0, noise=0.1, rows=1600, share=0.1)
    comparison = mc.compare(chain, replicates=16384)
    assert comparison.verdict is mc.Verdict.AGREES
    assert comparison.simulation.mean[0] > 0.99 * 0.01
    found = mc.collapse_over(chain, rows=[400, 1600], synthetic_share=[[0.0], [0.1]]).error
    assert_close(comparison.simulation, found[1, 1], 0.001)
    gains = found[:, 0] / found[:, 1]
    assert gains[0] > 4
    assert gains[1] < 1.2


@pytest.mark.parametrize("width", [10, 160])
def test_experiments_on_either_side_of_the_peak(width):
    """Isotropic, 40 rows of 80; the formula's own difference is of order 1/d."""
    chain = mixture(mc.Isotropic(80), shift=2.0, noise=0.3, rows=40, width=width)
    assert_close(simulated(chain, width), float(mc.collapse_over(chain).error), 0.04)


def test_an_experiment_at_the_best_penalty():
    chain = mixture(mc.Isotropic(80), shift=0.5**0.5, noise=0.1**0.5, rows=40, width=160)
    tuned = chain.with_(estimator=mc.RandomProjection(160, 1.9))
    assert_close(simulated(tuned, 7), float(mc.collapse_over(tuned).error), 0.02)


def test_experiments_with_vanishing_shares():
    """1024 rows of 4: n^(-1/2) leaves about 1 + 0.5/(0.1 * 4) = 2.25, n^(-1/4) is at 1 + 32 * 1.25 = 41 by then."""
    for rows, ratio in ((32, 2.25), (181, 41)):
        chain = mixture(mc.Isotropic(4), shift=0.5**0.5, noise=0.1**0.5, rows=1024, share=rows / 1024)
        found = mc.collapse_over(chain)
        assert_close(simulated(chain, rows), float(found.error), 0.005)
        assert found.error / (found.bias + found.variance) == pytest.approx(ratio, rel=0.08)
