"""A chain whose generated rows a verifier judges, or whose model 0 is off the truth, read as mathematics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NoTheorem
from ..problem.estimator import MinimumNorm, Ridge
from ..problem.generation import Generation
from ..problem.labels import Blend, Labels, Previous, Truth
from ..problem.selection import (
    KeepAll,
    NormWindow,
    Resample,
    ResidualWindow,
    Revise,
    Selection,
    TopShare,
    Unreliable,
    verifier_of,
)
from ..problem.source import Source
from ..problem.target import Target
from ..rules import selection as rules
from ..rules.kind import Kind
from ..rules.statement import Statement
from .hypotheses import common_weight, require, require_forgetful, require_fresh, require_plain_covariates, weighed


@final
@dataclass(frozen=True)
class Judged:
    """A selection as theory sees it.

    Attributes:
        rule: the statement of what it does.
        numbers: the values of the letters of that statement.
    """

    rule: Statement
    numbers: tuple[tuple[Any, Any], ...]


@final
@dataclass(frozen=True)
class SelectedStep:
    """One generation.

    Attributes:
        real_rows, real_noise_squared: of the rows that the truth labels, 0 where there are none.
        rows, noise_squared: of the rows that are generated and judged, before they are.
        share: what the model before has in their labels, the truth having the rest.
        judged: how they are judged; None where all are kept.
        verifier: place of the verifier's offset among the vectors; 0 where there is none.
        penalty: of the objective, for weights of 1; 0 for least squares.
        least_squares: whether the fit is least squares.
        kind: what the number after this generation is.
    """

    real_rows: Any
    real_noise_squared: Any
    rows: Any
    noise_squared: Any
    share: Any
    judged: Judged | None
    verifier: int
    penalty: Any
    least_squares: bool
    kind: Kind


@final
@dataclass(frozen=True)
class Selected:
    """A chain of fits on verified rows.

    Attributes:
        steps: one for each generation.
        vectors: the truth, the offset of model 0 where there is one, and the verifiers' offsets.
    """

    steps: tuple[SelectedStep, ...]
    vectors: tuple[Target, ...]
    has_initial: bool


def is_selected(chain: Chain) -> bool:
    """Whether rows are judged."""
    return any(not isinstance(step.selection, KeepAll) for step in chain.generations)


def read_selected(chain: Chain) -> Selected:
    """Read a chain of fits on fresh rows that a verifier may judge.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    vectors = _vectors(chain)
    steps: list[SelectedStep] = []
    kind = Kind.EXACT
    for number in range(1, len(chain) + 1):
        step = _step(chain, number, vectors, kind)
        kind = step.kind
        steps.append(step)
    return Selected(tuple(steps), vectors, chain.initial is not None)


def _vectors(chain: Chain) -> tuple[Target, ...]:
    first = [chain.population.target] + ([] if chain.initial is None else [chain.initial])
    verifiers = [verifier_of(step.selection) for step in chain.generations]
    return (*first, *dict.fromkeys(one for one in verifiers if one is not None))


def _step(chain: Chain, number: int, vectors: tuple[Target, ...], kind: Kind) -> SelectedStep:
    generation = chain.generations[number - 1]
    require_forgetful(generation, number)
    require_fresh(generation, number)
    for source in generation.generated:
        require_plain_covariates(source, chain.population.spectrum, number)
    weight = common_weight(generation, number)
    require(len(weighed(generation)) == len(generation.generated), f"all rows have a weight (generation {number})")
    real = [source for source in generation.generated if isinstance(source.labels, Truth)]
    generated = [source for source in generation.generated if not isinstance(source.labels, Truth)]
    share = _share(generated, number)
    penalty = _penalty(generation, number)
    least_squares = isinstance(generation.estimator, MinimumNorm)
    verifier = verifier_of(generation.selection)
    noise = _common_noise(generated, number, not isinstance(generation.selection, KeepAll))
    judged = _judged(generation.selection, noise) if generated else None
    first = 1 if chain.initial is None else 2
    place = first + vectors[first:].index(verifier) if judged is not None and verifier is not None else 0
    rank = chain.population.spectrum.rank()
    rows = sum(source.rows for source in generation.generated)
    if least_squares and checks.is_concrete(rows):
        require(rows >= rank, f"least squares on at least as many rows as the rank (generation {number}: {rows})")
    exact = kind is Kind.EXACT or not generated
    exact = exact and least_squares and judged is None and (not real or not generated)
    return SelectedStep(
        real_rows=sum(source.rows for source in real),
        real_noise_squared=_mean_noise(real),
        rows=sum(source.rows for source in generated),
        noise_squared=noise,
        share=share,
        judged=judged,
        verifier=place,
        penalty=0.0 if least_squares else penalty / weight,
        least_squares=least_squares,
        kind=Kind.EXACT if exact else Kind.EQUIVALENT,
    )


