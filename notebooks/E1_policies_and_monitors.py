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
# # What people propose against collapse, and what warns of it
#
# Keep all the data. Keep a quarter of it real. Add noise; rephrase; watch the variance. In regression each piece of
# advice is a formula, most of them exact at finite size, and each formula has a condition that the advice leaves out.
# Everything claimed below is computed and asserted, and in the last section judged by simulation.

# %%
import matplotlib.pyplot as plt
import numpy as np
import sympy

import modelcollapse as mc
from modelcollapse.theory.evaluation.monitors import expected_monitors
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.problem.monitors import Monitor
from modelcollapse.theory.remedies import performance_gap_recovered
from modelcollapse.theory.statements.mixture import FADING, LIMIT_WITH_FRESH_REAL_ROWS
from modelcollapse.theory.statements.performance_gap import BEST_RECOVERY, BEST_SHRINKAGE, CEILING, TRUTH, WEAK
from modelcollapse.validation import monitor
from modelcollapse.validation.figures import plot_limits, plot_projection_generations
from modelcollapse.validation.figures.style import BLUE, GREY, VERMILLION

# %% [markdown]
# Least squares throughout, 5 covariates, 40 rows in each of 6 generations, label noise 0.7. One fit on real labels has
# the error $\sigma^2\eta$ with $\eta = d/(n-d-1)$, whatever the covariance.

# %%
d, n, sigma, steps = 5, 40, 0.7, 6
eta = d / (n - d - 1)
once = sigma**2 * eta
population = mc.Population(mc.Isotropic(d), mc.UniformTarget())
common = {"generations": steps, "rows": n, "noise": sigma, "estimator": mc.MinimumNorm()}
g = np.arange(1, steps + 1)
chains = {}  # all that the last section compares


def predicted(name, chain):
    chains[name] = chain
    return mc.predict(chain)


def canvas():
    return plt.subplots(figsize=(6.4, 4), layout="constrained")[1]


# %% [markdown]
# ## Forget or remember
#
# *Replace*: every fit adds its noise to that of its labeller, $E_g = g\,\sigma^2\eta$. *Accumulate*: the $i$-th fit
# moves the model by the new rows' share only,
# $$E_g = \sigma^2 d\sum_{i\le g}\frac{1}{i\,(i n-d-1)},$$
# and where the *same* rows are labelled again $E_g = \sigma^2\eta\sum_{i\le g} i^{-2}$. Both sums converge.

# %%
replaced = predicted("replace", mc.replace(population, **common))
fresh = predicted("accumulate", mc.accumulate(population, **common))
same = predicted("accumulate, same rows", mc.accumulate(population, **common, same_rows=True))
np.testing.assert_allclose(replaced.error, g * once)
np.testing.assert_allclose(fresh.error, sigma**2 * d * np.cumsum(1 / (g * (g * n - d - 1))))
np.testing.assert_allclose(same.error, once * np.cumsum(1.0 / g**2))
np.testing.assert_allclose(same.limit, once * np.pi**2 / 6)
assert fresh.limit < same.limit < replaced.limit == np.inf
print(f"in the end: replaced {replaced.limit}, accumulated {fresh.limit:.4f}, the same rows {same.limit:.4f}")

# %% [markdown]
# Accumulating costs more in every generation. A *sample* of all rows so far, as many as are new, keeps the cost
# constant. Its theorem is a limit of many rows per direction, and is refused for 40 rows; with more it reads
# $E_\infty = (\pi^2/2 - 2)\,\sigma^2\eta$. The simulator reads both.

# %%
sampled = mc.accumulate_subsample(population, **common)
try:
    mc.predict(sampled)
except mc.NoTheorem as refusal:
    print(refusal)
sample = mc.simulate(sampled, replicates=2000, seed=1)
many = predicted("sample of all, 800 rows", mc.accumulate_subsample(population, **common | {"rows": 800}))
np.testing.assert_allclose(many.limit, (np.pi**2 / 2 - 2) * sigma**2 * d / (800 - d - 1))
assert same.error[-1] < sample.mean[-1] < replaced.error[-1]

ax = plot_projection_generations({"replace": replaced, "accumulate": fresh, "accumulate, same rows": same}, ax=canvas())
ax.lines[1].set_linestyle("--")
ax.errorbar(g, sample.mean, 1.96 * sample.standard_error, fmt="s:", color=GREY, label="sample of all (simulated)")
legend = ax.legend(frameon=False)

