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
# # Random projections: are larger models better off?
#
# The simplest model that has a size of its own: ridge regression on $m$ random features $Sx$ of the covariates. How
# does collapse depend on $m$, in one fit on real and synthetic rows, and in models that train their successors?

# %%
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc
from modelcollapse.validation.figures import plot_collapse_versus_width, plot_projection_generations

# %% [markdown]
# ## One fit on real and synthetic rows
#
# 400 covariates, 200 rows, half of them synthetic, with an offset as large as half of the signal.

# %%
population = mc.Population(mc.Isotropic(400), mc.UniformTarget())
off = mc.Shifted(mc.GaussianTarget([0.00125] * 400))
sources = mc.Source(100, 0.3), mc.Source(100, 0.3, off)


def fitted(width, penalty=None):
    return mc.Chain(population, (mc.Generation(sources, mc.RandomProjection(width, penalty)),))


mc.derive(fitted(100, 0.1))

# %% [markdown]
# Two margins: rows and width. Whichever of them is less limits what is learned.
#
# ## Amplify, then mitigate
#
# Without a penalty larger models amplify collapse as long as they have fewer features than rows; where both meet,
# rows are interpolated for the first time and everything is infinite; beyond, larger models mitigate. They do not
# remove it.

# %%
widths = (
    np.unique(np.concatenate([np.geomspace(10, 8000, 80).round(), 200 + np.arange(-30, 31, 3)])).astype(int).tolist()
)
plain = mc.collapse_versus_width(fitted(100), widths)
ax = plot_collapse_versus_width(plain, ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])

# %%
array = np.array(widths)
assert np.all(np.diff(plain.collapse[array < 200]) > 0)
assert np.all(np.isinf(plain.collapse[array == 200]))
assert np.all(np.diff(plain.collapse[array > 200]) < 0)
assert plain.collapse[-1] > 0.1

# %% [markdown]
# ## A good penalty at every width
#
# The peak is an accident of having no penalty. With the best one at every width it is gone, and the error falls in
# the width. But the collapse term *rises*, and so does the gap to a fit on real labels with the best penalty of its
# own: the better a model can learn, the better it learns what is wrong.

# %%
tuned = mc.collapse_versus_width(
    fitted(100), [50, 75, 110, 160, 240, 350, 520, 760, 1100, 1700, 2500, 4000], tuned=True
)
ax = plot_collapse_versus_width(tuned, ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])

# %%
assert np.all(np.diff(tuned.error) < 0)
assert np.all(np.diff(tuned.collapse) > 0)
assert np.all(np.diff(tuned.gap) > 0)

# %% [markdown]
# ## Models that train their successors
#
# Five generations, each on 100 fresh rows that the model before labels. Does every generation draw features of its
# own, or does it keep those of the first?


# %%
def generations(width, *, keep=False, dimension=60, rows=100, count=5, penalty=None):
    population = mc.Population(mc.Isotropic(dimension), mc.UniformTarget())
    first, later = (mc.RandomProjection(width, penalty, redraw=redraw) for redraw in (True, not keep))
    source = (mc.Source(rows, 0.3, mc.PREVIOUS),)
    return mc.Chain(population, (mc.Generation(source, first), *(mc.Generation(source, later),) * (count - 1)))


chains = {
    "drawn afresh": generations(36, penalty=0.02),
    "kept": generations(36, penalty=0.02, keep=True),
}
predictions = {name: mc.predict(chain) for name, chain in chains.items()}
experiments = {name: mc.simulate(chain, replicates=200, seed=2) for name, chain in chains.items()}

# %%
ax = plt.subplots(figsize=(6.4, 4), layout="constrained")[1]
ax = plot_projection_generations(predictions, experiments, ax=ax)

# %% [markdown]
# Fresh features forget: of the truth a part survives each generation, until nothing is left. Kept features forget
# once, in the first generation; later ones can say all that the model before said, and add their noise, the same
# amount each time.

# %%
fresh, kept = predictions["drawn afresh"], predictions["kept"]
print("overlap with the truth, drawn afresh:", fresh.overlap.round(3))
np.testing.assert_allclose(fresh.error[0], kept.error[0], rtol=1e-9)  # the first generation draws in any case
assert np.all(fresh.error[1:] > kept.error[1:])
for name, experiment in experiments.items():
    gap = np.abs(experiment.mean / predictions[name].error - 1)
    assert np.all(gap < 0.05 + 5 * experiment.standard_error / experiment.mean), name

# %% [markdown]
# ## Forgetting, or blowing up
#
# Without a penalty and with equal variances everything is exact. Of the truth $m/d$ survives each generation. What
# remains of a model's size is

# %%
mc.derive(generations(24, count=2))

# %% [markdown]
# so that the size grows by $m/d + (1 - m/d)\,m/(n - m - 1)$ per generation. Narrow models forget the truth but keep a
# bounded error; from $m \geq (n-1)/2$ on, half as many features as rows, the error grows exponentially.

# %%
wide = {"dimension": 120, "rows": 80}
sizes = np.arange(4, 76, 6)
rates = np.array([mc.growth_rate(generations(int(width), count=2, **wide)) for width in sizes])
np.testing.assert_allclose(rates, sizes / 120 + (1 - sizes / 120) * sizes / (80 - sizes - 1), rtol=1e-9)
assert np.array_equal(rates > 1, sizes > 39.5)

loops = {f"{width} features": mc.predict(generations(width, count=30, **wide)) for width in (10, 30, 45, 55)}
_, panels = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
panels[0].semilogy(sizes, rates, "o-", color="#0072b2", markersize=4, label="growth per generation")
panels[0].axhline(1, color="#8a8a8a", linestyle="--", label="threshold")
panels[0].axvline(39.5, color="#8a8a8a", linestyle=":", label="half as many features as rows")
panels[0].set(xlabel="width", ylabel="growth rate")
panels[0].legend(frameon=False, loc="lower right")
plot_projection_generations(loops, ax=panels[1])
panels[1].set(yscale="log", ylim=(0.5, 1e4))
legend = panels[1].legend(frameon=False)

# %% [markdown]
# What a bounded loop settles to is known without waiting: `steady_state`, and the `limit` of a prediction.

# %%
state = mc.steady_state(generations(30, count=2, **wide))
waited = loops["30 features"].error[-1]
print(f"settles to {state.error:.6f}, after 30 generations {waited:.6f}; 55 features: {loops['55 features'].limit}")
np.testing.assert_allclose(state.error, waited, rtol=1e-3)
assert np.isinf(loops["55 features"].limit)

# %% [markdown]
# ## And the experiment?
#
# Theory and simulation, judged: 8 of 20 features drawn afresh, 40 rows, no penalty, five generations.

# %%
comparison = mc.compare(generations(8, dimension=20, rows=40), replicates=4096)
comparison

# %%
assert comparison.verdict is mc.Verdict.AGREES
ax = comparison.plot(ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])
