"""Selections: which generated rows are kept, judged by their labels.

With a verifier w_v = w_0 + offset, a row has the residual r = y - x'w_v. A selection acts once, when rows are
generated, on sources that the truth does not label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from . import checks
from .checks import Scalar
from .errors import SpecificationError
from .target import Target


@final
@dataclass(frozen=True)
class KeepAll:
    """Every row is kept."""


@final
@dataclass(frozen=True)
class ResidualWindow:
    """Rows with lower <= r <= upper are kept.

    Args:
        verifier: offset of the verifier from the truth, a `Target`.
        lower, upper: in label units, lower < upper.
    """

    verifier: Target
    lower: Scalar
    upper: Scalar

    def __post_init__(self) -> None:
        _require_verifier(self.verifier)
        object.__setattr__(self, "lower", checks.real("lower", self.lower))
        object.__setattr__(self, "upper", checks.real("upper", self.upper))
        known = checks.is_number(self.lower) and checks.is_number(self.upper)
        if known and not float(self.lower) < float(self.upper):
            raise SpecificationError("lower", self.lower, f"a number below upper = {self.upper}")


@final
@dataclass(frozen=True)
class NormWindow:
    """Rows with |r| <= offset + slope |x|_Sigma^-1 are kept: a verifier whose tolerance depends on the row's norm.

    Args:
        verifier: offset of the verifier from the truth, a `Target`.
        slope: >= 0.
        offset: > 0, in label units.
    """

    verifier: Target
    slope: Scalar
    offset: Scalar

    def __post_init__(self) -> None:
        _require_verifier(self.verifier)
        object.__setattr__(self, "slope", checks.nonnegative("slope", self.slope))
        object.__setattr__(self, "offset", checks.positive("offset", self.offset))


@final
@dataclass(frozen=True)
class TopShare:
    """The given share of the rows with the smallest |r| is kept.

    Args:
        verifier: offset of the verifier from the truth, a `Target`.
        share: in (0, 1].
    """

    verifier: Target
    share: Scalar

    def __post_init__(self) -> None:
        _require_verifier(self.verifier)
        share = checks.share("share", self.share)
        object.__setattr__(self, "share", checks.positive("share", share))


@final
@dataclass(frozen=True)
class Unreliable:
    """A selection that errs: a good row is dropped with probability `false_drop`, a bad one kept with `false_keep`.

    Args:
        selection: what a reliable verifier would do.
        false_keep, false_drop: probabilities in [0, 1].
    """

    selection: ResidualWindow | NormWindow | TopShare
    false_keep: Scalar
    false_drop: Scalar

    def __post_init__(self) -> None:
        if not isinstance(self.selection, ResidualWindow | NormWindow | TopShare):
            raise SpecificationError("selection", self.selection, "ResidualWindow, NormWindow or TopShare")
        object.__setattr__(self, "false_keep", checks.share("false_keep", self.false_keep))
        object.__setattr__(self, "false_drop", checks.share("false_drop", self.false_drop))


@final
@dataclass(frozen=True)
class Resample:
    """A label that is not kept is drawn again, up to `tries` times.

    Args:
        selection: a window, which judges every row by itself (a `TopShare` does not).
        tries: a whole number >= 1.
        keep_last: whether the last try is kept in any case.
    """

    selection: ResidualWindow | NormWindow | Unreliable
    tries: int
    keep_last: bool = False

    def __post_init__(self) -> None:
        inner = self.selection.selection if isinstance(self.selection, Unreliable) else self.selection
        if not isinstance(inner, ResidualWindow | NormWindow):
            raise SpecificationError("selection", self.selection, "a window, which judges every row by itself")
        object.__setattr__(self, "tries", checks.concrete_size("tries", self.tries))
        checks.flag("keep_last", self.keep_last)


@final
@dataclass(frozen=True)
class Revise:
    """A label with |r| > threshold is moved towards the verifier's: its residual becomes (1 - shrink) r.

    Args:
        verifier: offset of the verifier from the truth, a `Target`.
        threshold: > 0, in label units.
        shrink: in [0, 1].
    """

    verifier: Target
    threshold: Scalar
    shrink: Scalar

    def __post_init__(self) -> None:
        _require_verifier(self.verifier)
        object.__setattr__(self, "threshold", checks.positive("threshold", self.threshold))
        object.__setattr__(self, "shrink", checks.share("shrink", self.shrink))


KEEP_ALL = KeepAll()
Selection: TypeAlias = KeepAll | ResidualWindow | NormWindow | TopShare | Unreliable | Resample | Revise


def require_selection(value: object) -> None:
    """Raise `SpecificationError` for anything but a selection."""
    if not isinstance(value, KeepAll | ResidualWindow | NormWindow | TopShare | Unreliable | Resample | Revise):
        raise SpecificationError("selection", value, "KeepAll(), TopShare(verifier, share) or another selection")


def verifier_of(selection: Selection) -> Target | None:
    """The verifier's offset from the truth; None where nothing is judged.

    >>> from modelcollapse.theory.problem import Coefficients
    >>> verifier_of(Resample(ResidualWindow(Coefficients([0.5]), -1, 1), tries=3))
    Coefficients(values=array([0.5]))
    """
    match selection:
        case KeepAll():
            return None
        case Unreliable() | Resample():
            return verifier_of(selection.selection)
        case _:
            return selection.verifier


def _require_verifier(value: object) -> None:
    if not isinstance(value, Target):
        raise SpecificationError("verifier", value, "a Target: the verifier's offset from the truth")