def _share(generated: list[Source], number: int) -> Any:
    """What the model before has in the labels of all generated rows."""
    if not generated:
        return 0.0
    shares = [_share_of(source.labels, number) for source in generated]
    require(
        all(checks.same(share, shares[0]) for share in shares),
        f"one labeller of all generated rows (generation {number} has several)",
    )
    return shares[0]


def _share_of(labels: Labels, number: int) -> Any:
    if isinstance(labels, Previous):
        return 1.0
    parts = labels.parts if isinstance(labels, Blend) else ((labels, 1.0),)
    require(
        all(isinstance(part, Truth | Previous) for part, _ in parts),
        f"judged rows are labelled by the model before, or by a blend of it with the truth (generation {number})",
    )
    return sum(share for part, share in parts if isinstance(part, Previous))


def _mean_noise(sources: list[Source]) -> Any:
    """Noise variance averaged over rows."""
    if not sources:
        return 0.0
    return sum(source.rows * source.noise**2 for source in sources) / sum(source.rows for source in sources)


def _common_noise(sources: list[Source], number: int, judged: bool) -> Any:
    """Noise variance of generated rows; what is judged has one."""
    same = all(checks.same(source.noise, sources[0].noise) for source in sources)
    require(same or not judged, f"one noise of all rows that are judged (generation {number} has several)")
    return sources[0].noise ** 2 if sources and same else _mean_noise(sources)


def _penalty(generation: Generation, number: int) -> Any:
    estimator = generation.estimator
    require(
        isinstance(estimator, Ridge | MinimumNorm),
        f"a fit by ridge regression or least squares (generation {number} has a {type(estimator).__name__})",
    )
    return estimator.penalty if isinstance(estimator, Ridge) else 0.0


def _judged(selection: Selection, noise: Any) -> Judged | None:
    match selection:
        case KeepAll():
            return None
        case ResidualWindow() | NormWindow() | TopShare():
            return Judged(_REJECTION[type(selection)], (*_window(selection), *_errors(0.0, 0.0)))
        case Unreliable(inner, false_keep, false_drop):
            return Judged(_REJECTION[type(inner)], (*_window(inner), *_errors(false_keep, false_drop)))
        case Resample():
            if checks.same(noise, 0.0):  # every try gives the same label
                return None if selection.keep_last else _judged(selection.selection, noise)
            return _resampled(selection)
        case Revise():
            return Judged(rules.REVISED, ((rules.THRESHOLD, selection.threshold), (rules.SHRINK, selection.shrink)))
        case _ as never:
            assert_never(never)


def _resampled(selection: Resample) -> Judged:
    inner = selection.selection
    window, erring = (inner.selection, inner) if isinstance(inner, Unreliable) else (inner, None)
    if isinstance(window, TopShare):
        raise NoTheorem("rows are judged one by one", "a window")
    by_norm = isinstance(window, NormWindow)
    if selection.keep_last:
        rule = rules.LAST_TRY_BY_NORM if by_norm else rules.LAST_TRY
    else:
        rule = rules.RESAMPLED_BY_NORM if by_norm else rules.RESAMPLED
    errors = _errors(0.0, 0.0) if erring is None else _errors(erring.false_keep, erring.false_drop)
    return Judged(rule, (*_window(window), *errors, (rules.TRIES, selection.tries)))


def _window(selection: ResidualWindow | NormWindow | TopShare) -> tuple[tuple[Any, Any], ...]:
    match selection:
        case ResidualWindow(_, lower, upper):
            return ((rules.LOWER, lower), (rules.UPPER, upper))
        case NormWindow(_, slope, offset):
            return ((rules.SLOPE, slope), (rules.OFFSET, offset))
        case TopShare(_, share):
            return ((rules.SHARE, share),)


def _errors(false_keep: Any, false_drop: Any) -> tuple[tuple[Any, Any], ...]:
    return ((rules.FALSE_KEEP, false_keep), (rules.FALSE_DROP, false_drop))


_REJECTION = {ResidualWindow: rules.WINDOW, NormWindow: rules.NORM_WINDOW, TopShare: rules.TOP_SHARE}
