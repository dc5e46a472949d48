"""Policies with real data, memory or disturbances equal the chains that are written out by hand, and degenerate
cases are the simpler policies."""

import math

import pytest
import sympy

from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Generation,
    Isotropic,
    Kept,
    MinimumNorm,
    Perturbed,
    Population,
    RandomProjection,
    Refitted,
    Ridge,
    SameRows,
    Source,
    SpecificationError,
    Subsample,
    UniformTarget,
    accumulate,
    accumulate_subsample,
    blend_labels,
    inject_noise,
    mix,
    regenerate_covariates,
    rephrase,
    replace,
    retain_real,
)

POPULATION = Population(Isotropic(9), UniformTarget(2.0))
E = Ridge(0.7)
USUAL = {"rows": 40, "noise": 0.2, "estimator": E}
P, T = PREVIOUS, TRUTH


def by_hand(*steps, memory=None):
    """A chain of generations given by their sources alone."""
    kept = {} if memory is None else {"memory": memory}
    return Chain(POPULATION, tuple(Generation(sources, E, **kept) for sources in steps))


def test_accumulate_fits_every_row_so_far():
    written = by_hand(*[(Source(40, 0.2, P),)] * 3, memory=ACCUMULATE)
    assert accumulate(POPULATION, 3, **USUAL) == written
    assert written.rows == (40, 80, 120)


def test_accumulate_may_label_the_same_rows_anew():
    again = (Source(40, 0.2, P, covariates=SameRows(1)),)
    written = by_hand((Source(40, 0.2, P),), again, again, memory=ACCUMULATE)
    assert accumulate(POPULATION, 3, **USUAL, same_rows=True) == written


def test_a_subsample_has_the_rows_of_its_generation():
    chain = accumulate_subsample(POPULATION, 2, rows=[40, 30], noise=0.2, estimator=E)
    steps = tuple(Generation((Source(n, 0.2, P),), E, memory=Subsample(n)) for n in (40, 30))
    assert chain == Chain(POPULATION, steps)
    with pytest.raises(SpecificationError, match="at most 30"):
        Chain(POPULATION, (Generation((Source(30, 0.2, P),), E, memory=Subsample(40)),))


def test_fresh_real_rows_take_their_share():
    chain = retain_real(POPULATION, 2, **USUAL, share=0.3, real_noise=0.5)
    assert chain == by_hand(*[(Source(12, 0.5, T), Source(28, 0.2, P))] * 2)


def test_shares_may_differ_between_generations():
    chain = retain_real(POPULATION, 3, **USUAL, share=[1, 0.5, 0.0], real_noise=[0.5, 0.6, 0.7])
    assert chain == by_hand((Source(40, 0.5, T),), (Source(20, 0.6, T), Source(20, 0.2, P)), (Source(40, 0.2, P),))


def test_the_same_real_rows_are_kept_with_their_labels():
    later = (Kept(1), Source(28, 0.2, P))
    chain = retain_real(POPULATION, 3, **USUAL, share=0.3, same_rows=True, real_noise=0.5)
    assert chain == by_hand((Source(12, 0.5, T),), later, later)
    assert chain.rows == (12, 40, 40)


def test_the_first_generation_may_be_as_large_as_the_others():
    later = (Kept(1, 0), Source(28, 0.2, P))
    chain = retain_real(POPULATION, 3, **USUAL, share=0.3, same_rows=True, real_noise=0.5, start_full=True)
    assert chain == by_hand((Source(12, 0.5, T), Source(28, 0.5, T)), later, later)
    assert chain.rows == (40, 40, 40)


def test_real_rows_that_are_kept_are_counted_in_the_first_generation():
    chain = retain_real(POPULATION, 3, [40, 50, 20], 0.2, E, share=0.5, same_rows=True)
    assert chain == by_hand((Source(20, 0.2, T),), (Kept(1), Source(30, 0.2, P)), (Kept(1),))


@pytest.mark.parametrize("full", [False, True])
def test_all_rows_real_and_the_same(full):
    chain = retain_real(POPULATION, 2, **USUAL, share=1.0, same_rows=True, start_full=full)
    assert chain == by_hand((Source(40, 0.2, T),), (Kept(1),))


