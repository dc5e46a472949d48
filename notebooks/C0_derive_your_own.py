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
# # Derive your own
#
# Write an estimator as an expression in Gaussian matrices, and `derive` makes a theorem of it: the limit of
# proportional sizes, one equation for every effective ridge, then the error in traces over the spectrum. Five
# derivations that are known, then one that is in no paper that we know of, from the idea to a checked theorem.

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np
import sympy
from IPython.display import Markdown, Math, display

import modelcollapse as mc
from modelcollapse.theory import Model, derive, inv, ridge, risk, stack, tr
from modelcollapse.theory.problem.notation import p, q, scalar, tau
from modelcollapse.theory.rules.statement import latex
from modelcollapse.theory.rules.trace import Trace
from modelcollapse.validation.check import check

T, kappa, sigma, margin = scalar("T"), scalar("kappa"), scalar("sigma"), scalar("D_T")
BLUE, ORANGE, GREEN, VERMILLION = "#0072b2", "#e69f00", "#009e73", "#d55e00"

# %% [markdown]
# ## 1. A resolvent
#
# $T$ rows whose covariance $\Sigma$ has eigenvalues $s$. What is $\operatorname{tr} \Sigma (X'X/T + \lambda)^{-1}$?

# %%
m = Model()
X = m.design("X", rows="T")
resolvent = derive(tr(m.metric @ inv(X.T @ X / "T" + "lambda")))
resolvent

# %% [markdown]
# $\kappa$ is the effective ridge, $q$ the share of a direction that is learned, $p = 1 - q$, and $D_T$ what the rows
# have to spare. Together, the first two equations are $\lambda = \kappa\,(1 - \mathrm{df}_1/T)$ with $\mathrm{df}_1 =
# \operatorname{tr} q$: the textbook's equation without its subtraction.

# %%
assert sympy.expand(resolvent.kappa[0].rhs.subs(margin, T - Trace(q)) - kappa * (1 - Trace(q) / T)) == 0

# %% [markdown]
# ## 2. Bias and variance of ridge regression
#
# The truth is `m.truth`, with mean square $\theta$ in each eigendirection. The error falls into one part for each
# source of randomness that the estimator is linear in.

# %%
m = Model()
X = m.design("X", rows="T")
fit = derive(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda")))
fit

# %% [markdown]
# The certificate below the formulas says that nothing is ever subtracted, so that they are accurate wherever they are
# evaluated. The hardest place is as many rows as dimensions with hardly any penalty. There an isotropic covariance
# has a closed form: $\kappa^2 = \lambda(1 + \kappa)$, and a variance of $\sigma^2/(\kappa(2 + \kappa))$.

# %%
one = np.ones(100)
error = fit(s=one, theta=one / 100, T=100, sigma=0.5, **{"lambda": 1e-12})
root = (1e-12 + np.sqrt(1e-24 + 4e-12)) / 2
exact = 0.25 / (root * (2 + root))
share = 1 / (1 + root)
usual = 0.25 * 100 * share**2 / (100 - 100 * share**2)  # sigma^2 df_2/(T - df_2)
print(f"variance {error['e_1']:.15g}, relative error {abs(error['e_1'] / exact - 1):.0e}; with T - df_2 {usual:.15g}")
assert fit.certified
assert abs(error["e_1"] / exact - 1) < 1e-13 < 1e-11 < abs(usual / exact - 1)

# %% [markdown]
# ## 3. Several generations
#
# A model is an expression, so the next one is fitted to its labels.


# %%
def generations(count):
    m = Model()
    models = [m.truth]
    for generation in range(1, count + 1):
        X = m.design(f"X_{generation}", rows="T")
        models.append(ridge(X, X @ models[-1] + m.noise("sigma"), "lambda"))
    return models[-1]


twice = derive(risk(generations(2)))
print(generations(2))

# %% [markdown]
# Spelt out, formulas grow manyfold with every generation. Where they get long `derive` does what a theorist would do:
# it sees, by their names, that the rows of a generation are its own, so that it knows the model before it by mean and
# covariance alone, and derives *one rule* for it. Here are ten generations. $P_g$ is what the mean model has lost of
# the truth after generation $g$, $Q_g$ what it keeps, and $B_g$ what an error in each direction counts in the last.

# %%
ten = derive(risk(generations(10)))
for step in ten.steps[1:]:
    display(Markdown(f"*{step.rule}*, $" + r"$,&emsp;$".join(step.latex()) + "$"))
Math(r"E_{\varepsilon_{4}} \simeq " + latex(ten.parts["e_4"]))

# %%
population = mc.Population(mc.PowerLaw(60, exponent=1.0), mc.SourceCondition(0.5))
s, theta = population.spectrum.eigenvalues(), population.target.second_moments(population.spectrum)
book = mc.predict(mc.replace(population, generations=10, rows=80, noise=0.5, estimator=mc.Ridge(0.02))).error
for count, theorem in ((2, twice), (10, ten)):
    error = sum(theorem(s=s, theta=theta, T=80, sigma=0.5, **{"lambda": 0.02}).values())
    print(f"{count:2} generations: derived {error:.12f}, by the book {book[count - 1]:.12f}")
    assert theorem.certified
    assert abs(error / book[count - 1] - 1) < 1e-10

# %% [markdown]
# ## 4. A random projection
#
# Ridge regression on $m$ random features $Px$ of the covariates. Now rows and features each have something to spare.

# %%
m = Model()
X, P = m.design("X", rows="T"), m.projection("P", width="m")
projected = derive(risk(P.T @ ridge(X @ P.T, X @ m.truth + m.noise("sigma"), "lambda")))
projected

# %% [markdown]
# Whichever is less, rows or features, limits what is learned; where they are equally many, both margins close and
# noise is amplified. Derived formulas are JAX functions: here one is compiled once and mapped over widths.

# %%
widths = np.unique(np.geomspace(4, 400, 120).round())
setting = {"s": s, "theta": theta, "T": 40.0, "sigma": 0.5}
parts = jax.jit(jax.vmap(lambda width, penalty: projected(**setting, m=width, **{"lambda": penalty}), (0, None)))
with mc.precise():
    risky, careful = ({name: np.asarray(part) for name, part in parts(widths, at).items()} for at in (1e-4, 1e-1))

_, ax = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
ax.axvline(40, color="0.8", linewidth=6, zorder=0)
ax.text(42.5, 0.028, "as many features\nas rows", color="0.45", fontsize="small", va="bottom")
ax.loglog(widths, risky["w_0"], color=GREEN, label=r"bias, $\lambda = 10^{-4}$")
ax.loglog(widths, risky["e_1"], color=ORANGE, label=r"variance, $\lambda = 10^{-4}$")
ax.loglog(widths, sum(risky.values()), color=BLUE, linewidth=2.2, label="their sum")
ax.loglog(widths, sum(careful.values()), color=VERMILLION, linewidth=2.2, label=r"sum, $\lambda = 10^{-1}$")
ax.set(xlabel="random features $m$", ylabel="excess error", xlim=(4, 400), title="40 rows, 60 covariates")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, fontsize="small")
total = sum(risky.values())
assert abs(widths[total.argmax()] - 40) <= 2  # the peak
assert total.max() > 2 * max(total[0], total[-1])
assert np.all(np.diff(sum(careful.values())) < 0)  # the larger penalty has no peak

