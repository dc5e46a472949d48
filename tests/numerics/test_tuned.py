"""Chains whose penalties are chosen from data, against rows drawn one by one and rules written out."""

import json

import numpy as np
import pytest

from modelcollapse.numerics.sampling import NAIVE, WISHART
from modelcollapse.numerics.sampling.tuned_fits import tuned_work
from modelcollapse.numerics.simulation import simulate
from modelcollapse.numerics.tuned import simulate_tuned
from modelcollapse.theory.problem import (
    CROSS_VALIDATED,
    HELD_OUT,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Generation,
    HeldOut,
    Isotropic,
    LabelledBy,
    MinimumNorm,
    NotCertified,
    Population,
    PowerLaw,
    RandomProjection,
    Ridge,
    Source,
    SpecificationError,
    TopShare,
    UniformTarget,
    accumulate,
    mix,
    notation,
    replace,
    verify,
)

from .market import OFFSET, POPULATION, STATISTICAL

CHOICES = np.geomspace(1e-3, 3.0, 15)
STEEP = Population(PowerLaw(6, 1.2), UniformTarget(2.0))
TWO = Chain(STEEP, (Generation((Source(9, 0.7, TRUTH), Source(14, 0.3, PREVIOUS)), MinimumNorm()),) * 2)
SMALL = {"rows above the dimension": replace(STEEP, 2, [9, 16], 0.6), "two sources": TWO}
SMALL["rows below the dimension"] = replace(STEEP, 2, 4, 0.6)
RULES = {"cross-validated": CROSS_VALIDATED, "held out": HeldOut(8, 0.6), "held out, few": HeldOut(3, 0.2)}
RULES["the error itself"] = HELD_OUT

LINES = ("replace", "replace below the dimension", "minimum norm on both sides", "a given first model")
PLAIN = {name: STATISTICAL[name] for name in LINES} | {
    "two sources": TWO,
    "a mixture": mix(POPULATION, 2, real_rows=9, synthetic_rows=8, noise=0.4, real_noise=0.2),
    "a blend": Chain(
        POPULATION, (Generation((Source(9, 0.3, Blend(((TRUTH, 0.4), (PREVIOUS, 0.6)))),), Ridge(1.0)),) * 3
    ),
    "shifted, and an earlier model": Chain(
        POPULATION,
        tuple(Generation((Source(9, 0.3, labels),), Ridge(1.0)) for labels in (OFFSET, PREVIOUS, LabelledBy(1))),
    ),
    "heavy rows": Chain(POPULATION, (Generation((Source(9, 0.3, PREVIOUS, weight=2.5),), Ridge(1.0)),) * 2),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_single_choice_is_the_chain_with_that_penalty(name):
    """The same rows, too, so that the two can be compared replicate by replicate."""
    alone = simulate_tuned(PLAIN[name], CROSS_VALIDATED, [0.07], 8, seed=3)
    fixed = simulate(PLAIN[name].with_(estimator=Ridge(0.07)), 8, seed=3, sampler=WISHART)
    np.testing.assert_allclose(alone.errors, fixed.errors, rtol=1e-9)
    assert np.all(alone.penalties == 0.07)


def test_a_single_choice_has_the_mean_of_rows_that_are_drawn():
    alone = simulate_tuned(TWO, HELD_OUT, [0.2], 1500, seed=1)
    drawn = simulate(TWO.with_(estimator=Ridge(0.2)), 4000, seed=2, sampler=NAIVE)
    error = np.hypot(alone.standard_error, drawn.standard_error)
    assert np.all(np.abs(alone.mean - drawn.mean) < 4 * error)


def by_hand(chain, rule, generator):
    """Penalties that the rule chooses and the errors that follow, (N,) both, by hat matrices of rows that are drawn."""
    eigenvalues = chain.population.spectrum.eigenvalues()
    d = eigenvalues.size
    truth = chain.population.target.mean(np.arange(1, d + 1), chain.population.spectrum) * np.ones(d)
    model, chosen, errors = truth, [], []

    def drawn(count, labeller, noise):
        rows = generator.normal(size=(count, d)) * np.sqrt(eigenvalues)
        return rows, rows @ labeller + noise * generator.normal(size=count)

    for step in chain.generations:
        pairs = [drawn(one.rows, truth if one.labels == TRUTH else model, one.noise) for one in step.generated]
        rows, labels = np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs])
        count = len(rows)
        inverses = [np.linalg.inv(rows.T @ rows + count * penalty * np.eye(d)) for penalty in CHOICES]
        models = [inverse @ rows.T @ labels for inverse in inverses]
        if rule == CROSS_VALIDATED:
            hats = [rows @ inverse @ rows.T for inverse in inverses]
            rest = [np.sum((labels - hat @ labels) ** 2) / (1 - np.trace(hat) / count) ** 2 for hat in hats]
        elif rule == HELD_OUT:
            rest = [eigenvalues @ (one - truth) ** 2 for one in models]
        else:
            trial, said = drawn(rule.rows, truth, rule.noise)
            rest = [np.sum((said - trial @ one) ** 2) for one in models]
        best = int(np.argmin(rest))
        model = models[best]
        chosen.append(CHOICES[best])
        errors.append(eigenvalues @ (model - truth) ** 2)
    return chosen, errors


