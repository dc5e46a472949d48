"""Claims on verifiers and on data policies: they hold, wrong formulas fail them, and experiments show some of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation.monitors import expected_monitors
from modelcollapse.theory.problem.monitors import Monitor
from modelcollapse.validation.claims import CLAIMS, POLICY_CLAIMS, VERIFICATION_CLAIMS
from modelcollapse.validation.claims.verification import judged, tried, window

from .claims import check_evidence, judged_once

PREVENT, REVERSE, TRIES = VERIFICATION_CLAIMS
ACCUMULATE, RETAIN, BLIND = POLICY_CLAIMS
MINE = (*VERIFICATION_CLAIMS, *POLICY_CLAIMS)


evidence = pytest.fixture(scope="module")(judged_once)


@pytest.mark.parametrize("claim", MINE, ids=lambda claim: claim.name)
def test_it_holds_and_is_drawn(claim, evidence):
    check_evidence(claim, evidence(claim))


def test_claims_have_names_of_their_own():
    assert len({claim.name for claim in CLAIMS}) == len(CLAIMS) == 13


def test_numbers_of_the_verifiers(evidence):
    """All verifiers leave the same floor U* above their own error, which solves U = c^2 U + c s^2 d/(k - d - 1)."""
    numbers = evidence(PREVENT).numbers
    assert numbers["limit, worse than model 0"] - numbers["limit, perfect verifier"] == pytest.approx(2.0, rel=1e-9)
    assert evidence(REVERSE).numbers["limit, 0.5"] - numbers["limit, perfect verifier"] == pytest.approx(0.5, rel=1e-9)
    assert iterated(0.0, 586) == pytest.approx(numbers["limit, perfect verifier"], rel=1e-6)
    assert numbers["not starved"] == pytest.approx(1 + 100 / 299, rel=1e-12)


def iterated(bias, rows):
    """The recursion of one number by SciPy's normal law: kappa of the window, contraction, accepted noise, scatter."""
    from scipy.stats import norm

    apart = 1 + bias
    for _ in range(60):
        width = 1 / np.sqrt(apart + 1)
        kept = 2 * norm.cdf(width) - 1
        raw = 1 - 2 * width * norm.pdf(width) / kept
        gain = raw * (1 + apart) / (1 + raw * apart)
        apart = gain**2 * apart + gain * 100 / (kept * rows - 101)
    return bias + apart


def test_numbers_of_tries(evidence):
    """By quadrature over the margin of a prompt, to the digits that were noted."""
    numbers = evidence(TRIES).numbers
    noted = {"dropped, 1 try": 0.1465, "dropped, 64 tries": 0.1427, "kept, 1 try": 0.379, "kept, 64 tries": 0.995}
    noted |= {"last kept, 2 tries": 0.825, "last kept, 64 tries": 0.180}
    for name, value in noted.items():
        assert numbers[name] == pytest.approx(value, abs=6e-4)


def test_numbers_of_policies(evidence):
    numbers = evidence(ACCUMULATE).numbers
    assert numbers["same rows, 200"] == pytest.approx(np.pi**2 / 6, rel=1e-9)
    terms = np.arange(1, 10**6)
    fresh = 179 * np.sum(1 / (terms * (200.0 * terms - 21)))  # 20/(i (200 i - 21)) over the first term, the rest 9e-7
    assert numbers["fresh rows, 200"] == pytest.approx(fresh, rel=1e-5)
    thresholds = evidence(RETAIN).numbers
    assert [round(value, 3) for value in thresholds.values()] == [0.692, 0.7, 0.708]


def test_numbers_of_alarms(evidence):
    """k (sigma^2 + E_1) sqrt(2/b)/Delta rounds for residuals, (1 + |w_0|^2/sigma^2) times as many for labels."""
    numbers = evidence(BLIND).numbers
    step = 30 / (3000 - 31)
    for name, variance in (("held-out residual", 1 + step), ("label variance", 5 + step)):
        assert numbers[name] == np.floor(3 * variance * np.sqrt(2 / 1000) / step) + 1
    assert numbers["drift"] == 1
    assert np.isinf(numbers["in-sample residual"])