# %% [markdown]
# ## 5. Real rows and rows from a labeller who is off
#
# $T_1$ real rows beside $T_2$ rows whose labeller is off by a vector $\delta$, and which count with weight $a$.

# %%
m = Model()
real, other = m.design("X_1", rows="T_1"), m.design("X_2", rows="T_2")
shifted = m.truth + m.offset("delta", "theta_1")
labels = stack(real @ m.truth + m.noise("sigma"), other @ shifted + m.noise("sigma"))
mixture = derive(risk(ridge(stack(real, other, weights=[1, "a"]), labels, "lambda")))
mixture

# %% [markdown]
# How much should the others' labels count? That depends on how far they are off: less and less, never nothing at all.

# %%
weights = np.geomspace(0.01, 10, 100)
setting = {"s": s, "theta": theta, "T_1": 40.0, "T_2": 120.0, "sigma": 0.5, "lambda": 0.0246}  # best for 160 real rows
weighed = jax.jit(jax.vmap(lambda a, off: sum(mixture(**setting, a=a, theta_1=off * theta).values()), (0, None)))
with mc.precise():
    errors = {off: np.asarray(weighed(weights, off)) for off in (0.0, 0.1, 0.3, 1.0)}
best = {off: weights[found.argmin()] for off, found in errors.items()}

_, ax = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
for (off, found), colour in zip(errors.items(), (BLUE, GREEN, ORANGE, VERMILLION), strict=True):
    ax.loglog(weights, found, color=colour, label=rf"$|\delta|^2 = {off:g}\,|w_0|^2$")
    ax.plot(best[off], found.min(), "o", color=colour)
ax.set(
    xlabel="weight $a$ of the others' rows",
    ylabel="excess error",
    title="40 real rows, 120 of others; dots: best weight",
)
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, fontsize="small")
assert abs(best[0.0] - 1) < 0.1  # nobody is off: all rows count alike
assert list(best.values()) == sorted(best.values(), reverse=True)
assert best[1.0] > weights[0]

# %% [markdown]
# ## 6. A scheme of one's own
#
# **The idea.** A model that trains on its own labels hands on its own noise. Let two students start from the truth,
# each with $T$ fresh rows of its own in every generation, and let both learn *the average of what the two said
# before*. What is used is the average of the two. Does this slow down collapse, and is it the agreeing that does it,
# or would it be enough to average at the end?