@pytest.mark.parametrize("chain", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_choices_and_errors_have_the_law_of_rows_that_are_drawn(chain, rule):
    found = simulate_tuned(chain, rule, CHOICES, 500, seed=4)
    generator = np.random.default_rng(6)
    penalties, errors = np.array([by_hand(chain, rule, generator) for _ in range(500)]).transpose(1, 0, 2)
    middle = CHOICES[len(CHOICES) // 2]
    pairs = [(found.errors, errors), (np.log(found.penalties), np.log(penalties))]
    pairs.append((found.penalties > middle, penalties > middle))
    for one, other in pairs:
        error = np.sqrt((one.var(axis=0) + other.var(axis=0)) / 500)
        assert np.all(np.abs(one.mean(axis=0) - other.mean(axis=0)) < 4 * error)


def test_the_error_itself_chooses_the_best_of_every_replicate():
    chain = replace(STEEP, 1, 9, 0.6)
    found = simulate_tuned(chain, HELD_OUT, CHOICES, 40)
    each = [simulate_tuned(chain, CROSS_VALIDATED, [penalty], 40).errors[:, 0] for penalty in CHOICES]
    np.testing.assert_allclose(found.errors[:, 0], np.min(each, axis=0), rtol=1e-12)
    assert np.array_equal(found.penalties[:, 0], CHOICES[np.argmin(each, axis=0)])


def test_many_held_out_rows_see_the_error_itself():
    chain = replace(STEEP, 2, 9, 0.6)
    ideal = simulate_tuned(chain, HELD_OUT, CHOICES, 100)
    agreeing = [
        np.mean(simulate_tuned(chain, HeldOut(rows, 0.6), CHOICES, 100).penalties[:, 0] == ideal.penalties[:, 0])
        for rows in (3, 100, 10**7)
    ]
    assert agreeing[0] < agreeing[1] < agreeing[2]
    assert agreeing[2] > 0.95


def test_replicates_depend_on_the_seed_and_their_number_alone():
    chain, rule = SMALL["two sources"], HeldOut(8, 0.6)
    whole = simulate_tuned(chain, rule, CHOICES, 40, seed=9)
    part = simulate_tuned(chain, rule, CHOICES, 7, seed=9)
    assert np.array_equal(part.errors, whole.errors[:7])
    assert np.array_equal(part.penalties, whole.penalties[:7])
    piece = tuned_work(chain, rule, CHOICES, 9).batch(33, 4)
    assert np.array_equal(piece[:, :, 0], whole.errors[33:37])
    assert not np.array_equal(simulate_tuned(chain, rule, CHOICES, 7, seed=10).errors, part.errors)


def test_what_a_result_says_of_its_replicates():
    found = simulate_tuned(SMALL["two sources"], HeldOut(8, 0.6), CHOICES, 30)
    np.testing.assert_allclose(found.mean, found.errors.mean(axis=0))
    np.testing.assert_allclose(found.standard_error, found.errors.std(axis=0, ddof=1) / 30**0.5)
    ends = (found.penalties == CHOICES[0]) | (found.penalties == CHOICES[-1])
    np.testing.assert_array_equal(found.at_ends, ends.mean(axis=0))
    assert np.all(np.isin(found.penalties, CHOICES))
    record = json.loads(found.to_json())
    assert (record["rule"], record["held_out_rows"], record["held_out_noise"]) == ("HeldOut", 8, 0.6)
    with pytest.raises(ValueError, match="read-only"):
        found.errors[0] = 1.0
    again = simulate_tuned(SMALL["two sources"], HeldOut(8, 0.6), CHOICES, 30)
    assert again == found


def test_progress_and_interruption():
    seen = []

    def stop(done, total):
        seen.append((done, total))
        if done == 64:
            raise KeyboardInterrupt

    chain = replace(Population(Isotropic(2), UniformTarget()), 1, 5, 0.5)
    part = simulate_tuned(chain, CROSS_VALIDATED, [0.1, 1.0], 100, seed=2, progress=stop)
    assert seen == [(32, 100), (64, 100)]
    assert part.interrupted
    assert "interrupted" in str(part)
    whole = simulate_tuned(chain, CROSS_VALIDATED, [0.1, 1.0], 100, seed=2)
    assert np.array_equal(part.errors, whole.errors[:64])


CHAIN = replace(STEEP, 2, 9, 0.6)
KNOWN = {"chain": CHAIN, "rule": CROSS_VALIDATED, "choices": CHOICES}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("chain", {"chain": 3}),
        ("rule", {"rule": "gcv"}),
        ("choices", {"choices": [0.0]}),
        ("replicates", {"replicates": 1}),
        ("replicates", {"replicates": 10**13}),
        ("seed", {"seed": -1}),
        ("progress", {"progress": "bar"}),
        ("noise", {"chain": CHAIN.with_(noise=notation.noise)}),
        ("noise", {"rule": HeldOut(5, notation.noise)}),
        ("rows", {"rule": HeldOut(notation.rows, 0.5)}),
    ],
)
def test_impossible_values_are_refused_by_name(field, given):
    with pytest.raises(SpecificationError, match=f"^{field}"):
        simulate_tuned(**KNOWN | given)


@pytest.mark.parametrize(
    ("words", "chain"),
    [
        ("rows are remembered", accumulate(STEEP, 2, 9, 0.6)),
        ("random features", CHAIN.with_(estimator=RandomProjection(4, 0.1))),
        ("weights of their own", mix(STEEP, 2, real_rows=9, synthetic_rows=9, synthetic_weight=0.5)),
        ("verifier", verify(CHAIN, TopShare(Coefficients([0.3] * 6), 0.5))),
    ],
)
def test_other_chains_are_refused_in_words(words, chain):
    with pytest.raises(SpecificationError, match=f"^chain: .*{words}"):
        simulate_tuned(chain, CROSS_VALIDATED, CHOICES)


def test_what_numbers_cannot_hold_is_named():
    loud = replace(STEEP, 1, 9, 1e200)
    with pytest.raises(NotCertified, match=r"^replicate 0 .*generation 1"):
        simulate_tuned(loud, CROSS_VALIDATED, CHOICES, 2)
