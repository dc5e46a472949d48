"""Generations as fits: each with the rule that the engine derives for fits of its shape."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

from ..algebra.canonical import canonical
from ..algebra.expression import Expression, Role, Source
from ..algebra.generations import Generation, gaussians
from ..algebra.pencil import refuse_two_meanings
from ..algebra.polynomial import Letter
from ..algebra.risk import sources_of
from ..algebra.shape import shape_of_model
from ..algebra.stage import stage, substituted
from ..problem.errors import Swell
from .derived_rule import DerivedRule, derived_rule


@final
@dataclass(frozen=True, eq=False)
class Fit:
    """One generation.

    Attributes:
        before: the model that labels its rows, at first the truth.
        model: the new model.
        rule: what the fit does to the model before, shared by all fits of its shape.
        shares: the rule's letter of the share of the truth, and of every offset, in the model before.
        noises: the names of its own noises, e_1, e_2, ... of the rule.
        names: the rule's letter for every letter of the fit that is no function of the eigendirection.
    """

    before: Expression
    model: Expression
    rule: DerivedRule
    shares: Mapping[str, Letter]
    noises: tuple[str, ...]
    names: Mapping[Letter, Letter]

    @cached_property
    def letters(self) -> Mapping[Letter, Letter]:
        """The fit's letter for a letter of the rule."""
        return {known: name for name, known in self.names.items()}

    def noise(self, added: str) -> str | None:
        """The noise that something added by the rule is due to, None for vectors."""
        return self.noises[int(added.removeprefix("e_")) - 1] if added.startswith("e_") else None


def fits_of(generations: Iterable[Generation], truth: Source) -> tuple[Fit, ...] | None:
    """Generations under derived rules; None where they depend on each other or have no reduced form.

    Args:
        generations: pairs of the model before and the new model.
        truth: w_0.

    Raises:
        SpecificationError: for a letter that is a number in one generation and an eigenvalue in another.
    """
    found = []
    for before, model in generations:
        if not gaussians(before).isdisjoint(gaussians(model, until=before)):
            return None
        fit = _fit(before, model, truth)
        if fit is None:
            return None
        found.append(fit)
    spectral = {letter for fit in found for letter in fit.rule.program.spectral}
    refuse_two_meanings((letter for fit in found for letter in fit.names), spectral)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Known:
    """The first fit of a shape, and its letters in the order of the shape."""

    letters: tuple[Letter, ...]
    fit: Fit | None


_KNOWN: OrderedDict[Hashable, _Known] = OrderedDict()
_MOST_KNOWN = 256


def _fit(before: Expression, model: Expression, truth: Source) -> Fit | None:
    """A generation under its rule, which is derived for the first one of a shape."""
    shape = shape_of_model(model, before, truth)
    known = _KNOWN.get(shape.key)
    if known is None:
        known = _KNOWN[shape.key] = _Known(shape.letters, _derived(before, model, truth))
        if len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.popitem(last=False)
    _KNOWN.move_to_end(shape.key)
    if known.fit is None:
        return None
    there = known.fit.names
    names = {own: there[one] for own, one in zip(shape.letters, known.letters, strict=True) if one in there}
    noises = tuple(one.name for one in sources_of(substituted(model, before, truth)) if one.role is Role.NOISE)
    return replace(known.fit, before=before, model=model, names=names, noises=noises)


def _derived(before: Expression, model: Expression, truth: Source) -> Fit | None:
    try:
        made = stage(model, before, truth)
    except Swell:
        return None
    program, names = canonical(made.program)
    rule = derived_rule(program)
    return None if rule is None else Fit(before, model, rule, made.shares, (), names)
