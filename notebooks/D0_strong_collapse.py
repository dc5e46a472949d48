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
# # Strong collapse: what a little synthetic data does
#
# Some rows are labelled by the truth, the others by a model that is not quite right. One fit on both, then loops in
# which that model is the fit of the round before. How much synthetic data is too much? The set-up is that of
# Dohmatob, Feng, Subramonian and Kempe, *Strong Model Collapse* (2024); every claim below is computed, and drawn.

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc
from modelcollapse.theory.evaluation.blended_loop import blended_steady_state
from modelcollapse.theory.statements.strong_collapse import BEST_EFFECTIVE_SHARE, CLEAN_RATE, START_OF_THE_PLATEAU
from modelcollapse.validation.figures import (
    plot_boundedness,
    plot_clean_rate,
    plot_double_descent,
    plot_plateau,
    plot_real_share,
)

# %% [markdown]
# ## One line of specification
#
# 100 covariates. The synthetic labeller is off by a random offset $o$ with $c^2 = \mathbb{E}\,|o|_\Sigma^2 = 1/2$, as
# large as half of the signal. A tenth of 2000 rows is synthetic.

# %%
population = mc.Population(mc.Isotropic(100), mc.UniformTarget())
off = mc.Shifted(mc.GaussianTarget([0.005] * 100))


def mixed(real, synthetic, labeller=off, weight=1.0):
    sources = mc.Source(real, 0.3), mc.Source(synthetic, 0.3, labeller, weight=weight)
    return mc.Chain(population, (mc.Generation(sources, mc.MinimumNorm()),))


chain = mixed(1800, 200)
prediction = mc.predict(chain)
prediction

# %% [markdown]
# Two baselines, two answers. *Replace*: had the same 2000 rows all been real? *Augment*: had we left the synthetic
# ones out? Synthetic rows always cost against the first. Here they also cost against the second: leaving them out
# is better.

# %%
print(f"error {prediction.error[0]:.5f}, collapse term {prediction.collapse_replace[0]:+.5f}")
print(f"against the 1800 real rows alone {prediction.collapse_augment[0]:+.5f}")
assert prediction.collapse_replace[0] > prediction.collapse_augment[0] > 0

# %% [markdown]
# ## Why
#
# The synthetic share moves the mean labeller by $f o$: an error of $f^2 c^2$ that no number of rows averages away.
# The rest of the collapse term is noise: labellers who disagree.

# %%
mc.derive(chain)

# %% [markdown]
# ## One in a thousand
#
# As rows grow without end the noise vanishes and $f^2 c^2$ stays. A thousandth of synthetic rows is enough to stop
# the decay; it starts to matter at $n = \sigma^2 d/(fc)^2$ rows (dots).

# %%
rows = np.geomspace(300, 1e10, 120)
ax = plot_plateau(chain, [0.0, 1e-3, 1e-2, 1e-1], rows, ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])

# %%
START_OF_THE_PLATEAU

# %%
endless = mc.collapse_over(chain, rows=1e13, synthetic_share=[1e-3, 1e-2, 1e-1]).error
np.testing.assert_allclose(endless, 0.5 * np.array([1e-3, 1e-2, 1e-1]) ** 2, rtol=1e-3)

# %% [markdown]
# ## A vanishing share is not enough
#
# With $f \to 0$ the error vanishes again, but at which rate? That of real labels survives only if $f$ falls faster
# than $n^{-1/2}$. At exactly that speed a factor of $1 + c^2/(\sigma^2 d)$ stays for ever.

# %%
CLEAN_RATE

# %%
many = np.geomspace(1e4, 1e10, 60)
powers = {"$f = n^{-1/4}$": 0.25, "$f = n^{-1/2}$": 0.5, "$f = n^{-3/4}$": 0.75}
found = {name: mc.collapse_over(chain, rows=many, synthetic_share=many**-power) for name, power in powers.items()}
ratios = {name: one.error / (one.bias + one.variance) for name, one in found.items()}
np.testing.assert_allclose(ratios["$f = n^{-1/2}$"][-1], 1 + 0.5 / (0.09 * 100), rtol=1e-4)
ax = plot_clean_rate(many, ratios, ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])

# %% [markdown]
# ## Double descent, raised
#
# Without a penalty the error peaks where there are as many rows as dimensions. Synthetic rows raise the whole curve,
# and what is left to the right of the peak is the plateau.

# %%
across = np.unique(np.concatenate([np.geomspace(20, 1e4, 120), 100 + np.linspace(-20, 25, 46)]))
ax = plot_double_descent(chain, across, [0.0, 0.2, 0.5], ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])

# %% [markdown]
# ## Weighted well, bad data help
#
# Nobody has to count a synthetic row like a real one. With many rows per dimension the fit averages two estimates,
# and the best average has the share $V_1/(V_1 + V_2)$ of the synthetic one: less than the real rows alone would
# reach, however bad the labeller.

# %%
BEST_EFFECTIVE_SHARE

# %% [markdown]
# That is a statement for many rows per dimension. `mixture_of_sources` knows weighted fits without that proviso,
# and with 20 rows of either kind per dimension the two agree about the best weight. The labeller here is off by
# $c^2 = 0.01$: well weighted, its rows save a quarter of the error; with unit weights, at the right end, they cost.

# %%
close = mc.Shifted(mc.GaussianTarget([0.0001] * 100))
V_1, V_2 = 0.09 * 100 / 2000, 0.09 * 100 / 2000 + 0.01
share = V_1 / (V_1 + V_2)
simple = share / (1 - share)  # as many rows of either kind


