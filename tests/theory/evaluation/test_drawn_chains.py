"""Exact predictions against least squares drawn with NumPy at fixed seeds: one false alarm in a thousand in all."""

import numpy as np
import pytest
from scipy.stats import norm

from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.problem import (
    Chain,
    Generation,
    Isotropic,
    MinimumNorm,
    Population,
    Source,
    UniformTarget,
    accumulate,
    blend_labels,
    retain_real,
)
from modelcollapse.theory.rules.kind import Kind

RANK, ROWS, NOISE, GENERATIONS, REPLICATES = 3, 14, 0.6, 3, 20000
POPULATION = Population(Isotropic(RANK), UniformTarget(2.6))
ARMS = {"generations": GENERATIONS, "rows": ROWS, "noise": NOISE, "estimator": MinimumNorm()}


def fitted(rows, labels):
    gram, moment = np.einsum("bnr,bns->brs", rows, rows), np.einsum("bnr,bn->br", rows, labels)
    return np.linalg.solve(gram, moment[..., None])[..., 0]


def said(rows, models):
    return np.einsum("bnr,br->bn", rows, models)


def generations(seed, label):
    """Models one after another, measured from the truth; `label` gives the rows and labels of every fit."""
    generator, models, history = np.random.default_rng(seed), np.zeros((REPLICATES, RANK)), []
    store = []
    for _ in range(GENERATIONS):
        fresh = generator.standard_normal((REPLICATES, ROWS, RANK))
        noise = NOISE * generator.standard_normal((REPLICATES, ROWS))
        models = fitted(*label(fresh, noise, models, store))
        history.append((models**2).sum(axis=1))
    return np.array(history)


def on_a_store(fresh, noise, models, store):
    store.append((fresh, said(fresh, models) + noise))
    return tuple(np.concatenate(part, axis=1) for part in zip(*store, strict=True))


def on_the_same_rows(fresh, noise, models, store):
    rows = store[0][0] if store else fresh
    store.append((rows, said(rows, models) + noise))
    return tuple(np.concatenate(part, axis=1) for part in zip(*store, strict=True))


def with_five_real_rows(fresh, noise, models, store):
    labels = said(fresh, models)
    labels[:, :5] = 0.0
    return fresh, labels + noise


def with_blended_labels(fresh, noise, models, store):
    return fresh, 0.7 * said(fresh, models) + noise


PROBLEMS = {
    "accumulation": (accumulate(POPULATION, **ARMS), on_a_store),
    "repeated rows": (accumulate(POPULATION, **ARMS, same_rows=True), on_the_same_rows),
    "fresh real rows": (retain_real(POPULATION, **ARMS, share=5 / ROWS), with_five_real_rows),
    "blended labels": (
        blend_labels(POPULATION, **(ARMS | {"noise": NOISE / np.hypot(0.3, 0.7)}), real_share=0.3),
        with_blended_labels,
    ),
}
THRESHOLD = norm.isf(1e-3 / 2 / (len(PROBLEMS) * GENERATIONS))


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_mean_of_drawn_chains_is_predicted(name):
    chain, label = PROBLEMS[name]
    prediction = predict(chain)
    assert set(prediction.kind) == {Kind.EXACT}
    errors = generations(20260401, label)
    z = (errors.mean(axis=1) - prediction.error) / (errors.std(axis=1, ddof=1) / np.sqrt(REPLICATES))
    assert np.abs(z).max() < THRESHOLD


@pytest.mark.parametrize("name", PROBLEMS)
def test_another_policy_is_told_apart(name):
    """The same draws refuse the prediction of plain replacement: the test has the power to fail."""
    plain = Chain(POPULATION, [Generation((Source(ROWS, NOISE, REAL),), MinimumNorm())])
    replaced = predict(plain).error[0] * np.arange(1, GENERATIONS + 1)
    errors = generations(20260401, PROBLEMS[name][1])
    z = (errors.mean(axis=1) - replaced) / (errors.std(axis=1, ddof=1) / np.sqrt(REPLICATES))
    assert np.abs(z[1:]).min() > 2 * THRESHOLD
