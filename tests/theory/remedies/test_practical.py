"""Practical rules: what they select in the limit, against fits of drawn rows that apply them."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.remedies.practical import CROSS_VALIDATED, HELD_OUT, practical_penalties
from modelcollapse.theory.remedies.schedules import clean_optimal_penalties, scheduled_error

CHOICES = np.geomspace(1e-4, 3.0, 60)
CHAIN = mc.replace(mc.Population(mc.PowerLaw(30, 1.2), mc.SourceCondition(0.4)), 3, [36, 45, 60], [0.4, 0.3, 0.5])

LONG = mc.replace(mc.Population(mc.PowerLaw(200, 1.5), mc.SourceCondition(0.5)), 8, 300, 0.5)


def offered(rows, response):
    """For every choice: the model (d,) and its generalised cross-validation, straight from their definitions."""
    left, singular, right = np.linalg.svd(rows, full_matrices=False)
    inner, count = left.T @ response, len(response)
    models, scores = [], []
    for penalty in CHOICES:
        kept = singular**2 / (singular**2 + count * penalty)
        models.append(right.T @ (kept / singular * inner))
        residual = response - left @ (kept * inner)
        scores.append(residual @ residual / count / (1 - kept.sum() / count) ** 2)
    return np.array(models), np.array(scores)


def drawn(chain, rule, seed):
    """Log penalties that the rule selects on drawn rows, and the errors that follow, both (N,)."""
    generator, s = np.random.default_rng(seed), chain.population.spectrum.eigenvalues()
    truth = chain.population.target.mean(np.arange(1, len(s) + 1), chain.population.spectrum)
    model, selected, errors = truth, [], []
    for step in chain.generations:
        source = step.generated[0]

        def labelled(count, labeller, noise=source.noise):
            rows = generator.normal(size=(count, len(s))) * np.sqrt(s)
            return rows, rows @ labeller + noise * generator.normal(size=count)

        models, scores = offered(*labelled(source.rows, model))
        if rule is HELD_OUT:
            rows, response = labelled(10 * source.rows, truth)
            scores = ((response - models @ rows.T) ** 2).mean(axis=1)
        model = models[np.argmin(scores)]
        selected.append(np.log(CHOICES[np.argmin(scores)]))
        errors.append(s @ (model - truth) ** 2)
    return np.array(selected), np.array(errors)


@pytest.mark.parametrize(("rule", "largest"), [(CROSS_VALIDATED, 8), (HELD_OUT, 4)])
def test_fits_of_drawn_rows_approach_the_limit(rule, largest):
    """Where 30 directions choose widely, and cross-validation loses a third or more by it, hundreds choose alike."""
    penalties = practical_penalties(CHAIN, rule, CHOICES)
    error = scheduled_error(CHAIN, penalties)
    gaps, deviations, choices = {}, {}, {}
    for times, replicates in ((1, 200), (2, 100), (largest, 60)):
        samples = [drawn(CHAIN.scaled(times), rule, seed) for seed in range(replicates)]
        choices[times], errors = (np.array(part) for part in zip(*samples, strict=True))
        gaps[times] = errors.mean(axis=0) / error - 1
        deviations[times] = errors.std(axis=0) / error / replicates**0.5
    assert np.all(np.abs(gaps[largest]) < 0.02 + 3 * deviations[largest])
    assert np.all(np.abs(choices[largest].mean(axis=0) - np.log(penalties)) < 0.15)
    widths = [choices[times].std(axis=0) for times in (1, 2, largest)]
    assert np.all(widths[0] > widths[1])
    assert np.all(widths[1] > widths[2])


def test_no_rule_of_one_generation_foresees_the_next():
    """The oracle shrinks less at first and more at last; cross-validation does not even see what was lost before."""
    blind, seeing = (practical_penalties(LONG, rule, CHOICES) for rule in (CROSS_VALIDATED, HELD_OUT))
    oracle = mc.optimise_schedule(LONG, mc.FREE)
    errors = [oracle.error[-1], *(scheduled_error(LONG, one)[-1] for one in (seeing, blind))]
    assert errors == sorted(errors)
    for rule in (blind, seeing):
        assert rule[0] > oracle.penalty[0]
        assert rule[-1] < oracle.penalty[-1]
    step = CHOICES[1] / CHOICES[0]
    assert blind[0] == seeing[0] == pytest.approx(clean_optimal_penalties(LONG)[0], rel=step - 1)


def test_each_choice_is_the_best_of_its_generation():
    """Against brute force: chains of one generation more, whose last penalty is each of those offered."""
    penalties = practical_penalties(CHAIN, HELD_OUT, CHOICES)
    for generation in range(1, len(CHAIN) + 1):
        errors = []
        for penalty in CHOICES:
            fits = [mc.Ridge(one) for one in (*penalties[: generation - 1], penalty)]
            shorter = [step.sources for step in CHAIN.generations[:generation]]
            steps = tuple(mc.Generation(sources, fit) for sources, fit in zip(shorter, fits, strict=True))
            errors.append(mc.predict(mc.Chain(CHAIN.population, steps)).error[-1])
        assert CHOICES[np.argmin(errors)] == penalties[generation - 1]


def test_what_is_not_covered_is_refused():
    with pytest.raises(mc.SpecificationError, match="rule"):
        practical_penalties(CHAIN, "gcv", CHOICES)
    for choices in ([], [0.0, 1.0], [np.inf]):
        with pytest.raises(mc.SpecificationError, match="choices"):
            practical_penalties(CHAIN, HELD_OUT, choices)
    half = mc.Source(40, 0.3, mc.Blend(((mc.TRUTH, 0.5), (mc.PREVIOUS, 0.5))))
    mixed = mc.Chain(CHAIN.population, (mc.Generation((half,), mc.Ridge(0.1)),) * 2)
    with pytest.raises(mc.NoTheorem, match="labels all rows"):
        practical_penalties(mixed, HELD_OUT, CHOICES)
