"""Public strategies: everything that can be stated is drawn, from a few sizes, and theory covers what it is said to."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import find as smallest
from hypothesis import strategies as st

import modelcollapse as mc
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.validation import strategies

FEW = settings(max_examples=12, deadline=None, derandomize=True, database=None)
FIRST = settings(FEW, max_examples=2000, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
FAMILIES = [
    strategies.ridge_chains,
    strategies.least_squares_chains,
    strategies.subspace_chains,
    strategies.ridgeless_chains,
    strategies.generator_chains,
    strategies.accumulating_chains,
    strategies.blended_chains,
    strategies.mixed_chains,
    strategies.keeping_chains,
    strategies.subsampling_chains,
    strategies.mixture_chains,
    strategies.mixing_loops,
    strategies.verified_chains,
]


def find(strategy, condition):
    """The first draw that meets a condition, as it is."""
    return smallest(strategy, condition, settings=FIRST)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_theory_covers_every_chain_of_a_family(family):
    @FEW
    @given(family())
    def covered(chain):
        assert mc.predict(chain).error.shape == (len(chain),)

    covered()


@given(st.from_type(mc.Chain))
@settings(max_examples=100)
def test_chains_come_in_a_few_sizes(chain):
    assert chain.population.dimension in strategies.DIMENSIONS
    assert len(chain) in strategies.GENERATIONS


SOMEWHERE = {
    "Shifted": lambda source, step: isinstance(source.labels, mc.Shifted),
    "Blend": lambda source, step: isinstance(source.labels, mc.Blend),
    "Lottery": lambda source, step: isinstance(source.labels, mc.Lottery),
    "LabelledBy": lambda source, step: isinstance(source.labels, mc.LabelledBy),
    "SameRows": lambda source, step: isinstance(source.covariates, mc.SameRows),
    "Refitted": lambda source, step: isinstance(source.covariates, mc.Refitted),
    "Perturbed": lambda source, step: isinstance(source.covariates, mc.Perturbed),
    "covariance": lambda source, step: source.covariance is not None,
    "Kept": lambda source, step: bool(step.kept),
    "Subsample": lambda source, step: isinstance(step.memory, mc.Subsample),
    "Accumulate": lambda source, step: isinstance(step.memory, mc.Accumulate),
    "RandomProjection": lambda source, step: isinstance(step.estimator, mc.RandomProjection),
}


@pytest.mark.parametrize("member", SOMEWHERE)
def test_every_member_of_the_specification_is_drawn(member):
    def has(chain):
        return any(SOMEWHERE[member](source, step) for step in chain.generations for source in step.generated)

    assert has(find(strategies.chains(), has))


@pytest.mark.parametrize(
    "kind", [mc.Chain, mc.Population, mc.Spectrum, mc.PowerLaw, mc.Target, mc.Ridge, mc.Source, mc.Generation]
)
def test_types_are_registered(kind):
    assert isinstance(find(st.from_type(kind), lambda value: True), kind)


def test_estimators_are_drawn_from_their_union():
    estimators = (mc.Ridge, mc.MinimumNorm, mc.RandomProjection)
    found = [find(strategies.estimators(), lambda value, kind=kind: isinstance(value, kind)) for kind in estimators]
    assert [type(estimator) for estimator in found] == list(estimators)


def test_exact_families_are_exact_and_equivalents_are_equivalents():
    exact = find(strategies.least_squares_chains(), lambda chain: len(chain) == 3)
    equivalent = find(strategies.ridge_chains(), lambda chain: len(chain) == 3)
    assert set(mc.predict(exact).kind) == {Kind.EXACT}
    assert set(mc.predict(equivalent).kind) == {Kind.EQUIVALENT}


def test_the_front_door_does_not_import_hypothesis():
    script = "import sys, modelcollapse, modelcollapse.validation; print('hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
