"""Laws of mixtures: two hundred cases each, on `predict` and on the master theorem; wrong formulas are caught."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import find as smallest
from hypothesis import strategies as st
from scipy.optimize import brentq

import modelcollapse as mc
from modelcollapse.theory.evaluation.master import mixture_of_sources
from modelcollapse.validation import strategies
from modelcollapse.validation.laws import (
    PROFILES,
    About,
    Holding,
    Violation,
    check_formula,
    law_named,
    of_mixtures,
    replay,
)
from modelcollapse.validation.laws.formula import errors_by
from modelcollapse.validation.laws.of_mixtures import MIXTURES
from modelcollapse.validation.laws.references_of_mixtures import mixtures
from modelcollapse.validation.laws.trial import tried

MANY = settings(PROFILES["ci"], max_examples=200)
SOME = settings(MANY, max_examples=80)  # of laws that are tried two hundred times on `predict`
QUICK = settings(PROFILES["ci"], max_examples=30, phases=[Phase.generate])
FIRST = settings(QUICK, max_examples=2000)
SPLIT, COMMON_WEIGHT = "splitting a source changes nothing", "a common weight goes with the penalty"
SILENT, ORDER = "a source of weight 0 counts in the penalty alone", "the order of the sources does not matter"
UNITS, WIDE = "the unit of the covariates does not matter", "a wide projection is none"
QUADRATIC = "collapse is quadratic in the share of a labeller"
SHIFTS = "collapse is quadratic in the shifts"
REAL_RISK = "the risk of real rows is their noise and the error"
RISK = "the risk of a source is the error measured from it"
EQUATIONS = "one covariance obeys the equations of many"


def by_the_master_theorem(chain):
    return [mixture_of_sources(chain).error]


def held(name, formula=None, cases=None, tries=MANY):
    law = law_named(name)
    finding = tried(law, tries, 0, cases=cases, formula=None if formula is None else errors_by(formula))
    assert finding.holding is Holding.HOLDS, finding.told()
    assert finding.cases >= tries.max_examples


@pytest.mark.parametrize("name", [ORDER, SILENT, WIDE, QUADRATIC, SHIFTS, EQUATIONS, SPLIT, COMMON_WEIGHT, UNITS])
def test_mixtures_and_loops_obey(name):
    held(name, mc.predict, st.one_of(strategies.mixture_chains(), strategies.mixing_loops()))


def has_two_sources_at_most(chain):
    """What does not take long."""
    return len(chain.generations[0].sources) <= 2


@pytest.mark.parametrize(("name", "tries"), [(COMMON_WEIGHT, MANY), (SPLIT, SOME), (SILENT, SOME)])
def test_sources_with_weights_and_covariances_obey(name, tries):
    held(name, by_the_master_theorem, strategies.weighted_mixtures().filter(has_two_sources_at_most), tries)


@pytest.mark.parametrize("name", [law.name for law in MIXTURES if law.about is About.PREDICTION])
def test_the_master_theorem_obeys(name):
    held(name)


def step_of(chain):
    (step,) = chain.generations
    assert all(one.weight == step.generated[0].weight and one.covariance is None for one in step.generated)
    return step


def textbook(chain, *, disagreement=True, order=2, weighed=True, width_counts=True, noise="rows"):
    """One fit with the noise s^2 + A on rows of the mean labeller W = w_0 + o, A what labellers differ by.

    E = b + g (s^2 + A + |W - w|^2 + ...)/(1 - g), g = (df_2 + chi (df_1 - df_2))/n; the keywords make mistakes.
    """
    step, spectrum = step_of(chain), chain.population.spectrum
    sources = step.generated
    s, k = np.asarray(spectrum.eigenvalues()), np.arange(1, spectrum.dimension + 1)
    n, m = float(step.rows), float(getattr(step.estimator, "width", np.inf)) if width_counts else np.inf
    penalty = step.estimator.penalty / (sources[0].weight if weighed else 1.0)

    def excess(log):
        df_1 = np.sum(s / (s + np.exp(log)))
        return np.exp(log) * max(1 - df_1 / n, 0) * max(1 - df_1 / m, 0) / penalty - 1

    most = penalty + np.sum(s) * (1 / n + 1 / m)
    kappa = np.exp(brentq(excess, np.log(penalty / 2), np.log(most) + 1, xtol=1e-15, rtol=1e-15, maxiter=1000))
    t = s / (s + kappa)
    df_1, df_2 = np.sum(t), np.sum(t**2)
    chi = (df_1 - df_2) / (m - df_2)
    passed = (df_2 + chi * (df_1 - df_2) if order == 2 else df_1) / n

    shares = np.array([one.rows / n for one in sources])
    parts = [one.labels if isinstance(one.labels, mc.Shifted) else None for one in sources]
    shifts = [part for part in dict.fromkeys(parts) if part is not None]
    truth = chain.population.target
    means = np.array([truth.mean(k, spectrum) + 0 * k, *(part.offset.mean(k, spectrum) + 0 * k for part in shifts)])
    spreads = [truth.variance(k, spectrum) + 0 * k, *(part.offset.variance(k, spectrum) + 0 * k for part in shifts)]

    def square(*combination):
        """E (c_0 w_0 + c_1 o_1 + ...)^2 in every direction."""
        mean = sum(c * one for c, one in zip(combination, means, strict=True))
        return mean**2 + sum(c**2 * one for c, one in zip(combination, spreads, strict=True))

    mixed = [float(sum(p for p, one in zip(shares, parts, strict=True) if one == part)) for part in shifts]
    differ = sum(
        p * np.sum(s * square(0, *(float(one == part) - f for part, f in zip(shifts, mixed, strict=True))))
        for p, one in zip(shares, parts, strict=True)
    )
    through = kappa * chi * np.sum(square(t, *(f * t for f in mixed)))
    lost = np.sum(s * square(1 - t, *(f * (1 - t) for f in mixed))) + through
    bias = np.sum(s * square(1 - t, *(-f * t for f in mixed))) + through
    noises = np.array([one.noise**2 for one in sources])
    noise_squared = shares @ noises if noise == "rows" else noises[0]
    return [bias + passed / (1 - passed) * (noise_squared + disagreement * differ + lost)]


def found(name, formula, cases):
    """What comes of a law, without a search for the smallest case."""
    return tried(law_named(name), QUICK, 0, cases=cases, formula=errors_by(formula))


@pytest.mark.parametrize("name", [EQUATIONS, QUADRATIC, SHIFTS, WIDE, ORDER, SPLIT, COMMON_WEIGHT, UNITS])
def test_a_right_formula_passes(name):
    finding = found(name, textbook, strategies.mixture_chains())
    assert finding.holding is Holding.HOLDS, finding.told()


def without_disagreement(chain):
    """Forgets f (1 - f) u tr delta."""
    return textbook(chain, disagreement=False)


def with_the_first_degrees_of_freedom(chain):
    return textbook(chain, order=1)


def without_the_weight(chain):
    return textbook(chain, weighed=False)


def with_the_noise_of_the_first_source(chain):
    return textbook(chain, noise="first")


def with_entries_of_variance_one_over_d(chain):
    """The convention of the paper: its penalty is lambda d/m in ours."""
    (step,) = chain.generations
    if not isinstance(step.estimator, mc.RandomProjection):
        return textbook(chain)
    scale = chain.population.dimension / step.estimator.width
    estimator = replace(step.estimator, penalty=step.estimator.penalty * scale)
    return textbook(mc.Chain(chain.population, (replace(step, estimator=estimator),)))


def with_the_real_rows_alone_in_the_penalty(chain):
    """lambda relative to 1/n_1, not to 1/n."""
    (step,) = chain.generations
    real = sum(one.rows for one in step.sources if not isinstance(one.labels, mc.Shifted)) or step.rows
    estimator = replace(step.estimator, penalty=step.estimator.penalty * real / step.rows)
    return textbook(mc.Chain(chain.population, (replace(step, estimator=estimator),)))


WRONG = {
    without_disagreement: EQUATIONS,
    with_the_first_degrees_of_freedom: EQUATIONS,
    without_the_weight: COMMON_WEIGHT,
    with_the_noise_of_the_first_source: ORDER,
    with_entries_of_variance_one_over_d: WIDE,
    with_the_real_rows_alone_in_the_penalty: QUADRATIC,
}


@pytest.mark.parametrize("formula", WRONG, ids=lambda formula: formula.__name__)
def test_a_wrong_formula_is_caught_by_name(formula):
    assert found(WRONG[formula], formula, strategies.mixture_chains()).holding is Holding.BROKEN


def fitted_rows_alone(chain):
    """The master theorem with lambda relative to 1/n of the rows that have a weight."""
    (step,) = chain.generations
    kept = tuple(one for one in step.sources if one.weight > 0)
    return by_the_master_theorem(mc.Chain(chain.population, (replace(step, sources=kept),)))


def all_weights_equal(chain):
    """The master theorem for sources that all have weight 1."""
    (step,) = chain.generations
    sources = tuple(replace(one, weight=1.0) for one in step.sources)
    return by_the_master_theorem(mc.Chain(chain.population, (replace(step, sources=sources),)))


@pytest.mark.parametrize(("formula", "name"), [(fitted_rows_alone, SILENT), (all_weights_equal, COMMON_WEIGHT)])
def test_a_formula_that_is_wrong_about_weights_is_caught(formula, name):
    assert found(name, formula, strategies.weighted_mixtures()).holding is Holding.BROKEN


def with_a_shift_that_is_not_squared(chain):
    """The root of the disagreement."""
    clean = textbook(chain, disagreement=False)[0]
    return [clean + abs(textbook(chain)[0] - clean) ** 0.5]


@pytest.mark.parametrize("name", [SHIFTS, QUADRATIC])
def test_a_collapse_that_is_not_quadratic_is_caught(name):
    assert found(name, with_a_shift_that_is_not_squared, strategies.mixture_chains()).holding is Holding.BROKEN


def test_a_user_finds_the_smallest_case():
    (finding,) = check_formula(without_disagreement, strategies.mixture_chains(), laws=[EQUATIONS]).broken
    assert finding.counterexample.count("mc.Source(") == 2
    assert finding.replay == f'replay("{EQUATIONS}", formula, {finding.counterexample})'


def test_risks_that_are_not_noise_and_error_are_caught(monkeypatch):
    def wrong(chain):
        found = mixture_of_sources(chain)
        return replace(found, risks=found.risks * 1.001)

    monkeypatch.setattr(of_mixtures, "mixture_of_sources", wrong)
    for name in (
        "the risk of real rows is their noise and the error",
        "the risk of a source is the error measured from it",
    ):
        assert tried(law_named(name), QUICK, 0).holding is Holding.BROKEN


def test_laws_are_about_everything_that_a_mixture_has():
    seen = []

    @MANY
    @given(strategies.mixture_chains())
    def look(chain):
        seen.append(chain)

    look()
    steps = [chain.generations[0] for chain in seen]
    ranks = [chain.population.spectrum.rank() for chain in seen]
    widths = [step.estimator.width for step in steps if isinstance(step.estimator, mc.RandomProjection)]
    penalties = [step.estimator.penalty for step in steps]
    assert {len(step.sources) for step in steps} == {1, 2, 3}
    assert min(penalties) < 1e-5 < 10 < max(penalties) <= 100
    assert len(widths) > 50
    assert min(widths) == min(step.rows for step in steps) == 1
    near = [abs(step.rows - rank) <= 1 for step, rank in zip(steps, ranks, strict=True)]
    assert 20 < sum(near) < 180
    at = [isinstance(step.estimator, mc.RandomProjection) and step.estimator.width == step.rows for step in steps]
    assert sum(at) > 5


SOMEWHERE = {
    "previous": lambda step: any(one.labels == mc.PREVIOUS for one in step.sources),
    "shifted": lambda step: any(isinstance(one.labels, mc.Shifted) for one in step.sources),
    "truth": lambda step: any(one.labels == mc.TRUTH for one in step.sources),
    "ridgeless": lambda step: getattr(step.estimator, "penalty", 1.0) is None,
    "ridge": lambda step: isinstance(step.estimator, mc.Ridge),
}


@pytest.mark.parametrize("member", SOMEWHERE)
def test_loops_have_all_members(member):
    def has(chain):
        return len(chain) == 3 and any(SOMEWHERE[member](step) for step in chain.generations[1:])

    assert has(smallest(strategies.mixing_loops(), has, settings=FIRST))


def test_the_reference_knows_a_number_of_its_own():
    """S = I, m -> infinity: kappa = lambda + kappa d/(n (1 + kappa)) and two sums."""
    population = mc.Population(mc.Isotropic(6), mc.UniformTarget(2.0))
    chain = mc.Chain(population, (mc.Generation((mc.Source(12, 0.5),), mc.Ridge(0.5)),))
    # kappa^2 + kappa (1 - 1/2 - d/n) - 1/2 = 0
    kappa = 0.5**0.5
    df_2 = 6 / (1 + kappa) ** 2
    expected = (2.0 * (kappa / (1 + kappa)) ** 2 + 0.25 * df_2 / 12) / (1 - df_2 / 12)
    np.testing.assert_allclose(mixtures(chain), [expected], rtol=1e-13)


def test_a_case_replays():
    population = mc.Population(mc.Isotropic(6), mc.UniformTarget())
    sources = mc.Source(8, 0.3), mc.Source(9, 0.5, mc.Shifted(mc.GaussianTarget([0.3] * 6)))
    chain = mc.Chain(population, (mc.Generation(sources, mc.RandomProjection(4, 0.1)),))
    replay(EQUATIONS, mc.predict, chain)
    with pytest.raises(Violation):
        replay(EQUATIONS, without_disagreement, chain)
