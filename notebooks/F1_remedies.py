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
# # Which remedy is worth its price
#
# A penalty, a share of real rows, a store of everything, a verifier: each helps somewhere. Here all of them get the
# same budget, each at its best parameters, by theory; the boundaries at which one takes over from another are equations
# where they are known; and the predicted winners have met their rivals in simulation.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc
from modelcollapse.theory.remedies import (
    AccumulateRows,
    AspectRatio,
    Effort,
    KeepReal,
    LatePenalty,
    Mix,
    OnlyReal,
    RealShare,
    Replace,
    StartingError,
    VerifierError,
    VerifyShare,
    WithPenalty,
)
from modelcollapse.validation import contest
from modelcollapse.validation.figures import Curve, Points, plot_best_policies, plot_curves, plot_remedy_map

# %% [markdown]
# ## One budget
#
# Twenty directions with a power-law spectrum, four generations, label noise 0.5. Every generation may have 25 real
# rows, 80 rows that the model before labels, and 80 calls of a verifier that is itself a little off the truth. A real
# row costs five times what a synthetic one does. Every remedy is tried by least squares and with the one penalty that
# is best for it; most of the time goes to the store with a penalty, whose theorem is derived first.

# %%
d = 20
population = mc.Population(mc.PowerLaw(d, 1.5), mc.UniformTarget())
verifier = mc.Coefficients(0.3 * (np.arange(d) == 0))
budget = mc.Budget(25, 80, 80, prices=mc.Prices(real_row=5.0, synthetic_row=1.0, verifier_call=0.5))
plain = [Replace(), AccumulateRows(), OnlyReal(), Mix(every_row=True), KeepReal(), VerifyShare()]
remedies = [*plain, *map(WithPenalty, plain), LatePenalty()]
study = mc.best_policy(population, budget, 4, remedies, noise=0.5, verifier=verifier, effort=Effort(9, 1e-3, 2))
assert all(one.certificate.holds for one in study.policies)
assert study.best.title == "accumulate, one penalty"
assert all(study[f"{one.title}, one penalty"].error < study[one.title].error for one in plain)
study

# %%
_ = plot_best_policies(study, ax=plt.subplots(figsize=(7.2, 3.5), layout="constrained")[1])

# %% [markdown]
# A penalty helps every remedy, and decides between them: a store with a penalty does best here and needs neither real
# rows nor a verifier, a late penalty beats one that is the same throughout, and least squares on real rows alone, which
# no collapse can reach, is last. Which remedy wins where is another question; maps below.

# %% [markdown]
# ## A penalty chosen from data
#
# Who trains on generated labels does not know the best penalties. Generalised cross-validation takes what is best
# against the *labeller*, the model before; real rows that are held out for the purpose say what is best against the
# *truth* today. Neither knows that later generations shrink again, as the oracle does. Below, the oracle's schedule
# and both rules: lines are theory in the limit of many rows, where nothing a rule sees is left to chance; marks are
# chains in which it sees 90 drawn rows, and lie off their lines by what so few rows leave to chance.

# %%
steep = mc.replace(mc.Population(mc.PowerLaw(60, 1.5), mc.SourceCondition(0.5)), generations=5, rows=90, noise=0.5)
choices = np.geomspace(1e-4, 3.0, 60)
oracle = mc.optimise_schedule(steep, mc.FREE)
drawn = mc.simulate(oracle.chain, 200, sampler=mc.WISHART)  # whose rows are those of `simulate_tuned`
rules = {"90 held-out real rows": mc.HeldOut(90, 0.5), "cross-validation": mc.CROSS_VALIDATED}
limits = {name: mc.practical_penalties(steep, rule, choices) for name, rule in rules.items()}
tuned = {name: mc.simulate_tuned(steep, rule, choices, 200) for name, rule in rules.items()}
tuned["cross-validation"]

