# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Simulation at any dimension
#
# A fit on Gaussian rows sees a few statistics of them. Drawing these instead of the rows gives a simulation that is
# exact in law at finite size, and that costs the same at a thousand directions and at a hundred million.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc

# %% [markdown]
# ## From finite size to the limit
#
# Deterministic equivalents err by a multiple of 1/d. With samplers whose cost no dimension changes, the gap can be
# followed until it is lost in the noise, and the spread of a single run, which falls like the root of 1/d, all the way.


# %%
def chain(dimension):
    population = mc.Population(mc.Isotropic(dimension), mc.UniformTarget())
    return mc.replace(population, 3, 2 * dimension, noise=0.5, estimator=mc.Ridge(0.1))


dimensions = [10**power for power in range(1, 9)]
replicates = [20_000, 20_000, *[4096] * 6]
runs = [mc.simulate(chain(d), count, seed=1) for d, count in zip(dimensions, replicates, strict=True)]
theory = mc.predict(chain(10**8)).error[-1]
gaps = np.array([run.mean[-1] / theory - 1 for run in runs])
errors = np.array([run.standard_error[-1] / theory for run in runs])
spreads = np.array([run.standard_deviation[-1] / theory for run in runs])
print(runs[-1].sampler)

# %%
figure, axes = plt.subplots(figsize=(7, 4.5))
axes.errorbar(dimensions, np.abs(gaps), yerr=errors, fmt="o", capsize=3, label="gap of the mean to theory")
axes.plot(dimensions, spreads, "s", mfc="none", label="standard deviation of one run")
axes.plot(dimensions, errors, "--", color="grey", lw=1, label="standard error of the mean")
axes.plot(dimensions, abs(gaps[0]) * 10 / np.array(dimensions), ":", color="C0", label="1/d through the first point")
axes.set(xscale="log", yscale="log", xlabel="dimension d", ylabel="relative to theory", ylim=(1e-8, 3))
axes.set_title("Third generation, rows = 2 d, ridge .1")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# The gap follows 1/d until it disappears below the standard error; the spread of one run follows its root all the way.

# %%
assert abs(gaps[-1]) < 5 * errors[-1]
assert errors[-1] < 1e-5
print("spread times the root of d:", (spreads * np.sqrt(dimensions)).round(2))

# %% [markdown]
# ## One design, a hundred generations
#
# A published experiment keeps the rows and labels them again and again: labels are replaced, accumulated, or sampled
# from the store. `pinv` on the store costs more with every generation and fails where rows are fewer than directions;
# one decomposition of the rows serves all generations, exactly.


# %%
def on_one_design(rows, memory, dimension=32, noise=0.3, generations=100):
    first = mc.Generation((mc.Source(rows, noise, mc.PREVIOUS),), mc.MinimumNorm())
    again = mc.Source(rows, noise, mc.PREVIOUS, covariates=mc.SameRows(1))
    later = mc.Generation((again,), mc.MinimumNorm(), memory=memory)
    population = mc.Population(mc.Isotropic(dimension), mc.UniformTarget())
    return mc.Chain(population, (first, *[later] * (generations - 1)))


figure, panels = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
for axes, rows in zip(panels, (20, 100), strict=True):
    for name, memory in {"replaced": mc.FORGET, "sampled": mc.Subsample(rows), "accumulated": mc.ACCUMULATE}.items():
        run = mc.simulate(on_one_design(rows, memory), 60, seed=2)
        axes.plot(np.arange(1, 101), run.mean, label=f"labels {name}")
    axes.set(xscale="log", yscale="log", xlabel="generation", title=f"{rows} rows, 32 directions")
panels[1].plot(np.arange(1, 101), 0.09 * 32 / 67 * np.arange(1, 101), "k:", label=r"exact: $g\,\sigma^2 d/(T-d-1)$")
panels[0].set_ylabel("excess error")
panels[1].legend(frameon=False)
plt.show()
print(run.sampler)

# %% [markdown]
# ## Remedies with common random numbers
#
# Whether a slightly larger penalty helps is a small difference between two noisy numbers. With the same random numbers
# in both arms the noise cancels.

# %%
population = mc.Population(mc.Isotropic(10**6), mc.UniformTarget())
arms = {
    f"penalty {penalty:g}": mc.replace(population, 3, 2 * 10**6, noise=0.5, estimator=mc.Ridge(penalty))
    for penalty in (0.1, 0.11, 0.12)
}
compared = mc.compare_arms(arms, replicates=512)
compared

# %%
for name in list(arms)[1:]:
    print(name, "needs so many times fewer replicates:", compared.variance_ratio(name).round())
    assert compared.variance_ratio(name).min() > 20