@pytest.mark.parametrize("share", [0, 0.0, sympy.Integer(0), 0.01])
def test_no_share_is_replace(share):
    assert retain_real(POPULATION, 3, **USUAL, share=share) == replace(POPULATION, 3, **USUAL)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"share": 0.0, "same_rows": True}, "share"),
        ({"share": 0.01, "same_rows": True}, "share"),
        ({"share": [0.5, 0.5], "same_rows": True}, "share"),
        ({"real_noise": [0.5, 0.5], "same_rows": True}, "real_noise"),
        ({"rows": [40, 9], "same_rows": True}, "rows"),
        ({"start_full": True}, "start_full"),
    ],
)
def test_what_kept_rows_do_not_allow_is_refused_by_name(changed, field):
    with pytest.raises(SpecificationError) as caught:
        retain_real(POPULATION, 2, **{**USUAL, "share": 0.25, **changed})
    assert caught.value.field == field


def test_mix_counts_and_weighs():
    chain = mix(
        POPULATION, 2, real_rows=10, synthetic_rows=30, noise=0.2, estimator=E, synthetic_weight=0.5, real_noise=0.4
    )
    assert chain == by_hand(*[(Source(10, 0.4, T), Source(30, 0.2, P, weight=0.5))] * 2)


def test_mix_leaves_out_what_has_no_rows():
    usual = {"noise": 0.2, "estimator": E}
    assert mix(POPULATION, 2, real_rows=0, synthetic_rows=40, **usual) == replace(POPULATION, 2, **USUAL)
    assert mix(POPULATION, 1, real_rows=40, synthetic_rows=0, **usual) == by_hand((Source(40, 0.2, T),))
    with pytest.raises(SpecificationError) as caught:
        mix(POPULATION, 2, real_rows=[5, 0], synthetic_rows=0, **usual)
    assert caught.value.field == "synthetic_rows"


def test_blended_labels_have_one_noise():
    chain = blend_labels(POPULATION, 2, 40, 0.8, E, real_share=0.25, real_noise=1.2)
    deviation = chain.generations[0].sources[0].noise
    assert math.isclose(deviation**2, 0.25**2 * 1.2**2 + 0.75**2 * 0.8**2, rel_tol=1e-14)
    assert chain == by_hand(*[(Source(40, deviation, Blend(((T, 0.25), (P, 0.75)))),)] * 2)


def test_blended_labels_of_the_same_rows():
    chain = blend_labels(POPULATION, 3, 40, 0.0, E, same_rows=True)
    labels = Blend(((T, 0.618), (P, 1 - 0.618)))
    again = (Source(40, 0.0, labels, covariates=SameRows(1)),)
    assert chain == by_hand((Source(40, 0.0, labels),), again, again)


def test_a_blend_of_one_is_no_blend():
    assert blend_labels(POPULATION, 2, **USUAL, real_share=0) == replace(POPULATION, 2, **USUAL)
    real = by_hand(*[(Source(40, 0.2, T),)] * 2)
    assert blend_labels(POPULATION, 2, **USUAL, real_share=1) == real
    assert rephrase(POPULATION, 2, **USUAL, synthetic_share=0) == real
    assert rephrase(POPULATION, 2, **USUAL, synthetic_share=1) == by_hand(*[(Source(40, 0.0, P),)] * 2)


def test_rephrasing_keeps_a_share_of_the_real_noise():
    chain = rephrase(POPULATION, 2, 40, 1.0, E, synthetic_share=0.25, extra_noise=[1.0, 0.0])
    labels = Blend(((T, 0.75), (P, 0.25)))
    assert chain == by_hand((Source(40, 1.25, labels),), (Source(40, 0.75, labels),))  # 1.25^2 = 0.75^2 + 1