# %%
generation = np.arange(1, len(steep) + 1)
errors = [Curve("oracle", generation, oracle.error, Points(generation, drawn.mean, drawn.standard_error))]
penalties = [Curve("oracle", generation, oracle.penalty)]
for place, (name, found) in enumerate(tuned.items(), start=1):
    marks = Points(generation, found.mean, found.standard_error).moved(0.06 * place)
    errors.append(Curve(name, generation, mc.scheduled_error(steep, limits[name]), marks))
    chosen = Points(generation, found.median_penalty, np.zeros(len(steep))).moved(0.06 * place)
    penalties.append(Curve(name, generation, limits[name], chosen))
_, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
plot_curves(errors, ax=left)
plot_curves(penalties, ax=right)
left.set(xlabel="generation", ylabel="excess error", xticks=generation, ylim=(0.0, None))
_ = right.set(xlabel="generation", ylabel="penalty (median of replicates)", xticks=generation, yscale="log")

# %% [markdown]
# Both rules win at first, where the oracle shrinks little and pays for it, and lose in the end. That they lose is no
# matter of chance: the same rows, replicate by replicate.

# %%
for name, found in tuned.items():
    lost = found.errors[:, -1] - drawn.errors[:, -1]
    error = lost.std(ddof=1) / np.sqrt(lost.size)
    print(f"{name}: {lost.mean():.3f} +- {error:.3f} more than the oracle's {drawn.mean[-1]:.3f}")
    assert lost.mean() > 5 * error

# %% [markdown]
# ## One price
#
# `Funds` are one amount that buys any goods; how many real rows it buys is then one more parameter, and what is left
# goes to synthetic ones. At ten times the price of a synthetic row, one real row in every generation is all that a
# mixture should buy, and a store, which buys none, does better still.

# %%
funds = mc.Funds(300.0, mc.Prices(real_row=10.0, synthetic_row=1.0))
priced = mc.best_policy(population, funds, 3, [Mix(), OnlyReal(), Replace(), AccumulateRows()], noise=0.5)
assert priced["real and synthetic rows"].values == (1.0,)
priced

# %% [markdown]
# ## Where a verifier does harm
#
# One verified round on many rows, of a model 0 with the error $|a|^2$ and a verifier with the error $|b|^2$ at right
# angles to it. A verifier that keeps the 30 % of rows nearest to it helps below the line, which is the statement of
# `theory/statements/remedies.py`; as the errors grow past the noise, no verifier is bad enough to do harm.

# %%
flat = mc.Population(mc.Isotropic(3), mc.UniformTarget())
a, b = mc.Coefficients([1.0, 0.0, 0.0]), mc.Coefficients([0.0, 1.0, 0.0])
rows = mc.Budget(0, 10**9, 10**9)
verified = mc.remedy_map(
    flat,
    rows,
    1,
    [Replace(), VerifyShare(0.3)],
    x=StartingError(tuple(np.linspace(0.05, 1.5, 15))),
    y=VerifierError(tuple(np.linspace(0.05, 3.0, 15))),
    noise=1.0,
    initial=a,
    verifier=b,
)
assert [curve.statement.name for curve in verified.curves] == [
    "the worst verifier of a given strictness that still helps"
]
plot_remedy_map(verified).figure

# %% [markdown]
# ## Real rows, or everything that was ever generated
#
# In the end, at the same number of rows: a share of fresh real rows, beside synthetic ones or alone, against a store of
# the synthetic rows. Many rows per direction leave one number, near 0.26, above which real rows win; near interpolation
# the mixture is lost, and least squares of least norm on the real rows alone is best.

# %%
store = mc.remedy_map(
    mc.Population(mc.Isotropic(100), mc.UniformTarget()),
    mc.Budget(600, 600),
    2,
    [Mix(every_row=True), OnlyReal(), AccumulateRows()],
    x=RealShare(tuple(np.linspace(0.05, 0.95, 19))),
    y=AspectRatio(tuple(np.linspace(0.02, 0.9, 12))),
    noise=1.0,
    endless=True,
)
plot_remedy_map(store).figure

# %% [markdown]
# ## Do the winners win?
#
# At random points off the boundaries the best two of four remedies met in simulation, with common random numbers, until
# the sign of the difference of their errors was known at every look (`make contest`).

# %%
held = contest.committed()
assert held.count(contest.Decision.LOST) == 0
held