# Each forgets or invents one thing.
def without_the_scatter(chain):
    """What is left of the labeller's error alone: nobody starves, a bias never reverses anything."""
    error = 0.5 ** np.arange(1, len(chain) + 1)
    return SimpleNamespace(error=error, limit=error[-1])


def verifiers_without_scatter(chain):
    """Right without a verifier; with one the error is between labeller and verifier, whatever is kept."""
    if chain.generations[0].selection == mc.KEEP_ALL:
        return mc.predict(chain)
    verifier = np.sum(
        chain.population.spectrum.eigenvalues() * np.square(chain.generations[0].selection.verifier.values)
    )
    return SimpleNamespace(error=np.full(len(chain), verifier), limit=verifier)


def old_rows_that_help_too_little(chain):
    """Right where rows are replaced; the store forgets a part of what it has."""
    found, times = mc.predict(chain), 1.1 if chain.generations[0].memory == mc.ACCUMULATE else 1.0
    return SimpleNamespace(error=times * found.error, limit=times * found.limit)


def everything_is_bounded(chain):
    found = mc.predict(chain)
    return SimpleNamespace(error=found.error, limit=min(found.limit, 1e6))


def retained_without_rows(chain):
    """The growth of a share 1 - alpha alone, without what the rows scatter: always below 1."""
    real, synthetic = (source.rows for source in chain.generations[0].generated)
    return SimpleNamespace(limit=1 / (1 - (synthetic / (real + synthetic)) ** 2))


def tries_that_leave_everything(chain):
    """The last try kept as if it were the first."""
    one = replace(chain.generations[0].selection, tries=1)
    return TRIES.formula(mc.verify(chain, one))


def a_residual_that_sees_the_error(chain):
    signals = dict(expected_monitors(chain).signals)
    blind = signals[Monitor.IN_SAMPLE]
    return signals | {Monitor.IN_SAMPLE: replace(blind, expected=signals[Monitor.HELD_OUT].expected)}


@pytest.mark.parametrize(
    ("claim", "formula"),
    [
        (PREVENT, without_the_scatter),
        (PREVENT, verifiers_without_scatter),
        (REVERSE, without_the_scatter),
        (TRIES, tries_that_leave_everything),
        (ACCUMULATE, everything_is_bounded),
        (ACCUMULATE, old_rows_that_help_too_little),
        (RETAIN, retained_without_rows),
        (BLIND, a_residual_that_sees_the_error),
    ],
    ids=lambda case: getattr(case, "name", getattr(case, "__name__", "")),
)
def test_a_wrong_formula_fails_it(claim, formula):
    assert not claim.holds(formula).holds


def test_an_experiment_with_a_bias_that_reverses():
    """100 directions; the recursion of means is off by O(1/d), here below 2 %."""
    chain = judged(window(1.0), 0.5, generations=6)
    simulation, error = mc.simulate(chain, replicates=200, seed=4), mc.predict(chain).error
    assert np.all(np.abs(simulation.mean - error) < 4 * simulation.standard_error + 0.02 * error)
    rise = simulation.errors[:, -1] - simulation.errors[:, 0]
    assert rise.mean() > 5 * rise.std() / np.sqrt(len(rise))
    assert simulation.mean.max() < 1


@pytest.mark.parametrize("keep_last", [False, True])
def test_an_experiment_with_tries(keep_last):
    """What is not contracted of a distance of 1 from the verifier is the error, and the scatter of 4000 rows."""
    chain = tried(0.7, 1.0, 16, keep_last=keep_last).with_(rows=4000)
    simulation = mc.simulate(chain, replicates=100, seed=1)
    left = 1 - 0.1439 if not keep_last else 1 - 0.291
    assert abs(simulation.mean[0] - left**2) < 4 * simulation.standard_error[0] + 0.005


def test_an_experiment_near_interpolation():
    """20 dimensions, a quarter real: on 50 rows the loop settles, on 26 it grows and grows."""
    population = mc.Population(mc.Isotropic(20), mc.UniformTarget())
    common = {"noise": 1.0, "estimator": mc.MinimumNorm(), "share": 0.25}
    loops = (mc.retain_real(population, 12, rows=rows, **common) for rows in (50, 26))
    settled, growing = (np.diff(mc.simulate(loop, 2000, seed=2).mean[3::4]) for loop in loops)
    assert settled[1] < 0.5 * settled[0]
    assert growing[1] > growing[0]