# %% [markdown]
# ## "Retain 20 to 30 percent real data"
#
# Real rows, a share $\alpha$ of every generation, drawn afresh. A fit passes on the part $a_2$ of the error of the
# model before and adds $\sigma^2\eta$: bounded if and only if $a_2 < 1$. The package states $a_2$ exactly; for large
# sizes, $d/n\to\gamma$, it is a function of two letters.

# %%
alpha, gamma, size = sympy.symbols("alpha gamma d", positive=True)
exact = LIMIT_WITH_FRESH_REAL_ROWS.definitions
a_2 = dict(exact)[FADING]
for letter, meaning in reversed(exact[:-1]):
    a_2 = a_2.subs(letter, meaning)
a_2 = a_2.subs(x.new_rows, (1 - alpha) * x.rows)
large = sympy.limit(a_2.subs(x.rows, x.rank / gamma).subs(x.rank, size), size, sympy.oo)
assert sympy.simplify(large - (1 - alpha) ** 2 - alpha * (1 - alpha) * gamma / (1 - gamma)) == 0
threshold = sympy.factor(sympy.solve(sympy.Eq(large, 1), gamma)[0])
assert sympy.simplify(threshold - (2 - alpha) / (3 - 2 * alpha)) == 0
sympy.Eq(gamma, threshold)

# %% [markdown]
# Beyond this $d/n$ a loop runs away, real rows or not; and as $\alpha\to 0$ it tends to $2/3$, not to $0$. So one and
# a half rows per dimension are enough for any share, and a quarter of real rows moves that threshold by little. Errors
# in the end, for 100 covariates; the ticks inside are the exact thresholds at that size.


# %%
def retained(share, rows, covariates=100, generations=2, same=False):
    """A share of real rows, fresh ones or always the same."""
    many = mc.Population(mc.Isotropic(covariates), mc.UniformTarget())
    return mc.retain_real(many, generations, rows, sigma, mc.MinimumNorm(), share=share, same_rows=same)


