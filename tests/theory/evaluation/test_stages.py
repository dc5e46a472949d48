"""Independent generations as maps: equal to the rules and to whole derivations, shared by what has one shape."""

import numpy as np
import pytest
import sympy

import modelcollapse as mc
from modelcollapse.theory.algebra.generations import gaussians
from modelcollapse.theory.algebra.model import Model, ridge
from modelcollapse.theory.algebra.reduction import reduced
from modelcollapse.theory.algebra.stage import stage
from modelcollapse.theory.chains.expressed import express, independent_fits
from modelcollapse.theory.evaluation import stages
from modelcollapse.theory.evaluation.expressed import derived
from modelcollapse.theory.evaluation.fixed_point.machine import Setting
from modelcollapse.theory.evaluation.fixed_point.precision import reliable
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.trace import Trace

SPECTRUM = mc.PowerLaw(12, 1.3)
FIXED = mc.Population(SPECTRUM, mc.Coefficients(np.linspace(1, 0.1, 12)))
RANDOM = mc.Population(SPECTRUM, mc.GaussianTarget(np.linspace(0.2, 0.4, 12)))
SHIFTED, DRAWN = mc.Coefficients(np.linspace(0.1, 0.3, 12)), mc.GaussianTarget(np.linspace(0.01, 0.03, 12))


def fitted(*sources, penalty=0.05):
    return mc.Generation(sources, mc.Ridge(penalty))


BLENDED = mc.Blend(((mc.TRUTH, 0.3), (mc.PREVIOUS, 0.7)))
CHAINS = {
    "weighted mixture": mc.mix(
        FIXED, 3, real_rows=9, synthetic_rows=14, synthetic_weight=0.4, noise=0.3, estimator=mc.Ridge(0.05)
    ),
    "projection": mc.replace(RANDOM, 3, [15, 18, 14], 0.3, mc.RandomProjection(8, 0.05)),
    "disturbed rows": mc.inject_noise(FIXED, 2, 20, 0.3, mc.Ridge(0.05), label=0.2, input=0.15),
    "shifted truths": mc.Chain(
        FIXED,
        (
            fitted(mc.Source(15, 0.3), mc.Source(9, 0.2, mc.Shifted(SHIFTED))),
            fitted(
                mc.Source(13, 0.3, mc.PREVIOUS),
                mc.Source(8, 0.2, mc.Shifted(SHIFTED)),
                mc.Source(7, 0.1, mc.Shifted(DRAWN)),
            ),
        ),
    ),
    "a given first model": mc.Chain(FIXED, (fitted(mc.Source(14, 0.3, mc.PREVIOUS)),) * 2, initial=SHIFTED),
    "two covariances": mc.Chain(
        RANDOM, (fitted(mc.Source(14, 0.3), mc.Source(9, 0.2, mc.PREVIOUS, covariance=mc.Isotropic(12, 0.3))),) * 2
    ),
    "blended labels beside real ones": mc.Chain(FIXED, (fitted(mc.Source(14, 0.3, BLENDED), mc.Source(5, 0.2)),) * 3),
    "tiny penalty": mc.mix(RANDOM, 2, real_rows=4, synthetic_rows=5, noise=0.3, estimator=mc.Ridge(1e-9)),
}


def setting(chain, reading):
    k = np.arange(1, 13)
    spectral = {letter: spectrum.eigenvalues() for letter, spectrum in reading.spectra.items()}
    spectral |= {letter: one.second_moments(SPECTRUM) for letter, one in reading.second_moments.items()}
    spectral |= {letter: one.mean(k, SPECTRUM) for letter, one in reading.means.items()}
    scalars = {letter: float(value) for letter, value in reading.scalars.items()} | {"d": 12.0}
    return Setting(scalars, spectral, {"features": np.ones(12)})


@pytest.mark.parametrize("name", CHAINS)
def test_maps_agree_with_the_derivation_as_a_whole(name):
    chain = CHAINS[name]
    reading = express(chain)
    assert independent_fits(reading) is not None
    whole = reliable(derived(reading), setting(chain, reading)).targets
    prediction = mc.predict(chain)
    for g in range(len(chain)):
        own = {part.split("|")[1]: value for part, value in whole.items() if part.startswith(f"{g + 1}|")}
        noises = {part: value for part, value in own.items() if part in reading.noises}
        bias = sum(value for part, value in own.items() if part not in noises and not part.startswith("overlap"))
        overlap = sum(value for part, value in own.items() if part.startswith("overlap"))
        np.testing.assert_allclose(prediction.bias[g], bias, rtol=1e-9)
        np.testing.assert_allclose(prediction.overlap[g], overlap, rtol=1e-9)
        for m in range(len(chain)):
            injected = sum((value for part, value in noises.items() if reading.noises[part] == m + 1), start=0.0)
            np.testing.assert_allclose(prediction.by_generation[g, m], injected, rtol=1e-9)
    np.testing.assert_allclose(prediction.by_mode.sum(axis=1), prediction.error, rtol=1e-12)


