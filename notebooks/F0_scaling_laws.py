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
# # Scaling laws of self-training
#
# How fast does the error fall with the rows when labels come from models, and where does it stop falling? On a
# power-law spectrum everything is a power of the rows $T$: the penalty $T^{-\ell}$, the number of generators $T^a$,
# the rows of each $T^b$. The law, its constants included, is derived from the theorem's own expression.

# %%
import matplotlib.pyplot as plt
import numpy as np
import sympy

from modelcollapse.theory.asymptotics import Demystified, optimal_penalty, scaling_law
from modelcollapse.theory.evaluation.law_errors import errors_along
from modelcollapse.validation import figures

# %% [markdown]
# ## With symbols
#
# The conditions say where these are the leading terms; another example of numbers (`near=`) asks for another regime.

# %%
beta, r, ell, a, b, phi = sympy.symbols("beta r ell a b phi_0", positive=True)
law = scaling_law(Demystified(beta, r, ell, a, b, phi))
law

# %%
for step in law.derivation[:5]:
    print(step.words, ": ", step.formula, sep="")

# %% [markdown]
# ## With numbers: law and theorem
#
# Lines are the law, marks the theorem; the legend has the slopes between the last two marks. The generators' noise is
# the largest part here: b = .8 is too few rows. What the picture calls collapse is the sum of the table's two terms of
# generators' noise, $T^{-.5}$ and $T^{-.7}$: its slope up to a million rows is -.507, and goes to -.5 beyond.

# %%
family = Demystified(exponent=1.5, source=0.5, penalty=0.45, generator_rows=0.8, generator_ratio=0.5)
rows = np.geomspace(1e3, 1e6, 7)
figures.plot_scaling_law(scaling_law(family), rows, ax=plt.subplots(figsize=(7, 4.5))[1])
plt.show()
print(scaling_law(family))

# %% [markdown]
# Move the exponents: the slopes in the legend follow, and where two lines cross, another term takes over. At first the
# sliders stand at a slightly larger penalty than above, $T^{-.42}$: the bias now falls more slowly, the generators'
# noise faster, and from some ten thousand rows on it is the bias that binds. (Without ipywidgets, and on paper, this
# is the picture.)


# %%
def law_and_theorem(source, penalty, generator_rows):
    moved = Demystified(1.5, source, penalty, generator_rows=generator_rows, generator_ratio=0.5)
    return figures.plot_scaling_law(scaling_law(moved), rows)


figures.explore(
    law_and_theorem,
    source=figures.Slider(0.5, 0.2, 0.9),
    penalty=figures.Slider(0.42, 0.2, 0.9),
    generator_rows=figures.Slider(0.8, 0.7, 1.05),
)

# %% [markdown]
# ## Outside its range: the plateau
#
# A penalty below the last eigenvalue, $\ell > b \beta$, shrinks nothing of what the generators added. The law says so
# itself.

# %%
for regime in scaling_law(Demystified(1.5, 0.5, 0.6, generator_rows=0.2, generator_ratio=0.5)).regimes:
    print(regime)

# %% [markdown]
# ## The best penalty
#
# Where the bias meets the noise that binds. Without the exponent of the generators' rows the clean optimum would be
# $\ell = \beta/(2r\beta + 1) = .6$; here it is .48.

# %%
best = optimal_penalty(family)
print(best)

# %%
figure, axes = plt.subplots(figsize=(7, 4.5))
for power in (3, 4, 5):
    many = 10.0**power
    penalties = best.penalty_at(many) * np.geomspace(0.05, 20, 25)
    (line,) = axes.plot(penalties, errors_along(family, many, penalty=penalties).error, label=f"$T = 10^{power}$")
    at_best = errors_along(family, many, penalty=best.penalty_at(many)).error
    axes.plot(best.penalty_at(many), at_best, "o", color=line.get_color(), markeredgecolor="white")
axes.set(xscale="log", yscale="log", xlabel="penalty of the last fit", ylabel="excess error")
axes.set_title("Dots: the penalty of the law")
axes.legend(frameon=False)
plt.show()

# %%
assert best.exponent == sympy.Rational(12, 25)
assert abs(errors_along(family, 1e5).collapse / errors_along(family, 1e6).collapse / np.sqrt(10) - 1) < 0.02
