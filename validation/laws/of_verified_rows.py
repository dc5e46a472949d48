"""Laws of rows that a verifier judges: how far it contracts, and which verifiers are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from hypothesis import strategies as st
from scipy.stats import norm

from ...theory.chains.selected import read_selected
from ...theory.evaluation.inputs import grouped_spectra
from ...theory.evaluation.outcome import offsets_in
from ...theory.evaluation.selected import Verified, verified
from ...theory.problem import (
    KEEP_ALL,
    Chain,
    MinimumNorm,
    NormWindow,
    Resample,
    ResidualWindow,
    Revise,
    Selection,
    TopShare,
    Unreliable,
)
from ..strategies import verified_chains
from .law import About, Errors, law, no_more, same, true
from .references import null_error


def a_factor_of_tolerance(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """By how much a verifier becomes more tolerant."""
    return st.tuples(st.sampled_from((1.01, 1.3, 3.0)))


def rejects(chain: Chain) -> bool:
    """Whether rows are judged once and for all: by a window or a share, reliably or not."""
    return all(_rejects(step.selection) for step in chain.generations)


def has_a_tolerance(chain: Chain) -> bool:
    """Whether the first verifier has one number that makes it more tolerant: symmetric windows, shares, revision."""
    first = chain.generations[0].selection
    symmetric = isinstance(first, ResidualWindow) and first.lower == -first.upper
    return symmetric or isinstance(first, NormWindow | TopShare | Revise)


def may_keep_what_agrees(chain: Chain) -> bool:
    """Whether rows are dropped or drawn again, none revised, and a residual of 0 is no reason to."""
    return all(_may_keep_0(step.selection) for step in chain.generations)


def rejects_what_agrees_least(chain: Chain) -> bool:
    """Whether rows are judged once and for all, and a residual of 0 is no reason to drop one."""
    return rejects(chain) and may_keep_what_agrees(chain)


def is_judged_least_squares(chain: Chain) -> bool:
    """Least squares on generated rows alone, none revised; a residual of 0 is no reason to drop one."""
    return may_keep_what_agrees(chain) and all(
        isinstance(step.estimator, MinimumNorm) and len(step.sources) == 1 for step in chain.generations
    )


def has_windows(chain: Chain) -> bool:
    """Whether every verifier is a window, which may err."""
    return all(_is_a_window(step.selection) for step in chain.generations)


def what_the_verifier_does(chain: Chain) -> Verified:
    """Disagreement, share kept, contraction and accepted noise of every generation, by theory."""
    with jax.enable_x64(True):
        reading = read_selected(chain)
        found = verified(chain, reading, grouped_spectra(chain.population, offsets_in(reading)))
    return Verified(*(np.asarray(one) for one in found))


@law(verified_chains, about=About.PREDICTION, applies=rejects)
def the_contraction_lies_between_1_and_the_raw_second_moment(chain: Chain) -> None:
    """min(1, a) <= c <= max(1, a), a the second moment about 0 of the residuals kept, in units of that of all."""
    seen = what_the_verifier_does(chain)
    rank = chain.population.spectrum.rank()
    spreads = np.sqrt(seen.disagreement + [step.generated[-1].noise ** 2 for step in chain.generations])
    raw = [
        _raw_second_moment(step.selection, float(spread), rank)
        for step, spread in zip(chain.generations, spreads, strict=True)
    ]
    no_more(np.minimum(1.0, raw), seen.contraction, of="smaller of 1 and the second moment, and contraction")
    no_more(seen.contraction, np.maximum(1.0, raw), of="contraction, and larger of 1 and the second moment")


@law(verified_chains, about=About.PREDICTION, applies=has_a_tolerance, details=a_factor_of_tolerance)
def a_more_tolerant_verifier_contracts_less(chain: Chain, times: float) -> None:
    """A wider symmetric window, a larger share or threshold has no smaller c_1 and k_1: c grows with the tolerance."""
    tolerant = _judged_by(chain, lambda selection: _wider(selection, times), first_alone=True)
    strict, mild = what_the_verifier_does(chain), what_the_verifier_does(tolerant)
    same(strict.disagreement[0], mild.disagreement[0], of="disagreement")
    no_more(strict.contraction[0], mild.contraction[0], of="contraction of the stricter and of the milder verifier")
    no_more(strict.kept[0], mild.kept[0], of="share that the stricter and the milder verifier keeps")


@law(verified_chains, about=About.PREDICTION, applies=rejects_what_agrees_least)
def filtering_labels_without_noise_does_not_contract(chain: Chain) -> None:
    """sigma = 0: c = 1 in every generation, and the labels that are kept have no noise."""
    seen = what_the_verifier_does(chain.with_(noise=0.0))
    same(seen.contraction, np.ones(len(chain)), of="contraction")
    true(not seen.noise.any(), f"noise of kept labels: {seen.noise.tolist()}")


@law(verified_chains, applies=is_judged_least_squares)
def a_verifier_cannot_help_least_squares_without_noise(errors: Errors, chain: Chain) -> None:
    """sigma = 0 and more than r + 1 rows kept: each model is its labeller, which rows are kept does not matter."""
    silent = chain.with_(noise=0.0)
    same(errors(silent), errors(_judged_by(silent, lambda selection: KEEP_ALL)), null_error(chain), of="errors")


@law(verified_chains, applies=has_windows)
def one_try_is_rejection(errors: Errors, chain: Chain) -> None:
    """Labels drawn at most K = 1 times, failures dropped, have the errors of labels that are judged once."""
    once = _judged_by(chain, lambda selection: Resample(selection, 1))
    same(errors(once), errors(chain), null_error(chain), of="errors")


@law(verified_chains, applies=has_windows)
def the_last_of_one_try_is_no_verifier(errors: Errors, chain: Chain) -> None:
    """Labels drawn at most K = 1 times, the last one kept in any case, have the errors of labels that no one judges."""
    last = _judged_by(chain, lambda selection: Resample(selection, 1, keep_last=True))
    same(errors(last), errors(_judged_by(chain, lambda selection: KEEP_ALL)), null_error(chain), of="errors")


def _judged_by(chain: Chain, by: Callable[[Any], Selection], first_alone: bool = False) -> Chain:
    """Other selections, made of those there are."""
    steps = chain.generations[:1] if first_alone else chain.generations
    return Chain(chain.population, tuple(replace(one, selection=by(one.selection)) for one in steps), chain.initial)


def _is_a_window(selection: Selection) -> bool:
    inner = selection.selection if isinstance(selection, Unreliable) else selection
    return isinstance(inner, ResidualWindow | NormWindow)


def _rejects(selection: Selection) -> bool:
    return isinstance(selection, ResidualWindow | NormWindow | TopShare | Unreliable)


def _may_keep_0(selection: Selection) -> bool:
    match selection:
        case Unreliable() | Resample():
            return _may_keep_0(selection.selection)
        case ResidualWindow(_, lower, upper):
            return bool(lower <= 0 <= upper)
        case _:
            return not isinstance(selection, Revise)


def _wider(selection: Any, times: float) -> Selection:
    match selection:
        case ResidualWindow(verifier, lower, upper):
            return ResidualWindow(verifier, lower * times, upper * times)
        case NormWindow(verifier, slope, offset):
            return NormWindow(verifier, slope * times, offset * times)
        case TopShare(verifier, share):
            return TopShare(verifier, min(share * times, 1.0))
        case _:
            return Revise(selection.verifier, selection.threshold * times, selection.shrink)


def _raw_second_moment(selection: Any, spread: float, rank: int) -> float:
    """E[r^2 | kept]/E r^2 for a residual of that spread, by integration by parts."""
    match selection:
        case Unreliable(inner, false_keep, false_drop):
            pass
        case _:
            inner, false_keep, false_drop = selection, 0.0, 0.0
    lower, upper = _edges(inner, spread, rank)
    mass = norm.cdf(upper) - norm.cdf(lower)
    square = mass + lower * norm.pdf(lower) - upper * norm.pdf(upper)
    kept, moment = ((1 - false_drop) * part + false_keep * (1 - part) for part in (mass, square))
    return float(moment / kept)


def _edges(selection: Any, spread: float, rank: int) -> tuple[float, float]:
    """The window in units of the spread."""
    match selection:
        case ResidualWindow(_, lower, upper):
            return lower / spread, upper / spread
        case NormWindow(_, slope, offset):
            tolerance = (offset + slope * rank**0.5) / spread
        case _:
            # All of them: far enough out that a density times its place is 0 and not 0 times infinity.
            tolerance = float(norm.ppf((1 + selection.share) / 2)) if selection.share < 1 else 40.0
    return -tolerance, tolerance


VERIFIED_ROWS = (
    the_contraction_lies_between_1_and_the_raw_second_moment,
    a_more_tolerant_verifier_contracts_less,
    filtering_labels_without_noise_does_not_contract,
    a_verifier_cannot_help_least_squares_without_noise,
    one_try_is_rejection,
    the_last_of_one_try_is_no_verifier,
)
