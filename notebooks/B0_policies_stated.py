# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Eight ways to train on one's own data
#
# What happens to a model that learns from models before it depends on what else it is shown. Here are eight schemes,
# each stated in a line or two, each simulated, and each predicted where a theorem covers it. Least squares on
# 40 rows of 10 covariates, label noise 0.5, eight generations.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc

population = mc.Population(mc.PowerLaw(10, exponent=1.2), mc.SourceCondition(0.5))
common = {"generations": 8, "rows": 40, "noise": 0.5, "estimator": mc.MinimumNorm()}

# %% [markdown]
# ## State them
#
# A policy is a short name for a chain. Chains are plain values: they print, compare, scale, and travel as TOML.

# %%
chains = {
    "replace": mc.replace(population, **common),
    "accumulate": mc.accumulate(population, **common),
    "accumulate, same rows": mc.accumulate(population, **common, same_rows=True),
    "sample of everything": mc.accumulate_subsample(population, **common),
    "a quarter fresh real rows": mc.retain_real(population, **common, share=0.25),
    "half the same real rows": mc.retain_real(population, **common, share=0.5, same_rows=True),
    "rephrase": mc.rephrase(population, **common, synthetic_share=0.7, extra_noise=0.2),
    "refit the covariates": mc.regenerate_covariates(population, **common),
}
chains["half the same real rows"]

# %% [markdown]
# The same scheme without its short name: generation 1 sees real rows alone, later ones see them again, *with their old
# labels*, beside fresh rows that the model before labels.

# %%
fit = mc.MinimumNorm()
first = mc.Generation((mc.Source(20, 0.5, mc.TRUTH),), fit)
later = mc.Generation((mc.Kept(1), mc.Source(20, 0.5, mc.PREVIOUS)), fit)
assert mc.Chain(population, (first, *(later,) * 7)) == chains["half the same real rows"]

# %% [markdown]
# ## Simulate them
#
# The simulator reads every chain. It picks a sampler that is exact in law and says why.

# %%
simulations = {name: mc.simulate(chain, replicates=400, seed=3) for name, chain in chains.items()}
for name, simulation in simulations.items():
    print(f"{name:>26}: {simulation.mean[-1]:.4f} +- {simulation.standard_error[-1]:.4f}   {simulation.sampler[:40]}")

# %% [markdown]
# ## Predict them, where a theorem says how
#
# Outside its theorems the package names the hypothesis that fails instead of answering.

# %%
predictions = {}
for name, chain in chains.items():
    try:
        predictions[name] = mc.predict(chain)
    except mc.NoTheorem as refusal:
        print(f"{name}: {refusal}")

# %%
for name, prediction in predictions.items():
    gap = np.abs(simulations[name].mean - prediction.error)
    # Kept real rows have a deterministic equivalent, which is off by the order of 1/dimension; the others are exact.
    finite_size = 0.15 if prediction.finite_size.any() else 0.0
    assert np.all(gap < 4.5 * simulations[name].standard_error + finite_size * prediction.error), name

# %% [markdown]
# ## Look
#
# Lines are theory, dots simulation. Replacing grows without bound, refitting the covariates as well makes that growth
# exponential. Every scheme that keeps real information in sight stays bounded, at very different prices: the same real
# rows for ever, half of all rows, cost more than a quarter of fresh ones. (Theirs is an equivalent for many covariates;
# with ten it is a few percent low.)

# %%
figure, axes = plt.subplots(2, 4, figsize=(11, 5), sharex=True, layout="constrained")
generation = np.arange(1, 9)
for axis, (name, simulation) in zip(axes.flat, simulations.items(), strict=True):
    axis.errorbar(generation, simulation.mean, 1.96 * simulation.standard_error, fmt="o", ms=4, color="tab:orange")
    if name in predictions:
        axis.plot(generation, predictions[name].error, color="tab:blue", zorder=0)
    else:
        axis.text(0.05, 0.9, "no theorem", transform=axis.transAxes, color="0.4")
    axis.set_title(name, fontsize=10)
    axis.set_ylim(0, None)
for axis in axes[1]:
    axis.set_xlabel("generation")
for axis in axes[:, 0]:
    axis.set_ylabel("excess error")

# %% [markdown]
# ## Bounds that are not equalities
#
# The published formula for accumulation, $\sigma^2\frac{d}{n-d-1}\sum_i i^{-2}$, is an equality when every generation
# labels the *same* rows. For fresh rows it is a strict upper bound from the second generation on.

# %%
fresh, same = predictions["accumulate"], predictions["accumulate, same rows"]
published = 0.25 * 10 / (40 - 10 - 1) * np.cumsum(1.0 / generation**2)
np.testing.assert_allclose(same.error, published)
assert np.all(fresh.error[1:] < published[1:])
print(
    f"after for ever: fresh {fresh.limit:.4f}, the same rows {same.limit:.4f}, replaced {predictions['replace'].limit}"
)

# %% [markdown]
# ## Compare two arms on the same random numbers
#
# Simulated with common random numbers, a difference is known far better than either error.

# %%
arms = mc.compare_arms({name: chains[name] for name in ("replace", "accumulate", "rephrase")}, replicates=400, seed=5)
arms

# %% [markdown]
# ## Keep one
#
# A chain is stored as a text that a person can read, and nothing in it is ever executed.

# %%
text = chains["rephrase"].to_toml()
assert mc.Chain.from_toml(text) == chains["rephrase"]
print(text[:400])