# %%
def students(generations, agree, count=2):
    m = Model()
    models = [m.truth] * count
    for generation in range(1, generations + 1):
        mean = sum(models[1:], models[0]) / count
        designs = [m.design(f"X_{generation}_{k}", rows="T") for k in range(count)]
        said = [X @ (mean if agree else own) + m.noise("sigma") for X, own in zip(designs, models, strict=True)]
        models = [ridge(X, y, "lambda") for X, y in zip(designs, said, strict=True)]
    return derive(risk(sum(models[1:], models[0]) / count))


students(1, agree=True)

# %% [markdown]
# One generation is no surprise: each student's noise counts a quarter. The second generation is where agreeing comes
# in, with the new noise of the first one

# %%
agreeing, silent = students(2, agree=True), students(2, agree=False)
next(Math(line) for line in agreeing.equations() if line.startswith(r"E_{\varepsilon_{1}}"))

# %% [markdown]
# **The theorem.** The two formulas have dozens of terms; their difference has one. Silent students make an error that
# is larger by

# %%
margin_2 = margin + Trace(p * q)  # T - tr q^2
gain = (sigma**2 + Trace(p**2 * tau)) * Trace(q**2) * Trace(p**2 * q**2) / (4 * margin_2**2)
Math(r"E_{\mathrm{silent}} - E_{\mathrm{agree}} \simeq " + latex(gain))

# %% [markdown]
# It is proved by writing all traces as sums of traces of powers of $q$, with $p = 1 - q$. The first factor is the
# error of a single fit, noise of a test label included: $\sigma^2 + E_1 = T\,(\sigma^2 + \operatorname{tr}
# p^2\tau)/D_2$ with $D_2 = T - \operatorname{tr} q^2$.


# %%
def in_moments(expression):
    def moments(inside):
        terms = sympy.Poly(sympy.expand(inside.subs(p, 1 - q)), q, tau).terms()
        return sum(number * sympy.Symbol("m_{}_{}".format(*powers)) for powers, number in terms)

    return sympy.cancel(expression.replace(Trace, moments))


assert in_moments(silent.result - agreeing.result - gain) == 0
assert (
    in_moments(sigma**2 + fit.result - T * (sigma**2 + Trace(p**2 * tau)) / margin_2)
    .subs(T, margin + sympy.Symbol("m_1_0"))
    .simplify()
    == 0
)

# %% [markdown]
# What is lost in silence is the product of two fluctuations, of the labels and of the fit to them. Among $k$ students
# it counts $1/k$ in silence and $1/k^2$ in agreement. For three:

# %%
three = students(2, agree=False, count=3).result - students(2, agree=True, count=3).result
assert in_moments(three - gain * 4 * (sympy.Rational(1, 3) - sympy.Rational(1, 9))) == 0

# %% [markdown]
# So agreeing always helps, and does not help where $p = 0$: least squares with rows to spare.
#
# **The check.** The expression that was derived is drawn, at three sizes, and its finite-size error extrapolated away.

# %%
eigenvalues = np.arange(1, 17) ** -1.0
values = {"T": 12, "sigma": 0.5, "lambda": 0.03, "theta": np.full(16, 1 / 16), "s": eigenvalues}
verdict = check(agreeing, values=values, replicates={1: 4096, 2: 4096, 4: 1024}, tolerance=0.03)
verdict

# %%
assert verdict.verdict is mc.Verdict.AGREES

# %% [markdown]
# **Its derivative.** The gradient finds the best penalty, by bisection, for 40 rows per student.


# %%
def value_and_slope(theorem):
    f = theorem.compile()
    return jax.jit(jax.value_and_grad(lambda at, many: f(s=s, theta=theta, T=many, sigma=0.5, **{"lambda": at})))


def best_penalty(slope, many):
    low, high = 1e-4, 1.0
    for _ in range(40):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if slope(middle, many)[1] < 0 else (low, middle)
    return low, *map(float, slope(low, many))


with mc.precise():
    one_student, two_students = value_and_slope(twice), value_and_slope(agreeing)
    optima = {
        "one student, 40 rows": best_penalty(one_student, 40.0),
        "two who agree, 40 each": best_penalty(two_students, 40.0),
        "one student, 80 rows": best_penalty(one_student, 80.0),
    }
for name, (penalty, value, derivative) in optima.items():
    print(f"{name:>22}: best penalty {penalty:.4f}, error {value:.4f}, derivative {derivative:.0e}")

# %% [markdown]
# Whoever averages students should penalise each of them less. And whoever can choose the penalty does better to give
# one student all the rows: two students are for those who cannot pool them, or dare not trust their penalty.