shares = (0.1, 0.2, 0.25, 0.3, 0.5)
rows = np.unique(np.concatenate([np.arange(132, 160), np.geomspace(160, 1000, 14).astype(int) // 20 * 20]))
limits = {f"{share:.0%} real": [mc.predict(retained(share, int(r))).limit for r in rows] for share in shares}
passed_on = sympy.lambdify((alpha, x.rank, x.rows), a_2, "numpy")
counts = np.arange(103.0, 200.0)
exact_threshold = {share: counts[np.argmax(passed_on(share, 100.0, counts) < 1)] / 100 for share in shares}
marks = {f"{share:.0%} real": ratio for share, ratio in exact_threshold.items()}
assert threshold.subs(alpha, 0) == sympy.Rational(2, 3)
print({name: f"{ratio:.2f} rows per dimension" for name, ratio in marks.items()})
ax = plot_limits(rows / 100, limits, marks, ax=canvas())
ax.set_ylim(0.05, 100)

# %%
for share in shares:
    ours = np.array(limits[f"{share:.0%} real"])
    real = np.round(share * rows)
    factor = passed_on(1 - (rows - real) / rows, 100.0, rows.astype(float))
    np.testing.assert_array_equal(np.isinf(ours), factor >= 1)
    np.testing.assert_allclose(ours[factor < 1], (sigma**2 * 100 / (rows - 101) / (1 - factor))[factor < 1], rtol=1e-6)
    assert abs(1 / exact_threshold[share] - float(threshold.subs(alpha, share))) < 0.01

# %% [markdown]
# Two chains on the two sides, with 30 % real rows: twice as many rows as covariates, and 1.3 times as many.

# %%
calm = predicted("retain 30 % real", retained(0.3, n, 5, steps))
wild = predicted("retain 30 % real, 39 rows of 30 covariates", retained(0.3, 39, 30, 3))
assert calm.limit < wild.limit == np.inf
print(f"{calm.limit:.4f} against {once:.4f} for real rows alone; {wild.error.round(2)} and on to {wild.limit}")

# %% [markdown]
# ### The same real rows: synthetic data never help
#
# Now the first $k = \alpha n$ real rows are kept, labels and all, and generation 1 is fitted on them alone. Later
# models are that fit *plus* synthetic noise, $E_g = \sigma^2\frac{d}{k-d-1} + G_g$ with $G_g\ge 0$, whatever the share;
# for many rows per covariate $G_\infty\to\sigma^2\eta\,\frac{1-\alpha}{\alpha(2-\alpha)}$.

# %%
for share in (0.25, 0.5, 0.75):
    error = mc.predict(retained(share, 40_000, 400, 12, same=True)).error
    assert np.all(error >= error[0])
    np.testing.assert_allclose(error[1] - error[0], (1 - share) * sigma**2 * 400 / (40_000 - 401), rtol=0.02)
    print(f"{share:.0%} kept: {error[0]:.5f} by real rows alone, {error[-1]:.5f} with synthetic ones")
    np.testing.assert_allclose(error[-1] - error[0], sigma**2 * 0.01 * (1 - share) / share / (2 - share), rtol=0.05)
kept_half = predicted("keep the same half", retained(0.5, 1200, 30, same=True))

# %% [markdown]
# ## Noise on purpose
#
# On the labels, with variance $\nu^2$: a pure cost, $E_g = \sigma^2\eta + (g-1)(\sigma^2+\nu^2)\eta$. On the
# covariates, after labelling, with variance $\delta^2$: a ridge penalty in disguise. With endless rows the fit keeps
# the share $1/(1+\delta^2)$ of its labeller, as a ridge penalty $\delta^2$ does; with few it pays for the noise, too.

# %%
nu, delta = 0.5, 0.3
noisy = predicted("noise on the labels", mc.inject_noise(population, **common, label=nu))
np.testing.assert_allclose(noisy.error, once + (g - 1) * (sigma**2 + nu**2) * eta)


# %%
def ridge_and_disturbed(rows):
    """Two generations with a penalty, and with disturbed covariates in its place."""
    setting = {"generations": 2, "rows": rows, "noise": sigma}
    many = mc.Population(mc.Isotropic(30), mc.UniformTarget())
    penalised = mc.replace(many, **setting, estimator=mc.Ridge(delta**2))
    return penalised, mc.inject_noise(many, **setting, estimator=mc.MinimumNorm(), input=delta)


by_penalty, by_noise = map(mc.predict, ridge_and_disturbed(10_000_000))
np.testing.assert_allclose(by_noise.error, by_penalty.error, rtol=1e-3)
np.testing.assert_allclose(by_noise.error, (1 - (1 + delta**2) ** -g[:2].astype(float)) ** 2, rtol=1e-3)
names = "ridge", "noise on the covariates"
few_penalised, few_disturbed = map(predicted, names, ridge_and_disturbed(600))
assert np.all(few_disturbed.error > few_penalised.error)

# %% [markdown]
# ## Rephrasing
#
# Every label is a fresh real one, moved by the part $a$ towards what the model says, and disturbed by $\nu$:
# $$E_\infty = \frac{(1-a)^2\sigma^2+\nu^2}{1-a^2}\,\eta.$$
# Without disturbance this is $\frac{1-a}{1+a}\sigma^2\eta$: *better* than fresh real labels, as old ones are averaged
# in. It breaks even at $\nu^2 = 2a(1-a)\sigma^2$, and collapses at $a = 1$ only.


# %%
def rephrased(a, nu=0.0, generations=2):
    """Labels moved towards the model."""
    return mc.rephrase(population, **common | {"generations": generations}, synthetic_share=a, extra_noise=nu)


moved = np.linspace(0.02, 0.98, 25)
curves = {nu: np.array([mc.predict(rephrased(float(a), nu)).limit for a in moved]) for nu in (0.0, 0.3)}
for nu, curve in curves.items():
    np.testing.assert_allclose(curve, ((1 - moved) ** 2 * sigma**2 + nu**2) / (1 - moved**2) * eta)
    np.testing.assert_array_equal(curve < once, nu**2 < 2 * moved * (1 - moved) * sigma**2)
assert np.isinf(mc.predict(rephrased(1.0, 0.3)).limit)
np.testing.assert_allclose(predicted("rephrase by half", rephrased(0.5, 0.0, steps)).limit, once / 3)
ax = canvas()
ax.plot(moved, curves[0.0] / once, color=BLUE, label="no disturbance")
ax.plot(moved, curves[0.3] / once, "--", color=VERMILLION, label="disturbed by 0.3")
ax.axhline(1.0, color=GREY, linestyle=":", label="real labels alone")
ax.set(xlabel="share $a$ of the model in every label", ylabel="error in the end / $\\sigma^2\\eta$", ylim=(0, 3))
legend = ax.legend(frameon=False)

# %% [markdown]
# ## Covariates that are generated, too
#
# Each generation fits a Gaussian to its covariates and the next draws from that. The mean of the fitted covariance
# never moves; its inverse grows, and the error with it:
# $$E_g = \sigma^2\frac{d}{d+1}\Big[\Big(\frac{n}{n-d-1}\Big)^g-1\Big].$$
# Linear collapse has become exponential.

# %%
refit = predicted("refit the covariates", mc.regenerate_covariates(population, **common))
np.testing.assert_allclose(refit.error, sigma**2 * d / (d + 1) * ((n / (n - d - 1)) ** g - 1))
assert np.isinf(refit.limit)

# %% [markdown]
# Remedies such as shrinking the fitted covariance, or a share of real covariates, are simulated: no theorem covers
# least squares on them.

# %%
shrunk = mc.regenerate_covariates(population, **common, shrink=0.2)
try:
    mc.predict(shrunk)
except mc.NoTheorem as refusal:
    print(refusal)
saved = mc.simulate(shrunk, replicates=2000, seed=2)
assert saved.mean[-1] + 4 * saved.standard_error[-1] < refit.error[-1]
ax = plot_projection_generations({"fresh covariates": replaced, "refitted covariates": refit}, ax=canvas())
ax.lines[1].set_linestyle("--")
ax.errorbar(g, saved.mean, 1.96 * saved.standard_error, fmt="s:", color=GREY, label="refitted and shrunk (simulated)")
legend = ax.legend(frameon=False)

# %% [markdown]
# ## What warns
#
# Watch a loop of replacements: 6 covariates, 60 rows, 200 labels looked at in each generation. Lines are theory, marks
# simulation, all in units of a monitor's own scatter; beyond the dotted line is an alarm.

# %%
signal = mc.Population(mc.Isotropic(6), mc.UniformTarget(4.0))
watched = {"generations": 12, "rows": 60, "noise": sigma, "estimator": mc.MinimumNorm()}
chains["watched, replace"] = mc.replace(signal, **watched | {"generations": steps})
chains["watched, refit"] = mc.regenerate_covariates(signal, **watched | {"generations": steps})
report = monitor(mc.replace(signal, **watched), replicates=400, seed=2, samples=200)
report

# %%
ax = report.plot(ax=plt.subplots(figsize=(7.6, 4), layout="constrained")[1])

# %% [markdown]
# The distance from the first model, which needs neither labels nor truth, warns first. The in-sample residual is
# *blind*: it is the label noise for ever, whatever became of the model. Now with refitted covariates: the
# log-determinant of the fitted covariance falls from the start, its trace never moves.

# %%
blind = report.first_alarm
assert min(blind, key=lambda one: blind[one].theory) is Monitor.DRIFT
assert blind[Monitor.IN_SAMPLE] == (np.inf, np.inf)
np.testing.assert_allclose(report.theory(Monitor.IN_SAMPLE), sigma**2)
generated = monitor(mc.regenerate_covariates(signal, **watched), replicates=400, seed=2, samples=200)
falls = generated.theory(Monitor.LOG_DETERMINANT)
np.testing.assert_allclose(np.diff(falls), falls[0])
assert falls[0] < 0
np.testing.assert_allclose(generated.theory(Monitor.TRACE), 1.0)
assert generated.first_alarm[Monitor.TRACE].theory == np.inf
assert np.isfinite(generated.first_alarm[Monitor.LOG_DETERMINANT].theory)
generated

# %%
ax = generated.plot(ax=plt.subplots(figsize=(7.6, 4), layout="constrained")[1])

# %% [markdown]
# With more data per generation collapse is slower and monitors differ by more. 30 covariates, 3000 rows,
# $|w^*|^2 = 4$, unit noise, 1000 labels looked at: how many rounds until three standard deviations?

# %%
wide = mc.Population(mc.Isotropic(30), mc.UniformTarget(4.0))
slow = expected_monitors(mc.replace(wide, 80, rows=3000, noise=1.0, estimator=mc.MinimumNorm()), samples=1000)
rounds = {one: found.rounds(3.0) for one, found in slow.signals.items()}
for one, wait in sorted(rounds.items(), key=lambda pair: pair[1]):
    print(f"{one.value:>20}: {'never' if np.isinf(wait) else f'{wait:.0f}'}")
order = Monitor.DRIFT, Monitor.HELD_OUT, Monitor.LABEL_VARIANCE, Monitor.IN_SAMPLE
assert [rounds[one] for one in order] == [1, 14, 67, np.inf]
noises = [slow.signal(one).deviation for one in (Monitor.LABEL_VARIANCE, Monitor.HELD_OUT)]
np.testing.assert_allclose(noises[0] / noises[1], 1 + 4.0, rtol=0.01)  # 1 + |w*|^2/sigma^2; both move alike

# %% [markdown]
# The variance of labels takes $1 + |w^*|^2/\sigma^2$ times as long as a held-out residual (5 here, up to whole
# rounds): all of the signal's variance is noise to it.
#
# ## Weak to strong: the performance gap recovered
#
# A student learns from a weak model's labels. Of the gap between its teacher and a ceiling it recovers
# $\mathrm{PGR} = (E_{weak}-E_{student})/(E_{weak}-E_{ceil})$. Least squares on noise-free labels copies its teacher,
# and recovers nothing. Ridge shrinks, and as the teacher's error $A$ is orthogonal to a truth of size $W$ that helps:
# with endless rows at best $A^2/((W+A)(A-E_{ceil}))$, by keeping the share $W/(W+A)$.

# %%
W, A, ceiling = 4.0, 1.0, once
weak = mc.Coefficients([0.0, A**0.5] + 28 * [0.0])  # model 0, off the truth
truth = mc.Population(mc.Isotropic(30), mc.Coefficients([W**0.5] + 29 * [0.0]))


def student(fit, rows=600):
    """One fit on the weak model's labels, without noise."""
    return mc.Chain(truth, (mc.Generation((mc.Source(rows, 0.0, mc.PREVIOUS),), fit),), weak)


copy = predicted("student, least squares", student(mc.MinimumNorm()))
assert abs(performance_gap_recovered(A, copy, ceiling)[0]) < 1e-12
given = {WEAK: A, CEILING: ceiling, TRUTH: W}
best_share = float(BEST_SHRINKAGE.result.subs(given))
assert best_share == W / (W + A)
shares_kept = np.linspace(0.5, 0.98, 25)
penalties = 1 / shares_kept - 1  # of endless rows: the share is 1/(1 + penalty)
many_rows = [mc.predict(student(mc.Ridge(float(penalty)), 10_000_000)).error[0] for penalty in penalties]
recovered = performance_gap_recovered(A, many_rows, ceiling)
best = float(BEST_RECOVERY.result.subs(given))
np.testing.assert_allclose(best, A**2 / ((W + A) * (A - ceiling)))
at_best = performance_gap_recovered(A, mc.predict(student(mc.Ridge(1 / best_share - 1), 10_000_000)), ceiling)[0]
np.testing.assert_allclose(at_best, best, rtol=1e-3)
assert at_best >= recovered.max()
few = performance_gap_recovered(A, predicted("student, ridge", student(mc.Ridge(1 / best_share - 1))), ceiling)[0]
print(f"least squares 0, the best ridge student {best:.3f}, with 600 rows {few:.3f}")
assert 0 < few < best
ax = canvas()
ax.plot(shares_kept, recovered, color=BLUE, label="ridge student, endless rows")
ax.plot(best_share, best, "o", color=VERMILLION, label="the best share $W/(W+A)$")
ax.axhline(0.0, color=GREY, linestyle=":", label="least squares")
ax.set(xlabel="share of the labels that the student keeps", ylabel="performance gap recovered")
legend = ax.legend(frameon=False)

# %% [markdown]
# ## And the experiment?
#
# Chains with a theorem, judged by simulation; exact statements mostly at five covariates, deterministic equivalents at
# thirty, where their finite-size gap is small. Of watched loops and of sweeps (sizes, shares, penalties, the 3000
# rows) smaller chains of the same functions stand for all. AGREES means: the interval of the mean lies within 2 % of
# theory; of samples, whose theorem is a limit, within 6 %.


# %%
def judged(names, replicates, tolerance=0.02):
    """One comparison for each name, at its own size."""
    given = {"replicates": replicates, "tolerance": tolerance, "scales": (1,), "seed": 1}
    return {name: mc.compare(chains[name], **given) for name in names}


equivalents = "keep the same half", "ridge", "student, ridge"
refitted, samples = ("refit the covariates", "watched, refit"), ("sample of all, 800 rows",)
exact_ones = [name for name in chains if name not in (*equivalents, *refitted, *samples)]
verdicts = judged(exact_ones, 4096)

# %%
verdicts |= judged(refitted, 8192)

# %%
verdicts |= judged(equivalents[:2], 2048)

# %%
verdicts |= judged(equivalents[2:], 2048) | judged(samples, 4096, tolerance=0.06)
assert set(verdicts) == set(chains)
for name, comparison in verdicts.items():
    last, seen = comparison.judgements[-1], f"would have seen {comparison.detectable_error:.1%}"
    numbers = f"theory {last.theory:.4f}, experiment {last.estimate:.4f} +- {last.standard_error:.4f}"
    print(f"{name:>44}: {comparison.verdict.value}; {numbers}; {seen}")
    assert comparison.verdict is mc.Verdict.AGREES, name
