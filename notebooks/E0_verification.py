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
# # Verification: who checks the labels
#
# A model labels rows, somebody looks at the labels and keeps the good ones, the next model is fitted on these. The
# checker need not be perfect. When is it good enough, and what does it cost? First for two classes, in the set-up of
# Feng, Dohmatob, Yang, Charton and Kempe, *Beyond Model Collapse* (2024), then for regression, generation after
# generation.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc
from modelcollapse.validation.claims.verification import judged, share, tried, window
from modelcollapse.validation.figures import plot_proxy, plot_schemes, plot_transition, plot_tries

# %% [markdown]
# ## Two classes: a transition
#
# Two Gaussian classes, means at $\pm\mu$ with $|\mu| = 1.5$. A share $p$ of the labels is flipped. The verifier keeps
# nine of ten right labels and three of ten wrong ones, and a ridge classifier learns from what is left.

# %%
KEEP = mc.KeepRates(0.9, 0.3)


def flipped(rate, rows=4000, dimension=60):
    return mc.ClassificationChain(mc.GaussianMixture(1.5, dimension), rows, mc.Flips(rate), KEEP, mc.Ridge(0.1))


mc.predict(flipped(0.65))

# %% [markdown]
# *Label accuracy* is the share of right labels; the best classifier has $\Phi(1.5) = 0.933$. *Bayes agreement* is how
# often the student says what the best classifier says. With endless rows the student *is* the best classifier, or its
# opposite: it jumps at $p^* = \phi/(\phi + \psi)$, here 3/4, where as many right labels are kept as wrong ones. With
# finitely many rows the jump is a slope, which still passes one half at exactly $p^*$.

# %%
rates = np.linspace(0.4, 0.99, 60)
sizes = {"60 dimensions, 300 rows": 300, "60 dimensions, 4000 rows": 4000, "60 dimensions, $10^6$ rows": 10**6}
curves = {name: [mc.predict(flipped(p, rows)).accuracy for p in rates.tolist()] for name, rows in sizes.items()}
seen = (0.5, 0.65, 0.75, 0.85, 0.95)
runs = [mc.simulate(flipped(p, 300), 400, seed=1) for p in seen]
dots = seen, [run.accuracy for run in runs], [run.accuracy_error for run in runs]
transition = mc.predict(flipped(0.5)).transition
ax = plt.subplots(figsize=(6.4, 4), layout="constrained")[1]
ax = plot_transition(rates, curves, transition, {"60 dimensions, 300 rows": dots}, ax=ax)

# %%
assert abs(transition - 0.75) < 1e-12
assert all(abs(mc.predict(flipped(0.75, rows)).accuracy - 0.5) < 1e-12 for rows in sizes.values())

# %% [markdown]
# Nobody knows the verifier's rates. A sample of labels that an expert has checked is enough for $p^*$, with its
# standard error.

# %%
generator = np.random.default_rng(3)
right = generator.random(400) > 0.2
kept = generator.random(400) < np.where(right, 0.9, 0.3)
estimate = mc.estimate_transition(right, kept)
print(f"p* = {estimate.estimate:.3f} +- {estimate.standard_error:.3f}")
assert abs(estimate.estimate - 0.75) < 3 * estimate.standard_error

# %% [markdown]
# ## The transition is a proxy
#
# A verifier that is itself a linear classifier keeps labels it agrees with, so that its choice depends on the row.
# Labels by $\operatorname{sign}(x'w_g)$, kept where $x'w_v$ has the same sign: then $p < p^*$ exactly when
# $\cos\theta_g + \cos\theta_v > 0$. Is that the student's transition, too? Here are 300 random pairs.


# %%
def linear(labeller, verifier, between, rows=10**9, penalty=1e-9, dimension=60):
    labels, kept = mc.LinearLabels(labeller), mc.LinearVerifier(verifier, between)
    mixture = mc.GaussianMixture(1.5, dimension)
    return mc.ClassificationChain(mixture, rows, labels, kept, mc.Ridge(penalty))


def drawn(generator):
    """Cosines of two random directions in a space of three with the mean and with one another."""
    w = generator.standard_normal((2, 3))
    first, second = w / np.linalg.norm(w, axis=1, keepdims=True)
    return first[0], second[0], first @ second


