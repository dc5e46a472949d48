"""The named failures of the package: nothing is answered silently wrong."""

from __future__ import annotations

import reprlib
from typing import Any


class ModelCollapseError(Exception):
    """Base of every error that this package raises on purpose."""


class SpecificationError(ModelCollapseError, ValueError):
    """An impossible value in a specification.

    Attributes:
        field: the name of the offending argument.
        value: what was given.
        allowed: what would have been accepted.

    >>> raise SpecificationError("noise", -1, "a finite number >= 0")
    Traceback (most recent call last):
    ...
    modelcollapse.theory.problem.errors.SpecificationError: noise: got -1; allowed: a finite number >= 0
    """

    def __init__(self, field: str, value: Any, allowed: str) -> None:
        self.field, self.value, self.allowed = field, value, allowed
        super().__init__(field, value, allowed)  # the arguments themselves, so that worker processes can send it back

    def __str__(self) -> str:
        return f"{self.field}: got {_shortened(self.value)}; allowed: {self.allowed}"


class TooLarge(SpecificationError):
    """A problem whose arrays cannot fit into memory, refused before any work starts."""


class NoTheorem(ModelCollapseError):
    """A question that no statement of the theorem book answers.

    Attributes:
        hypothesis: the hypothesis that fails.
        instead: what can be used in its place.

    >>> raise NoTheorem("labels are noisy", "noise > 0")
    Traceback (most recent call last):
    ...
    modelcollapse.theory.problem.errors.NoTheorem: no statement applies; needed: labels are noisy. Instead: noise > 0
    """

    def __init__(self, hypothesis: str, instead: str) -> None:
        self.hypothesis, self.instead = hypothesis, instead
        super().__init__(hypothesis, instead)

    def __str__(self) -> str:
        return f"no statement applies; needed: {self.hypothesis}. Instead: {self.instead}"


class NothingKept(ModelCollapseError, ArithmeticError):
    """A verifier that leaves no row to fit.

    Attributes:
        expected: how many rows are kept on average.
        generation: whose rows are judged; None for a chain without generations.
    """

    def __init__(self, expected: float, generation: int | None = None) -> None:
        self.expected, self.generation = expected, generation
        super().__init__(expected, generation)

    def __str__(self) -> str:
        where = "" if self.generation is None else f" in generation {self.generation}"
        kept = f"{self.expected:.3g} are kept on average"
        return f"no row is left to fit{where}: {kept}. Generate more, or keep more of them"


class NotCertified(ModelCollapseError, ArithmeticError):
    """A numerical result that could not be certified; it is withheld."""


class Irreducible(ModelCollapseError):
    """A derived program for which there is no reduced form; it can still be evaluated as it is."""


class Swell(Irreducible):
    """A reduction that was given up because its polynomials became too large.

    Attributes:
        what: what there was too much of.
        count: how much there was.
        limit: how much is allowed.
    """

    def __init__(self, what: str, count: int, limit: int) -> None:
        self.what, self.count, self.limit = what, count, limit
        super().__init__(what, count, limit)

    def __str__(self) -> str:
        return f"{self.count} {self.what}, where {self.limit} are allowed"


class MissingExtra(ModelCollapseError, ImportError):
    """A feature whose optional dependency is not installed."""

    def __init__(self, feature: str, package: str, extra: str) -> None:
        self.feature, self.package, self.extra = feature, package, extra
        super().__init__(feature, package, extra)

    def __str__(self) -> str:
        return f"{self.feature} needs {self.package}: pip install 'modelcollapse[{self.extra}]'"


def _shortened(value: Any, limit: int = 120) -> str:
    """A bounded picture of any value, even of one whose `repr` fails; long containers are not read to the end."""
    picture = reprlib.Repr()
    picture.maxother = picture.maxstring = limit
    try:
        text = picture.repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"