def test_injected_noise_spares_the_first_labels_but_not_the_first_covariates():
    chain = inject_noise(POPULATION, 3, 40, 0.3, E, label=0.4, input=0.6)
    first, later = (Source(40, noise, P, covariates=Perturbed(0.6)) for noise in (0.3, 0.5))
    assert chain == by_hand((first,), (later,), (later,))
    assert inject_noise(POPULATION, 3, **USUAL) == replace(POPULATION, 3, **USUAL)


def test_covariates_are_refitted_to_the_generation_before():
    chain = regenerate_covariates(POPULATION, 3, **USUAL, rescale=1.1, shrink=[0.5, 0.3, 0.2], rank=4)
    assert chain == by_hand(
        (Source(40, 0.2, P),),
        (Source(40, 0.2, P, covariates=Refitted(1, 0, 1.1, 0.3, 4)),),
        (Source(40, 0.2, P, covariates=Refitted(2, 0, 1.1, 0.2, 4)),),
    )


def test_real_covariates_come_beside_refitted_ones():
    real = Source(10, 0.2, T)
    chain = regenerate_covariates(POPULATION, 2, **USUAL, real_share=0.25)
    assert chain == by_hand((Source(40, 0.2, P), real), (Source(40, 0.2, P, covariates=Refitted(1)), real))


def test_shares_of_symbolic_rows_stay_symbolic():
    n, a, sigma, v = sympy.symbols("n a sigma v", positive=True)
    real, synthetic = retain_real(POPULATION, 1, n, sigma, E, share=a).generations[0].sources
    assert (real.rows, synthetic.rows) == (a * n, n - a * n)
    source = rephrase(POPULATION, 1, n, sigma, E, synthetic_share=a, extra_noise=v).generations[0].sources[0]
    assert source.noise == sympy.sqrt((1 - a) ** 2 * sigma**2 + v**2)
    assert source.labels == Blend(((T, 1 - a), (P, a)))


POLICIES = {
    "accumulate": lambda **given: accumulate(POPULATION, **given),
    "accumulate same rows": lambda **given: accumulate(POPULATION, **given, same_rows=True),
    "accumulate_subsample": lambda **given: accumulate_subsample(POPULATION, **given),
    "retain_real": lambda **given: retain_real(POPULATION, **given),
    "retain_real same rows": lambda **given: retain_real(POPULATION, **given, same_rows=True),
    "retain_real full": lambda **given: retain_real(POPULATION, **given, same_rows=True, start_full=True),
    "mix": lambda rows, **given: mix(POPULATION, **given, real_rows=rows, synthetic_rows=rows),
    "blend_labels": lambda **given: blend_labels(POPULATION, **given),
    "blend_labels same rows": lambda **given: blend_labels(POPULATION, **given, same_rows=True),
    "rephrase": lambda **given: rephrase(POPULATION, **given, synthetic_share=0.5),
    "inject_noise": lambda **given: inject_noise(POPULATION, **given, label=0.1, input=0.2),
    "regenerate_covariates": lambda **given: regenerate_covariates(POPULATION, **given, real_share=0.5),
}


@pytest.mark.parametrize("policy", POLICIES)
def test_estimators_may_change_from_generation_to_generation(policy):
    estimators = [Ridge(0.1), MinimumNorm(), RandomProjection(5, 0.3)]
    chain = POLICIES[policy](generations=3, rows=40, noise=0.2, estimator=estimators)
    assert [step.estimator for step in chain.generations] == estimators


@pytest.mark.parametrize("policy", POLICIES)
def test_labels_in_generation_one_are_real(policy):
    """Every label of generation 1 comes from the truth or from model 0, which is the truth."""
    step = POLICIES[policy](generations=1, rows=40, noise=0.2, estimator=E).generations[0]
    named = [source.labels for source in step.generated]
    assert len(named) == len(step.sources)
    assert all(
        labels in (TRUTH, PREVIOUS) or {part for part, _ in labels.parts} == {TRUTH, PREVIOUS} for labels in named
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_ten_thousand_generations_share_their_steps(policy):
    chain = POLICIES[policy](generations=10**4, rows=40, noise=0.2, estimator=E)
    distinct = len({id(step) for step in chain.generations})
    assert distinct <= 2 or policy == "regenerate_covariates"  # which refers to another generation in each
