"""What a verifier does, against integrals over residual and row that know nothing of the formulas."""

import jax
import numpy as np
import pytest
from scipy import integrate, stats

from modelcollapse.theory.evaluation.exchangeable import NO_SPECTRUM
from modelcollapse.theory.evaluation.lowering import run
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules import selection as rules

DISTANCE, NOISE = 0.64, 0.81
NO_ERRORS = {rules.FALSE_KEEP: 0.0, rules.FALSE_DROP: 0.0}
ERRORS = {rules.FALSE_KEEP: 0.15, rules.FALSE_DROP: 0.2}


def stated(rule, numbers, distance=DISTANCE, noise=NOISE):
    """k, m, c and v' of a rule."""
    with jax.enable_x64(True):
        known = {rules.DISTANCE: distance, x.noise_squared: noise, x.rank: 50.0, **numbers}
        found = run(rule.definitions, known, NO_SPECTRUM)
        return [float(found[letter]) for letter in (rules.KEPT, rules.ALONG, rules.GAIN, rules.NOISE)]


def integrated(kept_moments, distance=DISTANCE):
    """The same from moments given x'u = v: v -> (P(kept), E[r'; kept], E[r'^2; kept])."""
    spread = np.sqrt(distance)

    def mean(function):
        value, _ = integrate.quad(
            lambda v: function(v) * stats.norm.pdf(v, scale=spread), -9 * spread, 9 * spread, limit=400
        )
        return value

    kept = mean(lambda v: kept_moments(v)[0])
    along = mean(lambda v: v**2 * kept_moments(v)[0]) / kept / distance
    gain = mean(lambda v: v * kept_moments(v)[1]) / kept / along / distance
    noise = mean(lambda v: kept_moments(v)[2] - 2 * gain * v * kept_moments(v)[1] + gain**2 * v**2 * kept_moments(v)[0])
    return [kept, along, gain, noise / kept]


def moments(v, lower, upper, noise=NOISE):
    """P, E r and E r^2 of residuals v + noise inside limits, by the formulas of the truncated normal law."""
    s = np.sqrt(noise)
    a, b = (lower - v) / s, (upper - v) / s
    mass = stats.norm.cdf(b) - stats.norm.cdf(a)
    first = stats.norm.pdf(a) - stats.norm.pdf(b)
    ends = [0.0 if np.isinf(end) else end * stats.norm.pdf(end) for end in (a, b)]
    second = mass + ends[0] - ends[1]
    return np.array([mass, v * mass + s * first, v**2 * mass + 2 * v * s * first + s**2 * second])


def whole(v, noise=NOISE):
    return np.array([1.0, v, v**2 + noise])


def erring(inside, v):
    return (1 - ERRORS[rules.FALSE_DROP]) * inside + ERRORS[rules.FALSE_KEEP] * (whole(v) - inside)


LIMITS = [(-1.2, 1.2), (-0.4, 1.7), (0.9, 2.5), (-np.inf, 0.3)]


@pytest.mark.parametrize(("lower", "upper"), LIMITS)
def test_a_window(lower, upper):
    found = stated(rules.WINDOW, NO_ERRORS | {rules.LOWER: lower, rules.UPPER: upper})
    np.testing.assert_allclose(found, integrated(lambda v: moments(v, lower, upper)), rtol=1e-7)


def test_a_window_of_a_verifier_that_errs():
    found = stated(rules.WINDOW, ERRORS | {rules.LOWER: -0.4, rules.UPPER: 1.7})
    np.testing.assert_allclose(found, integrated(lambda v: erring(moments(v, -0.4, 1.7), v)), rtol=1e-7)


def test_a_tolerance_that_grows_with_the_norm():
    found = stated(rules.NORM_WINDOW, NO_ERRORS | {rules.SLOPE: 0.1, rules.OFFSET: 0.3})
    tolerance = 0.3 + 0.1 * np.sqrt(50)
    np.testing.assert_allclose(found, integrated(lambda v: moments(v, -tolerance, tolerance)), rtol=1e-7)


@pytest.mark.parametrize(("share", "raw"), [(0.125, 0.0082), (0.3, 0.0485), (0.5, 0.1427), (0.7, 0.310), (0.9, 0.623)])
def test_the_share_of_smallest_residuals(share, raw):
    """The raw second moments that the specification lists, free of any scale."""
    kept, _, gain, noise = stated(rules.TOP_SHARE, NO_ERRORS | {rules.SHARE: share})
    assert kept == pytest.approx(share, rel=1e-12)
    of_gain = gain * NOISE / (NOISE + DISTANCE - gain * DISTANCE)
    assert of_gain == pytest.approx(raw, abs=5e-4)
    assert noise == pytest.approx(gain * NOISE, rel=1e-14)


