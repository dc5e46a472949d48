"""One line that puts a formula, a spectrum or a target of one's own under every law that speaks of it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from ...theory.problem import Chain, SpecificationError, Spectrum, Target, checks
from .book import law_named, laws_about
from .finding import LawReport
from .formula import Covers, Formula, errors_by
from .law import About, Cases, Law
from .profiles import profile_named
from .trial import first_cases, tried


def check_formula(
    formula: Formula,
    covers: Covers | st.SearchStrategy[Chain] | None = None,
    *,
    laws: Sequence[str] | None = None,
    profile: str = "ci",
    exact: bool = False,
    seed: int | None = None,
) -> LawReport:
    """Put a formula for the test error under every law that speaks of the chains it covers.

    Args:
        formula: takes a `Chain`; gives the error after every generation, an array or something with an `.error`.
            It may raise `NoTheorem` for chains that it does not cover.
        covers: which chains it covers, a function of the chain; or a strategy for chains, all of which it covers,
            and all that laws make of them where it does not raise `NoTheorem`. None for all that it answers.
        laws: names of the laws to try; None for all about formulas.
        profile: "ci" (the same cases every time), "dev" or "thorough".
        exact: whether its numbers for ridge regression are exact at finite size, so that the laws of deterministic
            equivalents do not apply.
        seed: of the draws, a whole number >= 0; None for the one of the profile.

    Returns:
        A `LawReport`; laws that speak of nothing that is covered have no cases. See `raise_if_broken`.

    Raises:
        SpecificationError: where no law has a case.

    >>> def half(chain):
    ...     return [0.5 * source.noise**2 for step in chain.generations for source in step.generated]
    >>> law = "replacement by least squares"
    >>> from modelcollapse.validation.strategies import least_squares_chains
    >>> [one.law.name for one in check_formula(half, least_squares_chains(), laws=[law]).broken]
    ['replacement by least squares']
    """
    if not callable(formula):
        raise SpecificationError("formula", formula, "a function of a chain")
    strategy = covers if isinstance(covers, st.SearchStrategy) else None
    predicate = None if strategy is not None else covers
    if predicate is not None and not callable(predicate):
        raise SpecificationError("covers", covers, "a function of a chain, a strategy for chains, or None")
    chosen, number = settings_of(profile, seed)
    errors, covers_chain = errors_by(formula, predicate), predicate or _any_chain

    @cache
    def covered(family: Cases) -> list[Chain]:
        return [chain for chain in first_cases(family()) if covers_chain(chain)]

    own: tuple[Cases, ...] = () if strategy is None else (lambda: strategy,)
    findings = []
    for law in laws_about(About.FORMULA) if laws is None else _about_formulas(laws):
        if law.equivalents and exact:
            continue
        families = [one for one in own or law.cases if any(map(law.applies, covered(one)))]
        cases = st.one_of([one() for one in families]).filter(covers_chain)
        findings.append(tried(law, chosen, number, cases=cases, formula=errors, replay=_with_formula))
    report = LawReport(f"formula {getattr(formula, '__name__', formula)}", tuple(findings))
    if not report.tried:
        raise SpecificationError("covers", covers, "at least one chain that a law speaks of")
    return report


def check_spectrum(
    spectrum: Spectrum | st.SearchStrategy[Spectrum], *, profile: str = "ci", seed: int | None = None
) -> LawReport:
    """Put a spectrum, or every spectrum that a strategy draws, under the laws that the package takes for granted.

    Args:
        spectrum: a `Spectrum` of one's own, or a strategy for such.
        profile, seed: as for `check_formula`.

    >>> from modelcollapse import PowerLaw
    >>> len(check_spectrum(PowerLaw(7, exponent=1.3)).raise_if_broken().tried)
    8
    """
    if not isinstance(spectrum, Spectrum | st.SearchStrategy):
        raise SpecificationError("spectrum", spectrum, "a Spectrum, or a strategy for spectra")
    cases = st.just(spectrum) if isinstance(spectrum, Spectrum) else spectrum
    return _checked(About.SPECTRUM, cases, f"spectrum {spectrum}", profile, seed)


def check_target(
    target: Target | st.SearchStrategy[Target], spectrum: Spectrum, *, profile: str = "ci", seed: int | None = None
) -> LawReport:
    """Put a target, or every target that a strategy draws, under the laws that the package takes for granted.

    Args:
        target: a `Target` of one's own, or a strategy for such.
        spectrum: that it fits.
        profile, seed: as for `check_formula`.

    >>> from modelcollapse import PowerLaw, SourceCondition
    >>> len(check_target(SourceCondition(0.4), PowerLaw(7, exponent=1.3)).raise_if_broken().tried)
    6
    """
    if not isinstance(target, Target | st.SearchStrategy):
        raise SpecificationError("target", target, "a Target, or a strategy for targets")
    if not isinstance(spectrum, Spectrum):
        raise SpecificationError("spectrum", spectrum, "a Spectrum")
    drawn = st.just(target) if isinstance(target, Target) else target
    return _checked(About.TARGET, st.tuples(drawn, st.just(spectrum)), f"target {target} on {spectrum}", profile, seed)


def replay(name: str, *case: Any) -> None:
    """Try a law on one case: the formula first for laws about formulas, then what a finding calls the smallest case.

    Raises:
        Violation: where the law does not hold.

    >>> import modelcollapse as mc
    >>> population = mc.Population(mc.Isotropic(6), mc.UniformTarget())
    >>> chain = mc.replace(population, 2, rows=9, noise=0.3, estimator=mc.MinimumNorm())
    >>> replay("replacement by least squares", lambda chain: [0.27, 0.27], chain)
    Traceback (most recent call last):
    ...
    modelcollapse.validation.laws.law.Violation: errors: [0.27, 0.27] against [0.27, 0.54]
    """
    law = law_named(name)
    if law.about is About.FORMULA:
        formula, *case_only = case
        law.holds(errors_by(formula), *case_only)
    else:
        law.holds(*case)


def _any_chain(chain: Chain) -> bool:
    return True


def _about_formulas(names: Sequence[str]) -> list[Law]:
    chosen = [law_named(name) for name in names]
    for law in chosen:
        if law.about is not About.FORMULA:
            raise SpecificationError("laws", law.name, "names of laws about formulas")
    return chosen


def _checked(about: About, cases: st.SearchStrategy[Any], subject: str, profile: str, seed: int | None) -> LawReport:
    chosen, number = settings_of(profile, seed)
    findings = [tried(law, chosen, number, cases=cases, replay=_without_formula) for law in laws_about(about)]
    return LawReport(subject, tuple(findings))


def settings_of(profile: str, seed: int | None) -> tuple[settings, int]:
    """Settings, and the seed: 0 where every run is to draw the same."""
    chosen = profile_named(profile)
    if seed is not None:
        return chosen, checks.concrete_size("seed", seed, least=0)
    return chosen, 0 if chosen.derandomize else secrets.randbelow(2**31)


def _with_formula(law: Law, case: str) -> str:
    return f'replay("{law.name}", formula, {case})'


def _without_formula(law: Law, case: str) -> str:
    return f'replay("{law.name}", {case})'
