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
# # Real data: where Gaussian theory holds, and where not
#
# The theory assumes Gaussian covariates and reads nothing of them but their covariance. Real ones are not Gaussian.
# Here two data sets that come with scikit-learn are read as populations; chains are then run twice, on Gaussian rows
# of the same covariance and on rows drawn from the data, and the two are held against each other.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modelcollapse as mc
from modelcollapse.numerics.designs import ResampledRows
from modelcollapse.validation.covariates import covariate_ratio, judge_covariates
from modelcollapse.validation.figures import plot_covariates, plot_generations, plot_population
from modelcollapse.validation.real_data import diabetes, digits

# %% [markdown]
# ## Read
#
# Columns are centred, constant ones are dropped, the others are scaled to unit variance. The covariance gives the
# spectrum, least squares on all rows gives the truth, the residuals give the noise. For data of your own:
# `mc.population_from_data(X, y)`.

# %%
patients = diabetes()
patients

# %%
images = digits()
images

# %%
for data in (patients, images):
    covariance = data.rows.T @ data.rows / len(data.rows)
    np.testing.assert_allclose(covariance, np.diag(data.population.spectrum.eigenvalues()), atol=1e-12)


# %% [markdown]
# ## Predict and run
#
# Six generations of ridge regression on each data set. Label noise is integrated out, which leaves the means as they
# are and makes the error bars small.


# %%
def experiments(data, rows, penalty, replicates=256):
    """Prediction, experiment on Gaussian rows, experiment on rows of the data set."""
    chain = mc.replace(data.population, generations=6, rows=rows, noise=data.noise, estimator=mc.Ridge(penalty))
    gaussian = mc.simulate(chain, replicates, seed=0, noise=mc.INTEGRATED)
    real = mc.simulate(chain, replicates, seed=1, noise=mc.INTEGRATED, design=ResampledRows(data.rows))
    return mc.predict(chain), gaussian, real


results = {"diabetes, 60 rows, penalty 0.01": experiments(patients, 60, 1e-2)}

# %%
results["digits, 200 rows, penalty 0.3"] = experiments(images, 200, 0.3)
results["digits, 200 rows, penalty 0.01"] = experiments(images, 200, 1e-2)

# %%
_, panels = plt.subplots(2, 3, figsize=(13, 6.6), layout="constrained")
for (name, (prediction, gaussian, real)), (above, below) in zip(results.items(), panels.T, strict=True):
    plot_generations(prediction, {"Gaussian rows": gaussian, "rows of the data set": real}, ax=above).set_title(name)
    plot_covariates(gaussian, real, ax=below)

# %% [markdown]
# The line goes through the Gaussian dots, up to the finite-size gap of ten covariates. The diamonds follow it for the
# patients, whose measurements are close to Gaussian; for the images it depends on the penalty. Many pixels are blank in
# almost every image: a fit on 200 images sees such a pixel once or never, and with a small penalty trusts what it saw.

# %%
for name, (_, gaussian, real) in results.items():
    ratio = covariate_ratio(gaussian, real)
    verdicts = [judgement.verdict.value for judgement in judge_covariates(gaussian.errors, real.errors)]
    print(f"{name}: ratio {ratio.value[0]:.3f} in generation 1, {ratio.value[-1]:.3f} in generation 6; {verdicts}")

# %%
agreeing = judge_covariates(*(experiment.errors for experiment in results["diabetes, 60 rows, penalty 0.01"][1:]))
assert all(judgement.verdict is mc.Verdict.AGREES for judgement in agreeing)
departing = judge_covariates(*(experiment.errors for experiment in results["digits, 200 rows, penalty 0.01"][1:]))
assert all(judgement.verdict is mc.Verdict.DISAGREES and judgement.gap > 0 for judgement in departing[:4])

# %% [markdown]
# ## Which directions suffer
#
# Entries of a Gaussian sample of this size would stay below about 4.4 standard deviations. The figure shows the
# spectrum with the effective ridge of two penalties: a larger one takes the rarely seen directions out of play.

# %%
largest = {
    name: float(np.abs(data.rows @ data.basis.T).max()) for name, data in (("diabetes", patients), ("digits", images))
}
print({name: f"largest entry {entry:.1f} standard deviations" for name, entry in largest.items()})
assert largest["diabetes"] < 5 < 30 < largest["digits"]

_, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", sharey=True)
for ax, penalty in ((left, 0.01), (right, 0.3)):
    kappa = float(results[f"digits, 200 rows, penalty {penalty:g}"][0].effective_ridge[0])
    plot_population(images.population, effective_ridge=kappa, ax=ax).set_title(f"digits, penalty {penalty:g}")
