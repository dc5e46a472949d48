"""A law tried on drawn cases by Hypothesis, which shrinks the first one that breaks it."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, final

from hypothesis import Phase, given, reject, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from .expression import expression_of
from .finding import Finding, Holding
from .law import Law, NotCovered, Violation
from .profiles import PROFILES

SIMPLEST = 400  # characters up to which the reason of an error that is no violation is quoted


class _NothingCovered(BaseException):
    """Stops a trial at once, which an `Exception` would not: Hypothesis would shrink it."""


@final
@dataclass
class _Seen:
    """What a trial has come across."""

    held: int = 0
    left: int = 0
    case: tuple[Any, ...] = ()
    error: Exception | None = field(default=None)


def first_cases(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """The first few cases that a strategy draws, the same every time."""
    drawn: list[Any] = []
    seed(PROBES)(_LOOK(given(case=strategy)(lambda case: drawn.append(case))))()
    return drawn


PROBES = 50  # cases that are looked at before there are taken to be none that a formula covers
_LOOK = settings(PROFILES["ci"], max_examples=PROBES, phases=(Phase.generate,))


def tried(
    law: Law,
    profile: settings,
    number: int,
    *,
    cases: st.SearchStrategy[Any] | None = None,
    formula: Any = None,
    replay: Callable[[Law, str], str] = lambda law, case: "",
) -> Finding:
    """Try a law.

    Args:
        law: which one.
        profile: settings for Hypothesis.
        number: seed of the draws, mixed with the name of the law.
        cases: strategy to draw from in place of the law's own.
        formula: first argument of laws about formulas; None for other laws.
        replay: from the law and the smallest case, how to try it again.

    Returns:
        A `Finding`; an error other than `Violation` that a case raises breaks the law too.
    """
    seen, start = _Seen(), time.perf_counter()
    subject = () if formula is None else (formula,)

    def holds(case: tuple[Any, ...]) -> None:
        seen.case = case
        try:
            law.holds(*subject, *case)
        except NotCovered:
            seen.left += 1
            if not seen.held and seen.left > PROBES:
                raise _NothingCovered from None
            reject()
        except Exception as error:
            seen.error = error
            raise
        seen.held += 1

    trial = seed(zlib.crc32(law.name.encode()) + number)(profile(given(case=law.drawn(cases))(holds)))
    try:
        trial()
    except (Unsatisfiable, _NothingCovered):
        return Finding(law, Holding.NO_CASES, 0, time.perf_counter() - start, "nothing that was drawn is covered")
    except Exception as error:
        smallest = ", ".join(expression_of(part) for part in seen.case)
        found = seen.error or error
        reason = str(found) if isinstance(found, Violation) else f"{type(found).__name__}: {found}"[:SIMPLEST]
        seconds = time.perf_counter() - start
        return Finding(law, Holding.BROKEN, seen.held, seconds, reason, smallest, replay(law, smallest))
    return Finding(law, Holding.HOLDS, seen.held, time.perf_counter() - start)
