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
# # Quickstart: model collapse in one sitting
#
# A model is trained on labels that the model before it has made, generation after generation. This notebook states such
# a scheme once, predicts its error, runs it as an experiment, has the two judged, and shows the theorem behind it all.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc
from modelcollapse.validation.figures import plot_decomposition, plot_population

# %% [markdown]
# ## State a chain
#
# 120 covariates whose variances fall off like $k^{-1.5}$, a truth that lies mostly along the leading ones, and six
# generations of ridge regression on 300 fresh rows each, labelled by the generation before with noise 0.3.

# %%
population = mc.Population(mc.PowerLaw(120, exponent=1.5), mc.SourceCondition(0.5))
chain = mc.replace(population, generations=6, rows=300, noise=0.3, estimator=mc.Ridge(1e-2))
chain

# %% [markdown]
# ## Predict
#
# The excess error $\mathbb{E}\,|w_g - w_0|_\Sigma^2$ of every generation, as a deterministic equivalent: no simulation,
# no fitting, milliseconds once compiled.

# %%
prediction = mc.predict(chain)
prediction

# %%
assert np.all(np.diff(prediction.error) > 0)  # every generation is worse than the one before
np.testing.assert_allclose(prediction.error, prediction.bias + prediction.by_generation.sum(axis=1), rtol=1e-10)

# %% [markdown]
# ## Simulate
#
# The same chain as an experiment: rows are drawn, labelled, fitted, and the error is measured exactly.

# %%
simulation = mc.simulate(chain, replicates=300, seed=1)
simulation

# %%
gap = simulation.mean / prediction.error - 1
assert np.all(np.abs(gap) < 0.05 + 5 * simulation.standard_error / prediction.error)

# %% [markdown]
# ## Compare
#
# Two curves on top of each other are no proof. `compare` gives a verdict for every generation, with the probability of
# a false alarm and the smallest mistake in the formula that would have been found. It knows that a deterministic
# equivalent is off by a little at a finite size; up to dimension 48 it runs several sizes and extrapolates that away.

# %%
comparison = mc.compare(chain, replicates=512)
comparison

# %%
assert comparison.verdict is mc.Verdict.AGREES

# %% [markdown]
# ## Look
#
# (a) What there is to learn: directions below the effective ridge hardly count. (b) Theory, experiment, verdicts.
# (c) Where the error comes from: the label noise of the first generation (light) is still there in the last one, a
# little less of it in every generation, and new noise comes on top.

# %%
_, panels = plt.subplots(1, 3, figsize=(13, 3.6), layout="constrained")
plot_population(population, effective_ridge=float(prediction.effective_ridge[0]), ax=panels[0])
comparison.plot(ax=panels[1])
plot_decomposition(prediction, ax=panels[2])
for ax, letter in zip(panels, "abc", strict=True):
    ax.set_title(f"({letter})", loc="left", pad=16)

# %% [markdown]
# ## Derive
#
# The theorem that these numbers are evaluations of, put together from one-step rules.

# %%
theorem = mc.derive(chain)
theorem

# %%
assert theorem.kind is prediction.kind[-1]
assert theorem.hypotheses

# %% [markdown]
# ## Vary
#
# Predictions over a grid share one compilation. The best penalty for the first generation is not the best one for the
# last: whoever knows that labels will be recycled should regularise differently.

# %%
penalties = np.geomspace(1e-4, 1e-1, 60)
table = mc.vary(lambda penalty: chain.with_(penalty=penalty), {"penalty": penalties})
best = penalties[table.error.argmin(axis=0)]

_, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
shades = plt.colormaps["viridis"](np.linspace(0.05, 0.85, len(chain)))
for generation, shade in enumerate(shades):
    ax.loglog(penalties, table.error[:, generation], color=shade, label=f"generation {generation + 1}")
ax.loglog(best, table.error.min(axis=0), "o", color="#d55e00", label="best penalty")
ax.set(xlabel="penalty", ylabel="excess error")
legend = ax.legend(frameon=False, fontsize="small", ncols=2)

# %% [markdown]
# ## Differentiate
#
# Predictions are differentiable in everything a chain is built from, through the effective ridge and all. At the best
# penalty the derivative of the last error changes its sign.

# %%
slope = mc.gradient(lambda penalty: chain.with_(penalty=penalty))
slope(best[-1] / 2), slope(best[-1] * 2)

# %%
assert slope(best[-1] / 2) < 0 < slope(best[-1] * 2)
step = 1e-6
ahead, behind = (mc.predict(chain.with_(penalty=1e-2 + s)).error[-1] for s in (step, -step))
np.testing.assert_allclose(slope(1e-2), (ahead - behind) / (2 * step), rtol=1e-5)