def exact(expression, values, spectrum):
    """The value in exact fractions, traces as sums over a few eigendirections."""

    def trace(function):
        return sum(
            function.subs(direction, simultaneous=True).subs(values, simultaneous=True) for direction in spectrum
        )

    return sympy.nsimplify(expression.replace(Trace, trace).subs(values, simultaneous=True))


def test_the_map_of_a_ridge_fit_is_the_resolvent_rule():
    """Identically: in exact fractions, at a spectrum of three directions with a state of three unequal parts each."""
    m = Model()
    before_rows, rows = m.design("X_1", "n"), m.design("X_2", "n")
    before = ridge(before_rows, before_rows @ m.truth + m.noise("sigma"), "lambda")
    own = stage(ridge(rows, rows @ before + m.noise("sigma"), "lambda"), before, m.truth)
    results = reduced(own.program).results
    kappa, margin, sigma = sympy.Rational(2, 7), sympy.Rational(5, 3), sympy.Rational(3, 5)
    spectrum = []
    for s, theta, kept, cov, weight in ((3, 2, (1, 2), 5, 7), (2, 3, (1, 3), 4, 1), ((1, 2), 5, (1, 5), 1, 3)):
        s, kept = sympy.Rational(*np.atleast_1d(s).tolist()), sympy.Rational(*kept)
        direction = {x.s: s, x.q: s / (s + kappa), x.p: kappa / (s + kappa), x.tau: s * theta, x.kept: kept}
        direction |= {x.lost: 1 - kept, x.spread: s * cov, x.weight: weight / s}
        direction |= {x.spectral("theta"): theta, x.spectral("#R_w_0"): kept, x.spectral("#P"): 1 - kept}
        direction |= {x.spectral("#U"): cov, x.spectral("#B"): weight}
        spectrum.append(direction)
    values = {x.kappa: kappa, x.noise: sigma, x.margin_1: margin, sympy.Symbol("D_n", positive=True): margin}
    values |= {symbol: margin for symbol in results["spread e_1"].free_symbols if symbol.name == "D_n"}
    rule = dict(RESOLVENT.forward())
    pq = exact(Trace(x.p * x.q), values, spectrum)
    values |= {x.margin_2: margin + pq}
    values |= {x.chi: exact(rule[x.chi], values, spectrum)}
    # A weight B on the covariance is a weight B/s on its product with s.
    spread = exact(Trace(x.weight * rule[x.spread]), values, spectrum)
    parts = sum(exact(results[name], values, spectrum) for name in results if name.startswith("spread"))
    assert sympy.simplify(spread - parts) == 0
    lost = exact(results["lost"], values, spectrum)
    carried = results["carried"].subs(x.spectral("#B"), x.spectral("#B") * x.lost)
    total = lost + exact(carried, values, spectrum)
    weighted = Trace(x.spectral("#B") * rule[x.lost])
    assert sympy.simplify(exact(weighted, values, spectrum) - total) == 0


def test_rows_that_are_used_again_make_generations_dependent():
    reading = express(mc.accumulate(RANDOM, 3, 15, 0.3, mc.Ridge(0.05)))
    before, after = reading.estimators[:2]
    assert gaussians(before) & gaussians(after, until=before)
    assert independent_fits(reading) is None
    kept = mc.Chain(
        RANDOM, (mc.Generation((mc.Source(15, 0.3, mc.PREVIOUS),), mc.RandomProjection(8, 0.1, redraw=False)),) * 2
    )
    assert independent_fits(express(kept)) is None
    earlier = (*CHAINS["weighted mixture"].generations[:2], fitted(mc.Source(15, 0.3, mc.LabelledBy(1))))
    assert independent_fits(express(mc.Chain(RANDOM, earlier))) is None


def test_generations_of_one_shape_share_one_formula():
    """The first generation, as the truth is a model before it, and all later ones, whatever their numbers are."""
    rows = list(range(20, 50))
    chain = mc.Chain(RANDOM, tuple(fitted(mc.Source(n, 0.3), mc.Source(n + 1, 0.2, mc.PREVIOUS)) for n in rows))
    made = independent_fits(express(chain))
    assert len({id(fit.rule) for fit in made}) == 1
    assert made[7].letters[made[0].names["n_1"]] == "n_8"


def test_derivatives_pass_through_the_maps():
    def build(penalty):
        return mc.mix(RANDOM, 3, real_rows=9, synthetic_rows=14, noise=0.3, estimator=mc.Ridge(penalty))

    step = 1e-5
    quotient = (mc.predict(build(0.05 + step)).error[-1] - mc.predict(build(0.05 - step)).error[-1]) / (2 * step)
    assert mc.gradient(build)(0.05) == pytest.approx(quotient, rel=1e-6)


def test_magnitudes_bound_what_subtractions_start_from():
    a, b = sympy.symbols("a b", positive=True)
    assert stages.magnitude(a * b + 3) == a * b + 3
    assert stages.magnitude((a - b) ** 2) == (a + b) ** 2
    assert stages.magnitude((a - b) / (a + b)) == 1
