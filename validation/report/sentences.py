"""Sentences that follow the numbers: what the experiment says, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..agreement import Verdict

Judgements = Sequence[Mapping[str, Any]]


def covariates_sentence(name: str, judgements: Judgements, tolerance: float) -> str:
    """Where the error on rows of a data set is that on Gaussian rows, and by how much it is not.

    Args:
        name: of the regime.
        judgements: one for each generation, of the gap between real and Gaussian error.
        tolerance: the gap that counts as none.
    """
    groups: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for judgement in judgements:
        groups.setdefault(_verdict_and_side(judgement), []).append(judgement)
    parts = [_covariates_part(group, tolerance) for group in groups.values()]
    return f"{name[0].upper()}{name[1:]}: " + "; ".join(parts) + "."


def agreement_sentence(judgements: Judgements) -> str:
    """How many of the theory's numbers agree with the experiment.

    >>> agreement_sentence([{"verdict": "AGREES"}, {"verdict": "UNRESOLVED"}])
    'Of 2 numbers, 1 agrees with theory and 1 is unresolved.'
    """
    verdicts = [judgement["verdict"] for judgement in judgements]
    phrases = {
        Verdict.AGREES: ("agrees with theory", "agree with theory"),
        Verdict.DISAGREES: ("disagrees", "disagree"),
        Verdict.UNRESOLVED: ("is unresolved", "are unresolved"),
    }
    counts = [(verdicts.count(verdict.name), *words) for verdict, words in phrases.items()]
    parts = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    return f"Of {len(verdicts)} numbers, {_joined(parts)}."


def percent(value: float) -> str:
    """A share in percent, with as many digits as a reader needs.

    >>> percent(0.05), percent(0.0512), percent(0.131), percent(4.2), percent(float("inf"))
    ('5 %', '5.1 %', '13 %', '420 %', '∞ %')
    """
    share = 100 * value
    return f"{share:.2g} %" if abs(share) < 9.95 else f"{share:.0f} %".replace("inf", "∞")


def _verdict_and_side(judgement: Mapping[str, Any]) -> tuple[str, bool]:
    verdict = judgement["verdict"]
    return verdict, verdict == Verdict.DISAGREES.name and judgement["gap"] > 0


def _covariates_part(group: Judgements, tolerance: float) -> str:
    where = _generations([judgement["generation"] for judgement in group])
    match Verdict[group[0]["verdict"]]:
        case Verdict.AGREES:
            return f"Gaussian theory holds on the real rows to within {percent(tolerance)} in {where}"
        case Verdict.UNRESOLVED:
            return f"the experiment does not decide whether it holds to within {percent(tolerance)} in {where}"
        case Verdict.DISAGREES:
            side = "larger" if group[0]["gap"] > 0 else "smaller"
            return f"in {where} the error on the real rows is {side} than Gaussian theory says, by {_range(group)}"


def _range(group: Judgements) -> str:
    least, most = (percent(limit(abs(judgement["gap"]) for judgement in group)) for limit in (min, max))
    return least if least == most else f"{least} to {most}"


def _generations(numbers: Sequence[int]) -> str:
    """Rising numbers, with runs written as ranges."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    ranges = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return f"generation{'s' if len(numbers) > 1 else ''} {_joined(ranges)}"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