def weighted(weight):
    return mc.mixture_of_sources(mixed(2000, 2000, close, weight)).error


weights = np.geomspace(3e-3, 1, 40)
errors = np.array([weighted(float(weight)) for weight in weights])
alone, at_best = weighted(0.0), weighted(simple)
print(f"weight {simple:.3f}: error {at_best:.5f}; real rows alone {alone:.5f}, unit weights {errors[-1]:.5f}")
assert at_best < alone < errors[-1]
assert at_best < errors.min() * 1.01

# %%
_, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
ax.semilogx(weights, errors, color="#0072b2", label="weighted fit")
ax.axhline(alone, color="#8a8a8a", linestyle="--", label="real rows alone")
ax.plot(simple, at_best, "o", color="#d55e00", label="weight of the simple statement")
ax.set(xlabel="weight of a synthetic row", ylabel="excess error")
legend = ax.legend(frameon=False)

# %% [markdown]
# ## Loops
#
# Now the labeller is the fit of the round before: every round has fresh rows, a share of them real. What one round
# hands on of the last error is the collapse term of an offset of size 1. Below 1 the loop settles, above it grows
# for ever: with fewer than one and a half rows per dimension even some real rows do not save least squares.


# %%
def loop(real, synthetic, generations=6):
    sources = mc.Source(real, 0.3), mc.Source(synthetic, 0.3, mc.PREVIOUS)
    return mc.Chain(population, (mc.Generation(sources, mc.MinimumNorm()),) * generations)


shares, ratios = np.linspace(0.01, 0.99, 99), np.linspace(1.02, 3, 100)
round_of = mc.collapse_over(chain, rows=100 * ratios[:, None], synthetic_share=1 - shares)
growth = round_of.collapse / 0.5  # c^2 = 1/2
settled = round_of.variance / np.where(growth < 1, 1 - growth, np.nan)
ax = plot_boundedness(shares, ratios, growth, settled, ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])

# %%
limits = {sizes: mc.predict(loop(*sizes)).limit for sizes in ((20, 100), (100, 20), (20, 160))}
print(limits)
assert np.isinf(limits[20, 100])
assert np.isfinite(limits[100, 20])
assert np.isfinite(limits[20, 160])

# %% [markdown]
# ## The golden ratio
#
# Another loop: the *same* rows in every round, every label a blend of a new real one (share $p$) and the last
# model's. Of which share does the error settle lowest? Without a penalty it is the golden ratio $p^2 + p = 1$ for
# every spectrum, as long as both kinds of label are equally noisy.


# %%
def blended(population, share, rows=300, noise=0.5, fit=mc.MinimumNorm(), real_noise=None):
    common = {"estimator": fit, "same_rows": True, "real_noise": real_noise}
    return mc.blend_labels(population, 2, rows, noise, real_share=share, **common)


def curve(population, **setting):
    """Errors over shares, and the best share."""
    over = np.linspace(0.05, 0.995, 120)

    def settles(share):
        return blended_steady_state(blended(population, share, **setting))

    with mc.precise():
        errors = jax.jit(jax.vmap(settles))(jax.numpy.asarray(over))
    return over, np.asarray(errors), mc.optimal_share(settles, 0.05, 0.995)


steep = mc.Population(mc.PowerLaw(100, exponent=1.5), mc.SourceCondition(0.5))
tail = mc.Population(mc.Levels([1.0, 0.002], [60, 2000]), mc.Coefficients([0.0] * 60 + [1.0] * 2000))
curves = {
    "equal noise, isotropic": curve(population),
    "equal noise, $k^{-3/2}$": curve(steep),
    "model twice as noisy": curve(steep, noise=1.0, real_noise=0.5),
    "model half as noisy": curve(steep, noise=0.5, real_noise=1.0),
    "ridge, truth in a weak tail": curve(tail, rows=80, noise=0.5**0.5, fit=mc.Ridge(0.01)),
}
best = {name: share for name, (_, _, share) in curves.items()}
for name, share in best.items():
    print(f"{name:>28}: {share:.3f}")

# %% [markdown]
# The golden ratio is where the first two are least. It follows the noise, and it is no law of nature: with a ridge
# penalty and a truth that hides in a weak tail the best share is far below.

# %%
assert abs(best["equal noise, isotropic"] - 0.618034) < 1e-5 > abs(best["equal noise, $k^{-3/2}$"] - 0.618034)
assert best["ridge, truth in a weak tail"] < 0.25
over = curves["equal noise, isotropic"][0]
drawn = {name: errors for name, (_, errors, _) in curves.items()}
ax = plot_real_share(over, drawn, best, ax=plt.subplots(figsize=(6.4, 4.4), layout="constrained")[1])

# %% [markdown]
# ## And the experiment?
#
# Theory and simulation, judged: the loop with 60 real and 60 synthetic rows of 20 covariates, round by round.

# %%
small = mc.Population(mc.Isotropic(20), mc.UniformTarget())
sources = mc.Source(30, 0.3), mc.Source(30, 0.3, mc.PREVIOUS)
comparison = mc.compare(mc.Chain(small, (mc.Generation(sources, mc.MinimumNorm()),) * 6), replicates=4096)
comparison

# %%
assert comparison.verdict is mc.Verdict.AGREES
ax = comparison.plot(ax=plt.subplots(figsize=(6.4, 4), layout="constrained")[1])