def own_accuracy(cosine):
    """Of the verifier: flipped labels ignore the row, so a right label is kept as often as the verifier is right."""
    alone = mc.ClassificationChain(
        mc.GaussianMixture(1.5, 60), 99, mc.Flips(0.2), mc.LinearVerifier(cosine), mc.Ridge(0.1)
    )
    return mc.predict(alone).keep_right


triples = [drawn(generator) for _ in range(300)]
found = [mc.predict(linear(*triple)) for triple in triples]
margin = np.array([one.transition - one.label_error for one in found])
limits = np.array([one.limit for one in found])
verifiers = np.array([own_accuracy(triple[1]) for triple in triples])
best = mc.predict(flipped(0.5)).limit
ax = plt.subplots(figsize=(7.2, 4.2), layout="constrained")[1]
ax = plot_proxy(margin, limits, verifiers, best, ax=ax)

# %% [markdown]
# Three differences. No student reaches the best classifier: what it has learned keeps a part of labeller and verifier.
# A few per cent of the pairs (crosses) contradict $p^*$. And a student may be worse than the verifier that taught it
# (triangles): rows on which a weak labeller agrees with it are not the ones to learn most from.

# %%
wrong = np.mean((limits > 0.5) != (margin > 0))
print(f"{wrong:.1%} of the pairs contradict p*; {np.mean(limits < verifiers):.0%} are worse than their verifier")
assert 0 < wrong < 0.08
assert limits.max() < best
cosines = np.array(triples)
np.testing.assert_array_equal(margin > 0, cosines[:, 0] + cosines[:, 1] > 0)

# %% [markdown]
# ## Regression: rows between labeller and verifier
#
# Now labels are numbers, $\tilde y = x'w + \varepsilon$. The verifier has a model $w_v$ of its own and keeps a row if
# the residual $\tilde y - x'w_v$ is small. Whatever range it keeps, the kept rows are rows of a model on the straight
# line from $w_v$ to $w$: $w_\infty = w_v + c\,(w - w_v)$. The variance of their label noise shrinks by the same $c$.
#
# 100 covariates, 586 labels in each generation (some 400 pass in the end), label noise 1. Model 0 is off by
# $|a|^2 = 1$, the verifier by $|b|^2$, in another direction; residuals of at most 1 pass.

# %%
biases = (0.0, 0.09, 0.5, 2.0)
chains = {f"$|b|^2 = {bias:g}$": judged(window(1.0), bias, generations=6) for bias in biases}
predictions = {name: mc.predict(chain) for name, chain in chains.items()}
study = mc.when_does_it_help(chains["$|b|^2 = 0.5$"])
study

# %% [markdown]
# Without a verifier every generation adds the same error, for ever. With one, any one, the loop ends: at the
# verifier's own error and a little more. A verifier as good as the truth nearly wipes out the start's error. One with
# a mild bias helps at first, then pulls every model to itself: stop early. One that is worse than model 0 harms.

# %%
drawn_errors = {name: one.error for name, one in predictions.items()} | {"all labels kept": study.without}
ax = plt.subplots(figsize=(7.2, 4), layout="constrained")[1]
ax = plot_schemes(drawn_errors, start=1.0, ax=ax)

# %%
floors = [predictions[name].limit - bias for name, bias in zip(chains, biases, strict=True)]
np.testing.assert_allclose(floors, floors[0], rtol=1e-9)
assert study.best_generation == 1
assert predictions["$|b|^2 = 2$"].limit > 1

# %% [markdown]
# The whole theorem, and what the verifier's rule puts into it:

# %%
mc.derive(judged(window(1.0), 0.5, generations=1))

# %% [markdown]
# ## How strict?
#
# A strict verifier leaves clean labels, but few. With the number of generated labels fixed and a verifier without a
# bias there is a best share to keep, which falls as labels get cheaper. Here for the eighth generation.


# %%
def by_share(rows, kept=0.5):
    return judged(share(kept), 0.0, rows=rows, generations=8)


verifier = by_share(400).generations[0].selection.verifier
shares = {
    rows: mc.best_strictness(by_share(rows), lambda q: mc.TopShare(verifier, q), (0.02, 1)) for rows in (400, 2000)
}
print({rows: round(best, 3) for rows, best in shares.items()})
assert abs(shares[400] - 0.46) < 0.01
assert shares[2000] < shares[400]

