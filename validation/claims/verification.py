"""Claims on verified labels in regression: what an imperfect verifier prevents, and what it does not.

Labels y~ = x'w + eps of a model w are judged by a verifier w_v; a = w_init - w_0 and b = w_v - w_0 are the errors of
model 0 and of the verifier, orthogonal and with |a| = 1. All fits are least squares.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np

from ...theory.chains.family import reading_of
from ...theory.chains.selected import Selected
from ...theory.evaluation.prediction import predict
from ...theory.evaluation.selected import Verified
from ...theory.problem import (
    Chain,
    Coefficients,
    Isotropic,
    MinimumNorm,
    Population,
    PowerLaw,
    Resample,
    ResidualWindow,
    Selection,
    Spectrum,
    TopShare,
    UniformTarget,
    replace,
    verify,
)
from ...theory.problem.selection import KEEP_ALL
from ...theory.remedies.verification import seen_by_the_verifier
from ..figures.policies import plot_schemes, plot_tries
from .claim import Claim, Evidence

SETTLED = 1e-3  # relative distance from the limit that counts as there
NEAR_ITS_OWN = 100 / 1099  # above the verifier's error: what one fit on all 1200 labels of the truth would have
HARDLY = 0.05  # relative change of a contraction that counts as none
TRIES = (1, 2, 4, 16, 64)


class Predicted(Protocol):
    """The errors of a chain; a `Prediction` is one."""

    @property
    def error(self) -> Any: ...

    @property
    def limit(self) -> float: ...


ErrorsOf: TypeAlias = Callable[[Chain], Predicted]
VerdictOf: TypeAlias = Callable[[Chain], Verified]
PREDICTED: ErrorsOf = predict


def judged(
    selection: Callable[[Coefficients], Selection],
    verifier_error: float,
    *,
    spectrum: Spectrum = Isotropic(100),
    rows: int = 586,
    noise: float = 1.0,
    generations: int = 30,
) -> Chain:
    """Labels of model after model, judged by a verifier: replaced in each generation, by least squares.

    Args:
        selection: verifier -> selection.
        verifier_error: B = |b|_Sigma^2 >= 0.
        spectrum: of the rows; a is along its first direction, b along its second.
        rows: generated in each generation.
        noise: standard deviation of label noise, >= 0.
        generations: N.

    >>> chain = judged(lambda verifier: TopShare(verifier, 0.5), 0.25, spectrum=Isotropic(3), rows=40, generations=2)
    >>> chain.initial, chain.generations[0].selection.verifier
    (Coefficients(values=array([1., 0., 0.])), Coefficients(values=array([0. , 0.5, 0. ])))
    """
    scale = np.sqrt(spectrum.eigenvalues()[:2])
    rest = (0.0,) * (spectrum.dimension - 2)
    start = Coefficients((float(1 / scale[0]), 0.0, *rest))
    verifier = Coefficients((0.0, float(np.sqrt(verifier_error) / scale[1]), *rest))
    chain = replace(Population(spectrum, UniformTarget()), generations, rows=rows, noise=noise, estimator=MinimumNorm())
    return verify(Chain(chain.population, chain.generations, start), selection(verifier))


def window(half: float) -> Callable[[Coefficients], ResidualWindow]:
    """Residuals of at most `half` are kept."""
    return lambda verifier: ResidualWindow(verifier, -half, half)


def share(kept: float) -> Callable[[Coefficients], Selection]:
    """The share with the smallest residuals is kept."""
    return lambda verifier: TopShare(verifier, kept)


def verifiers_prevent_collapse(formula: ErrorsOf) -> Evidence:
    """Every verifier keeps the error bounded where all rows together make it grow for ever; three exceptions.

    A verifier that is worse than model 0 leaves a floor above its error; noise-free labels leave it nothing to choose;
    a rule that leaves hardly more rows than dimensions lets their scatter in.

    Args:
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are limits, and errors of the exceptions.
    """
    errors, bounded = dict[str, Any](), True
    for spectrum in (Isotropic(100), PowerLaw(100, 1.2)):
        grown = formula(_without(judged(window(1.0), 0.0, spectrum=spectrum)))
        bounded &= bool(np.isinf(grown.limit) and np.allclose(np.diff(grown.error), grown.error[0] - 1, rtol=1e-9))
        for worse in (0.0, 0.09, 0.5, 2.0):
            for rule in (window(0.5), window(1.0), share(1 / 3)):
                found = formula(judged(rule, worse, spectrum=spectrum, rows=1200))
                bounded &= bool(abs(found.error[-1] - found.limit) <= SETTLED * found.limit)
                bounded &= bool(0 < found.limit - worse < NEAR_ITS_OWN)
    for worse in (0.0, 0.09, 0.5, 2.0):
        errors[f"$|b|^2 = {worse:g}$"] = found = formula(judged(window(1.0), worse))
    harmed, silent = errors["$|b|^2 = 2$"], formula(judged(window(1.0), 0.5, noise=0.0))
    starved = formula(judged(share(0.26), 0.0, rows=400))
    without = formula(_without(judged(window(1.0), 0.0)))
    alone = formula(_without(judged(window(1.0), 0.0, rows=400)))
    exceptions = bool(
        harmed.error[0] > max(1.0, without.error[0])
        and harmed.limit > 1
        and np.allclose(silent.error, 1.0, rtol=1e-9)
        and starved.error[0] > alone.error[0]
    )
    numbers = {
        "limit, perfect verifier": float(errors["$|b|^2 = 0$"].limit),
        "limit, worse than model 0": float(harmed.limit),
        "noise-free labels": float(silent.error[-1]),
        "starved": float(starved.error[0]),
        "not starved": float(alone.error[0]),
    }
    drawn = {name: one.error for name, one in errors.items()} | {"all rows": without.error}
    return Evidence(bounded and exceptions, numbers, lambda ax: plot_schemes(drawn, start=1.0, ax=ax))


def a_mild_bias_gains_then_reverses(formula: ErrorsOf) -> Evidence:
    """The error falls below that of model 0, then rises to the verifier's floor; without bias it only falls.

    Args:
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are the least error and its generation, and the limit, of each verifier.
    """
    found = {bias: formula(judged(window(1.0), bias)) for bias in (0.0, 0.09, 0.5)}
    falls = np.all(np.diff(found[0.0].error) <= 1e-12)
    numbers, reverses = dict[str, float](), True
    for bias in (0.09, 0.5):
        error, limit = found[bias].error, found[bias].limit
        best = int(np.argmin(error))
        before, after = np.diff(error[: best + 1]), np.diff(error[best:])
        reverses &= bool(error[best] < 1 and np.all(before < 0) and np.all(after > -1e-12))
        reverses &= bool(limit > error[best] * (1 + SETTLED))
        numbers |= {f"best generation, {bias}": best + 1.0, f"least, {bias}": float(error[best])}
        numbers[f"limit, {bias}"] = float(limit)
    drawn = {f"$|b|^2 = {bias:g}$": one.error[:12] for bias, one in found.items()}
    return Evidence(bool(falls) and reverses, numbers, lambda ax: plot_schemes(drawn, start=1.0, ax=ax))


def keeping_the_last_try_contracts(formula: VerdictOf) -> Evidence:
    """More tries: with failures dropped c stays and all rows are used in the end; with the last kept c falls from 1.

    For a disagreement U up to the label noise s^2; at U = 4 s^2 dropping changes c by more.

    Args:
        formula: for what the verifier does.

    Returns:
        An `Evidence`; its numbers are those of U = s^2 and the half-width 0.7 s, and the exception.
    """

    def seen(half: float, disagreement: float, *, keep_last: bool) -> tuple[Any, Any]:
        found = [formula(tried(half, disagreement, tries, keep_last=keep_last)) for tries in TRIES]
        return np.array([float(one.contraction[0]) for one in found]), np.array([float(one.kept[0]) for one in found])

    holds = True
    for half in (0.3, 0.7, 1.5, 3.0):
        for disagreement in (0.25, 1.0):
            gain, kept = seen(half, disagreement, keep_last=False)
            holds &= bool(np.all(np.abs(gain / gain[0] - 1) < HARDLY) and np.all(np.diff(kept) > 0) and kept[-1] > 0.98)
            last, all_of_them = seen(half, disagreement, keep_last=True)
            holds &= bool(abs(last[0] - 1) < 1e-9 and np.all(np.diff(last) < 1e-12) and np.all(all_of_them == 1))
            holds &= bool(last[-1] < last[0] - 0.04)
    dropped, kept = seen(0.7, 1.0, keep_last=False)
    last, _ = seen(0.7, 1.0, keep_last=True)
    far, _ = seen(1.5, 4.0, keep_last=False)
    numbers = {
        "dropped, 1 try": float(dropped[0]),
        "dropped, 64 tries": float(dropped[-1]),
        "kept, 1 try": float(kept[0]),
        "kept, 64 tries": float(kept[-1]),
        "last kept, 2 tries": float(last[1]),
        "last kept, 64 tries": float(last[-1]),
        "change at U = 4": float(1 - far[-1] / far[0]),
    }
    gains, shares = {"failures dropped": dropped, "last kept": last}, {"failures dropped": kept}
    return Evidence(
        holds and numbers["change at U = 4"] > HARDLY, numbers, lambda ax: plot_tries(TRIES, gains, shares, ax=ax)
    )


def tried(half: float, disagreement: float, tries: int, *, keep_last: bool) -> Chain:
    """One generation of labels that are drawn again up to so many times, at unit label noise.

    >>> tried(0.7, 1.0, 4, keep_last=True).generations[0].selection.tries
    4
    """
    rule = partial(Resample, tries=tries, keep_last=keep_last)
    chain = judged(lambda verifier: rule(window(half)(verifier)), disagreement, spectrum=Isotropic(8), generations=1)
    return Chain(chain.population, chain.generations, Coefficients((0.0,) * 8))


def _without(chain: Chain) -> Chain:
    return verify(chain, KEEP_ALL)


def _seen(chain: Chain) -> Verified:
    reading = reading_of(chain)
    assert isinstance(reading, Selected)
    return seen_by_the_verifier(chain, reading)


VERIFICATION_CLAIMS: tuple[Claim[Any], ...] = (
    Claim(
        "imperfect verifiers prevent collapse",
        "A verifier, however biased, keeps the error of model after model bounded, near its own error; it harms where "
        "it is worse than model 0, does nothing to noise-free labels, and may leave too few rows.",
        "100 dimensions, isotropic and k^(-1.2), |b|^2 = 0, 0.09, 0.5, 2, windows and top shares, 30 generations",
        verifiers_prevent_collapse,
        PREDICTED,
    ),
    Claim(
        "a mild bias gains, then reverses",
        "Under a mildly biased verifier the error first falls below that of model 0 and then rises to the verifier's.",
        "100 dimensions, isotropic, 586 rows, window of one noise, |b|^2 = 0, 0.09, 0.5",
        a_mild_bias_gains_then_reverses,
        PREDICTED,
    ),
    Claim(
        "the last try contracts, dropped failures save rows",
        "As long as the disagreement is at most the label noise, more tries for a rejected label change what the kept "
        "rows say by less than 5 % where failures are dropped, and save rows; where the last try is kept they move it "
        "from the labeller to the verifier.",
        "1 to 64 tries, half-widths of 0.3 to 3 noises, disagreements of 0.25 and 1 noise variance",
        keeping_the_last_try_contracts,
        _seen,
    ),
)