def again(v, tries, keep_last):
    """At most `tries` draws, one after the other."""
    good = moments(v, -0.7, 0.7)
    bad = whole(v) - good
    total, reached = np.zeros(3), 1.0
    for _ in range(tries):
        total, failed = total + reached * good, reached
        reached = reached * bad[0]
    return total + (failed * bad if keep_last else 0)


@pytest.mark.parametrize("tries", [1, 2, 5])
@pytest.mark.parametrize(("rule", "keep_last"), [(rules.RESAMPLED, False), (rules.LAST_TRY, True)])
def test_labels_drawn_again(rule, keep_last, tries):
    found = stated(rule, NO_ERRORS | {rules.LOWER: -0.7, rules.UPPER: 0.7, rules.TRIES: float(tries)})
    np.testing.assert_allclose(found, integrated(lambda v: again(v, tries, keep_last)), rtol=1e-7)


def test_one_try_is_rejection():
    numbers = NO_ERRORS | {rules.LOWER: -0.4, rules.UPPER: 1.1}
    once = stated(rules.RESAMPLED, numbers | {rules.TRIES: 1.0})
    np.testing.assert_allclose(once, stated(rules.WINDOW, numbers), rtol=1e-11)


# Tries, contraction and share kept of the specification: U = v = 1, tolerance .7.
TRIED = [(1, 0.1465, 0.379), (2, 0.1462, 0.597), (4, 0.1456, 0.803), (16, 0.1439, 0.970), (64, 0.1427, 0.995)]
LAST = [(1, 1.0), (2, 0.825), (4, 0.612), (16, 0.291), (64, 0.180)]


def test_execution_feedback_as_the_specification_has_it():
    numbers = NO_ERRORS | {rules.LOWER: -0.7, rules.UPPER: 0.7}
    for tries, gain, kept in TRIED:
        found = stated(rules.RESAMPLED, numbers | {rules.TRIES: float(tries)}, 1.0, 1.0)
        assert (found[2], found[0]) == pytest.approx((gain, kept), abs=6e-4)
    for tries, gain in LAST:
        assert stated(rules.LAST_TRY, numbers | {rules.TRIES: float(tries)}, 1.0, 1.0)[2] == pytest.approx(
            gain, abs=6e-4
        )


@pytest.mark.parametrize("shrink", [0.6, 1.0])
def test_revision(shrink):
    def revised(v):
        inside = moments(v, -1.2, 1.2)
        outside = whole(v) - inside
        return inside + outside * np.array([1.0, 1 - shrink, (1 - shrink) ** 2])

    found = stated(rules.REVISED, {rules.THRESHOLD: 1.2, rules.SHRINK: shrink})
    np.testing.assert_allclose(found, integrated(revised), rtol=1e-7)


def test_replacing_outer_labels_contracts_more_than_dropping_them():
    replaced = stated(rules.REVISED, {rules.THRESHOLD: 1.2, rules.SHRINK: 1.0})
    dropped = stated(rules.WINDOW, NO_ERRORS | {rules.LOWER: -1.2, rules.UPPER: 1.2})
    assert replaced[2] < dropped[2]
    assert replaced[0] == 1.0 > dropped[0]


@pytest.mark.parametrize("width", [1e-3, 1e-8])
def test_narrow_windows_keep_their_digits(width):
    """a = (tolerance/omega)^2/3 to leading order: differences of distribution functions would have lost it."""
    kept, _, gain, _ = stated(rules.WINDOW, NO_ERRORS | {rules.LOWER: -width, rules.UPPER: width})
    omega = np.sqrt(DISTANCE + NOISE)
    assert kept == pytest.approx(2 * width / omega / np.sqrt(2 * np.pi), rel=1e-6)
    assert gain == pytest.approx((width / omega) ** 2 / 3 * omega**2 / NOISE, rel=1e-6)


def test_windows_in_the_tail():
    """Far out all kept residuals sit at the lower limit: a -> (l/omega)^2 (1 + 2/(l/omega)^2 + ...)."""
    omega = np.sqrt(DISTANCE + NOISE)
    limit = 30 * omega
    kept, along, _, _ = stated(rules.WINDOW, NO_ERRORS | {rules.LOWER: limit, rules.UPPER: np.inf})
    assert np.log(kept) == pytest.approx(stats.norm.logsf(30), rel=1e-12)
    raw = (along * omega**2 - NOISE) / DISTANCE
    assert raw == pytest.approx(30**2 + 2 - 2 / 30**2, rel=1e-5)