# %%
grid = np.linspace(0.28, 1.0, 40)
errors = [mc.predict(by_share(400, float(q))).error[-1] for q in grid]
ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")[1]
ax.semilogy(grid, errors, color="#0072b2", label="400 labels, 100 dimensions")
ax.axvline(shares[400], color="#8a8a8a", linestyle=":", label="best share")
ax.set(xlabel="share of labels that is kept", ylabel="excess error")
legend = ax.legend(frameon=False)

# %% [markdown]
# ## Try again, or repair
#
# Execution feedback: a label that fails is drawn again for the same row, up to $K$ times. If rows whose last try fails
# are dropped, more tries hardly change what the kept rows say, as long as verifier and labeller differ by no more than
# the label noise. They save rows. If the last try is
# kept, failed or not, the loop pulls towards the verifier with $K$.

# %%
tries = (1, 2, 4, 16, 64)


def seen_by(keep_last):
    return [mc.when_does_it_help(tried(0.7, 1.0, k, keep_last=keep_last)).seen for k in tries]


dropped, last = seen_by(keep_last=False), seen_by(keep_last=True)
gains = {"failures dropped": [one.contraction[0] for one in dropped], "last kept": [one.contraction[0] for one in last]}
rows_kept = {"failures dropped": [one.kept[0] for one in dropped]}
ax = plt.subplots(figsize=(7.6, 3.8), layout="constrained")[1]
ax = plot_tries(tries, gains, rows_kept, ax=ax)

# %% [markdown]
# Or the verifier repairs: outside its window it puts its own answer in place of the label. At the same number of
# generated labels that contracts more strongly than rejecting, and no row is lost.


# %%
def revised(verifier):
    return mc.Revise(verifier, 1.0, 1.0)


repaired, rejected = judged(revised, 0.09, generations=6), judged(window(1.0), 0.09, generations=6)
both = {"rejected": mc.predict(rejected).error, "repaired": mc.predict(repaired).error}
print({name: errors.round(4)[[0, 1, -1]].tolist() for name, errors in both.items()})
first = mc.when_does_it_help(repaired).seen, mc.when_does_it_help(rejected).seen
assert first[0].contraction[0] < first[1].contraction[0]
assert np.all(both["repaired"] < both["rejected"])

# %% [markdown]
# ## When it does not help
#
# Labels without noise leave a verifier nothing to choose by: a row says the same whether it is kept or not. And a rule
# that leaves hardly more rows than dimensions lets their scatter in.

# %%
silent = mc.when_does_it_help(judged(window(1.0), 0.5, noise=0.0, generations=3))
np.testing.assert_allclose(silent.error, silent.without)
starved = mc.when_does_it_help(judged(share(0.26), 0.0, rows=400, generations=1))
print(f"starved: {starved.error[0]:.2f} on {starved.seen.rows[0]:.0f} rows, {starved.without[0]:.2f} on all")
assert starved.error[0] > starved.without[0]

# %% [markdown]
# ## And the experiment?
#
# Theory and simulation, judged, on chains of this page. Formulas for verified rows are limits,
# so the judge leaves room for a difference of the order of one over the dimension.

# %%
verdicts = {name: mc.compare(chain, tolerance=0.06, replicates=512) for name, chain in chains.items()}
verdicts["repaired"] = mc.compare(repaired, tolerance=0.06, replicates=512)
verdicts["$|b|^2 = 0.5$"]

# %%
verdicts["best share"] = mc.compare(by_share(400, shares[400]), tolerance=0.06, replicates=512)
for keep_last in (False, True):
    chain = tried(0.7, 1.0, 4, keep_last=keep_last).with_(rows=4000)
    verdicts[f"tried again, last kept: {keep_last}"] = mc.compare(chain, tolerance=0.06, replicates=1024)

# %%
verdicts["flips"] = mc.compare(flipped(0.65, 300), tolerance=0.06, replicates=1024)
verdicts["linear"] = mc.compare(linear(0.6, 0.8, 0.3, rows=300, penalty=0.1), tolerance=0.06, replicates=1024)
for name, comparison in verdicts.items():
    print(f"{name:>32}: {comparison.verdict.value}, {comparison.detectable_error:.1%} would have been detected")
    assert comparison.verdict is mc.Verdict.AGREES