# %%
alone, together, pooled = optima.values()
assert together[0] < alone[0]
assert pooled[1] < together[1] < alone[1]

# %% [markdown]
# **The picture.** Against one student with $T$ rows, and against one who gets all $2T$ rows.

# %%
rows = np.unique(np.r_[np.geomspace(8, 240, 100).round(), 30.0])
at_30 = int(np.flatnonzero(rows == 30)[0])
scheme = {"s": s, "theta": theta, "sigma": 0.5, "lambda": 1e-3}


def over_rows(theorem):
    f = theorem.compile()
    with mc.precise():
        return np.asarray(jax.jit(jax.vmap(lambda many: f(T=many, **scheme)))(rows))


def over_rows_alone(times):
    def build(many):
        return mc.replace(population, generations=3, rows=times * many, noise=0.5, estimator=mc.Ridge(1e-3))

    return mc.vary(build, {"many": rows}).error.T


curves = {
    "one student, $T$ rows": (over_rows_alone(1), ORANGE, "o"),
    "one student, $2T$ rows": (over_rows_alone(2), VERMILLION, "s"),
    "two who average at the end": (np.array([over_rows(students(g, agree=False)) for g in (1, 2, 3)]), GREEN, "D"),
    "two who agree": (np.array([over_rows(students(g, agree=True)) for g in (1, 2, 3)]), BLUE, "^"),
}
_, panels = plt.subplots(1, 3, figsize=(13, 3.9), layout="constrained")
for name, (error, colour, marker) in curves.items():
    panels[0].plot((1, 2, 3), error[:, at_30], color=colour, marker=marker, label=name)
    panels[1].loglog(rows, error[-1], color=colour, linewidth=2)
silence, agreement = (curves[name][0] for name in ("two who average at the end", "two who agree"))
for generation, shade in ((2, 0.45), (3, 1.0)):
    saved = 100 * (1 - agreement[generation - 1] / silence[generation - 1])
    panels[2].semilogx(rows, saved, color=BLUE, alpha=shade, linewidth=2, label=f"generation {generation}")
panels[0].set(xlabel="generation", ylabel="excess error", xticks=(1, 2, 3), ylim=(0, None))
panels[0].legend(frameon=False, fontsize="small")
panels[1].set(xlabel="rows per student $T$", ylabel="excess error, generation 3")
panels[1].set_yticks((0.1, 0.3, 1, 3), (0.1, 0.3, 1, 3))
panels[2].set(xlabel="rows per student $T$", ylabel="saved by agreeing, %", ylim=(0, None))
panels[2].legend(frameon=False, fontsize="small")
titles = ("30 rows each", "after three generations", "against averaging at the end")
for ax, letter, title in zip(panels, "abc", titles, strict=True):
    ax.set_title(f"({letter}) {title}", loc="left")
    ax.spines[["top", "right"]].set_visible(False)
for ax in panels[1:]:
    ax.set_xticks((10, 30, 60, 120, 240), (10, 30, 60, 120, 240))
    ax.minorticks_off()

# %% [markdown]
# **The answer.** (a) Yes: with two students, a generation adds little more than half of what it adds with one student
# on as many rows each, and agreeing makes the later ones cheaper by more than a tenth. (b) The small penalty is
# dangerous where a student has as many rows as there are covariates. Pooling the rows moves that peak from $T = 60$
# to $T = 30$: there it is by far the worst that one can do; with many rows it is the best. (c) Agreeing never harms.
# It saves most with somewhat fewer rows than covariates, where students differ and errors are passed on, and nothing
# where rows abound.

# %%
added = {name: np.diff(error[:, at_30], prepend=0) for name, (error, *_) in curves.items()}
for name, (error, *_) in curves.items():
    print(f"{name:>26}: " + ", ".join(f"{step:+.3f}" for step in added[name]))
    print(f"{'':>26}  error {error[-1, at_30]:.3f} with 30 rows each, {error[-1, -1]:.3f} with 240")
alone, pooled, silence, agreement = curves.values()
assert abs(rows[alone[0][-1].argmax()] - 60) <= 3
assert abs(rows[pooled[0][-1].argmax()] - 30) <= 2
halved = added["two who agree"] / added["one student, $T$ rows"]
assert np.all((halved > 0.5) & (halved < 0.6))
saved = 1 - agreement[0] / silence[0]
assert np.all(saved > -1e-12)
assert 30 < rows[saved[-1].argmax()] < 60
assert 0.08 < saved[-1].max() < 0.09
assert saved[-1, -1] < 1e-3
assert np.argmax([error[-1, at_30] for error, *_ in curves.values()]) == 1
assert np.argmin([error[-1, -1] for error, *_ in curves.values()]) == 1
later = 1 - added["two who agree"][1:] / added["two who average at the end"][1:]
assert np.all((later > 0.1) & (later < 0.15))
