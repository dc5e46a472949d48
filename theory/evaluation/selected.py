"""Chains on verified rows in numbers: the state is what the model holds of each fixed vector, and its variance."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.selected import Selected, SelectedStep
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NotCertified, NoTheorem, NothingKept
from ..rules import selected_fit as fit
from ..rules import selection as rules
from ..rules.kind import Kind
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from ..rules.trace import Trace
from .effective_ridge import Root, effective_ridge
from .inputs import Spectra, as_array
from .lowering import Nodes, evaluate, run
from .recursion import Outcome

# A disagreement of verifier and labeller below this share of the label noise has no effect; its ratios need a value.
LEAST_DISAGREEMENT = 1e-12
SMALLEST = 1e-100  # without noise; formulas divide by its square, which must not vanish
REPEATED, SETTLED = 1000, 1e-13  # generations after which a limit must be there, and how near
_KEEP_ALL = {rules.KEPT: 1.0, rules.ALONG: 1.0, rules.GAIN: 1.0}


class Verified(NamedTuple):
    """What the verifier does in each generation, each of shape (N,).

    Attributes:
        disagreement: U = |labeller - verifier|^2_Sigma.
        kept: k, the share of generated rows that is kept.
        contraction: c, the share of the labeller in what the kept rows say; the verifier has the rest.
        noise: v', variance of the label noise on the kept rows.
        rows: expected number of rows in the fit, real ones included.
    """

    disagreement: Any
    kept: Any
    contraction: Any
    noise: Any
    rows: Any


class _State(NamedTuple):
    """The error e of the model, in units of error and averaged over each node."""

    square: Any  # (nodes,) E e^2
    products: Any  # (vectors, nodes) E e v with every fixed vector v


def selected_outcome(chain: Chain, reading: Selected, spectra: Spectra) -> Outcome:
    """The errors of a chain on verified rows (inside `jax.enable_x64(True)`); they have one part."""
    outcome, seen = _run(chain, reading, spectra)
    if checks.is_concrete(seen.rows):
        _require_rows(reading, np.asarray(seen.rows), chain.population.spectrum.rank())
    if checks.is_concrete(seen.contraction) and bool(np.isnan(np.asarray(seen.contraction)).any()):
        raise NotCertified("a mean over rows has not converged: the label noise is tiny beside the disagreement")
    return outcome


def _require_rows(reading: Selected, rows: Any, rank: int) -> None:
    """Refuse fits on nothing, and least squares on hardly more rows than directions."""
    for number, (step, count) in enumerate(zip(reading.steps, rows.tolist(), strict=True), start=1):
        if count < 1:
            raise NothingKept(count, number)
        if step.least_squares and step.judged is not None and count <= rank + 1:
            raise NoTheorem(
                f"least squares on more rows than the rank + 1 (generation {number} is left with {count:.3g} of "
                f"{step.rows + step.real_rows}, rank {rank})",
                "a penalty, more rows, or a verifier that keeps more",
            )


def selected_limit(chain: Chain, reading: Selected, spectra: Spectra) -> float:
    """The error after the last generation, repeated for ever (inside `jax.enable_x64(True)`).

    Raises:
        NoTheorem: where the error does not settle.
    """
    last = reading.steps[-1]
    if last.least_squares and last.judged is None and checks.same(last.share, 1.0) and not last.real_rows:
        return float("inf") if last.noise_squared > 0 else float(_run(chain, reading, spectra)[0].errors[-1, 0])
    spectra, rank = _arrays(spectra), float(chain.population.spectrum.rank())
    state, before = _start(reading, spectra), np.inf
    for step in (*reading.steps, *(last for _ in range(REPEATED))):
        state = _advance(step, rank, spectra, state)[0]
        error = float(_measure(spectra, state)[0])
        if step is last and abs(error - before) <= SETTLED * error:
            return error
        before = error if step is last else np.inf
    hypothesis = f"the error settles within {REPEATED} generations (it may grow for ever)"
    raise NoTheorem(hypothesis, "predict(chain), generation by generation")


def verified(chain: Chain, reading: Selected, spectra: Spectra) -> Verified:
    """What the verifier does along a chain (inside `jax.enable_x64(True)`)."""
    return _run(chain, reading, spectra)[1]


def second_moments(chain: Chain, reading: Selected, spectra: Spectra) -> tuple[Any, ...]:
    """s E w^2 in every direction after each generation, averaged over each node (inside `jax.enable_x64(True)`)."""
    spectra, rank = _arrays(spectra), float(chain.population.spectrum.rank())
    state, found = _start(reading, spectra), list[Any]()
    truth = spectra.products[0, 0] / spectra.nodes.counts
    for step in reading.steps:
        state = _advance(step, rank, spectra, state)[0]
        found.append(truth + 2 * state.products[0] + state.square)
    return tuple(found)


def _run(chain: Chain, reading: Selected, spectra: Spectra) -> tuple[Outcome, Verified]:
    spectra, rank = _arrays(spectra), float(chain.population.spectrum.rank())
    state = _start(reading, spectra)
    measured, seen, roots = [], [], []
    for step in reading.steps:
        state, own, root, verified = _advance(step, rank, spectra, state)
        freedom, margin_2, uses_root = own
        gap = jnp.asarray(jnp.inf) if step.kind is Kind.EXACT else margin_2
        measured.append((*_measure(spectra, state), freedom, gap, uses_root))
        seen.append(verified)
        roots.append(root)
    errors, overlap, norm, by_mode, freedom, margin_2, uses_root = (
        jnp.stack(part) for part in zip(*measured, strict=True)
    )
    outcome = Outcome(
        errors=errors[:, None],
        overlap=overlap,
        norm=norm,
        by_mode=by_mode,
        freedom=freedom,
        margin_2=margin_2,
        root=Root(*(jnp.stack(part) for part in zip(*roots, strict=True))),
        uses_root=uses_root,
        condition=jnp.ones(len(reading.steps)),
    )
    return outcome, Verified(*(jnp.stack(part) for part in zip(*seen, strict=True)))


def _arrays(spectra: Spectra) -> Spectra:
    return Spectra(Nodes(*(as_array(part) for part in spectra.nodes)), as_array(spectra.products))


def _start(reading: Selected, spectra: Spectra) -> _State:
    """Model 0."""
    products = spectra.products / spectra.nodes.counts[None, None, :]
    nothing = jnp.zeros_like(products[0])
    return _State(products[1, 1], products[1]) if reading.has_initial else _State(nothing[0], nothing)


def given_numbers(step: SelectedStep) -> tuple[Any, ...]:
    """All numbers of a generation."""
    return *_fit_of(step), *_judge_of(step)


def _fit_of(step: SelectedStep) -> tuple[Any, ...]:
    return step.real_rows, step.real_noise_squared, step.rows, step.noise_squared, step.share, step.penalty


def _judge_of(step: SelectedStep) -> tuple[Any, ...]:
    return () if step.judged is None else tuple(value for _, value in step.judged.numbers)


def _advance(step: SelectedStep, rank: float, spectra: Spectra, state: _State) -> tuple[_State, Any, Root, Verified]:
    """One generation: what the verifier keeps, the effective ridge of that many rows, the fit."""
    given, numbers = (*_fit_of(step), rank), tuple(as_array(value) for value in _judge_of(step))
    rule = None if step.judged is None else step.judged.rule.name
    names = () if step.judged is None else tuple(letter for letter, _ in step.judged.numbers)
    compiled = _compiled(rule, names, step.verifier, step.least_squares)
    advanced: tuple[_State, Any, Root, Verified] = compiled(
        tuple(as_array(value) for value in given), numbers, spectra, state
    )
    return advanced


_GIVEN = (fit.REAL_ROWS, fit.REAL_NOISE, fit.GENERATED, x.noise_squared, x.share, x.penalty, x.rank)


@lru_cache(maxsize=64)
def _compiled(rule: str | None, names: tuple[Any, ...], verifier: int, least_squares: bool) -> Any:
    """One generation of a kind, compiled once."""
    statement = next((one for one in rules.SELECTIONS if one.name == rule), None)

    def step(given: Any, numbers: Any, spectra: Spectra, state: _State) -> Any:
        known = dict(zip(_GIVEN, given, strict=True)) | dict(zip(names, numbers, strict=True))
        return _step(statement, verifier, least_squares, known, spectra, state)

    return jax.jit(step)


def _step(
    statement: Statement | None, verifier: int, least_squares: bool, known: Any, spectra: Spectra, state: _State
) -> tuple[_State, Any, Root, Verified]:
    nodes, products = spectra.nodes, spectra.products / spectra.nodes.counts[None, None, :]
    own = products[verifier] if verifier else jnp.zeros_like(products[0])  # of the verifier's offset, if there is one
    known = known | {
        fit.EE: state.square,
        fit.ET: state.products[0],
        fit.EB: state.products[verifier] if verifier else own[0],
        fit.BB: own[verifier],
        fit.TB: own[0],
        fit.TT: products[0, 0],
    }
    known = run(fit.U_FROM_BEFORE, known, nodes)
    distance = evaluate(Trace(fit.UU), known, nodes)
    known[rules.DISTANCE] = jnp.maximum(distance, LEAST_DISAGREEMENT * known[x.noise_squared] + SMALLEST)
    if statement is None:
        known |= _KEEP_ALL | {rules.NOISE: known[x.noise_squared]}
    else:
        known = run(statement.definitions, known, nodes)
    rows = evaluate(fit.ROWS_OF_THE_FIT.result, known, nodes)
    known, root = _shrinkage(least_squares, rows, known, nodes)
    known = run(fit.SELECTED_FIT.definitions, known, nodes)

    def along(of_error: Any, of_offset: Any, of_truth: Any) -> Any:
        with_vector = known | {fit.EY: of_error, fit.BY: of_offset, fit.TY: of_truth}
        return evaluate(fit.PRODUCT_WITH_A_FIXED_VECTOR.result, with_vector, nodes)

    after = _State(evaluate(fit.SELECTED_FIT.result, known, nodes), jax.vmap(along)(state.products, own, products[0]))
    freedom = evaluate(Trace(x.q), known, nodes)
    seen = Verified(distance, known[rules.KEPT], known[rules.GAIN], known[rules.NOISE], rows)
    return after, (freedom, known[x.margin_2], jnp.asarray(not least_squares)), root, seen


def _shrinkage(least_squares: bool, rows: Any, known: Any, nodes: Nodes) -> tuple[dict[Any, Any], Root]:
    """Effective ridge, shrinkage factors and margin of a fit on so many rows."""
    known = {**known, x.rows: rows}
    one = jnp.ones_like(nodes.s)
    if least_squares:
        silent = (known[rules.NOISE] == 0.0) & (known[fit.REAL_ROWS] == 0.0)  # nothing is divided by the margin
        margin = jnp.where(silent, 1.0, evaluate(fit.LEAST_SQUARES_MARGIN, known, nodes))
        root = Root(*(jnp.zeros(()),) * 4, jnp.asarray(True))
        return known | {x.q: one, x.p: 0.0 * one, x.margin_2: jnp.maximum(margin, 0.0)}, root
    root = effective_ridge(nodes.s, nodes.counts, rows, known[x.penalty])
    known[x.kappa] = jnp.where(root.certified, root.value, jnp.nan)
    return run(RESOLVENT.noise.definitions, known, nodes), root


def _measure(spectra: Spectra, state: _State) -> tuple[Any, ...]:
    """Error, overlap with the truth, squared norm, and the error of each node."""
    s, counts = spectra.nodes.s, spectra.nodes.counts
    truth, crossed = spectra.products[0, 0] / s, counts * state.products[0] / s
    norm = (truth + 2 * crossed + counts * state.square / s).sum()
    by_mode = counts * state.square
    return by_mode.sum(), (truth + crossed).sum(), norm, by_mode
