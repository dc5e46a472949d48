"""`derive`: the test-error theorem of a chain, with the steps that lead to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

import sympy

from ..chains import forward
from ..chains.family import reading_of
from ..chains.kept_projection import KeptProjection
from ..chains.mean_labeller import Labeller, Vectors
from ..chains.reading import WITH_ROOT, Step, last_restart
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.bibliography import BY_DEFINITION
from ..rules.blend import SPREAD
from ..rules.disturbed_rows import DISTURBED_LEAST_SQUARES
from ..rules.kept_projection import SPECTRUM_OF_A_KEPT_PROJECTION
from ..rules.kind import Kind
from ..rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from ..rules.projection import EFFECTIVE_RIDGE_OF_A_PROJECTION, PROJECTION
from ..rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ..rules.several_labellers import DISAGREEMENT
from ..rules.statement import Statement
from .book import statements_of, theorem_of
from .theorem import Derivation as Derivation
from .theorem import ProofStep as ProofStep
from .totals import derived_in_total

Names = dict[Any, Any]
Lines = tuple[tuple[Any, Any], ...]


def derive(chain: Chain) -> Derivation:
    """The test-error theorem of a chain: hypotheses, definitions, result, steps, LaTeX.

    Args:
        chain: numbers or symbols (a chain that holds SymPy symbols is the symbolic problem).

    Returns:
        A `Derivation`. The numbers of `predict` are evaluated from the same rules.

    Raises:
        NoTheorem: where no statement applies.
        SpecificationError: for anything but a chain.

    >>> import sympy, modelcollapse as mc
    >>> n, s = sympy.symbols("n sigma", positive=True)
    >>> population = mc.Population(mc.Isotropic(10), mc.UniformTarget())
    >>> chain = mc.replace(population, generations=2, rows=n, noise=s, estimator=mc.MinimumNorm())
    >>> derive(chain).result
    Eq(E_2, tr[P_2**2*tau + U_2])
    """
    reading = reading_of(chain)
    if isinstance(reading, tuple):
        return _stepwise(chain, reading)
    if isinstance(reading, KeptProjection):
        return _on_a_kept_projection(chain, reading)
    return derived_in_total(chain, reading)


def _stepwise(chain: Chain, steps: tuple[Step, ...]) -> Derivation:
    """The theorem of a chain that passes through one-step rules."""
    start = last_restart(steps)
    numbered = list(enumerate(steps, start=1))[start:]
    vectors = Vectors.of(chain, steps[0].labelling.offsets)
    # Equal generations share their symbols; otherwise every symbol carries its generation.
    equal = len({_parameters(step) for _, step in numbered}) == 1 and not any(step.blended for _, step in numbered)
    shared = _without_index() if equal else None
    definitions: list[tuple[Any, Any]] = [*forward.initial_state(start), *vectors.start(start)]
    values: list[tuple[Any, Any]] = [(x.rank, chain.population.spectrum.rank())]
    for number, step in numbered:
        names = shared or forward.indexed(number)
        if shared is None or number == start + 1:
            definitions += forward.own_definitions(step.rule, names)
            values += _values(step, names)
        labeller = vectors.labeller(step.labelling, number, number - 1, names) if step.blended else None
        if labeller is not None:
            definitions += [*labeller.mean, *labeller.disagreement]
            values += labeller.values
        definitions += _state(step, vectors, labeller, number, number - 1, names)
    number = len(chain)
    error = vectors.error(number)
    recent = [step for _, step in numbered]
    if any(step.infinite or (step.infinite_noise and step.noise_squared != 0) for step in recent):
        error = sympy.oo
    statements = statements_of(steps)
    return Derivation(
        chain=chain,
        theorem=theorem_of(steps),
        hypotheses=tuple(dict.fromkeys(h for statement in statements for h in statement.hypotheses)),
        definitions=tuple(definitions),
        result=sympy.Eq(x.at(x.error, number), error, evaluate=False),
        steps=tuple(_proof(numbered, start, shared, vectors)),
        values=tuple(values),
        kind=steps[-1].kind,
    )


def _on_a_kept_projection(chain: Chain, reading: KeptProjection) -> Derivation:
    """The theorem of the ridge chain that stands for the chain, on the spectrum of its projection."""
    ridge, spectrum = _stepwise(chain, reading.steps), SPECTRUM_OF_A_KEPT_PROJECTION
    first = ProofStep(
        spectrum.name,
        (1, len(chain)),
        r"(z - \Sigma^{1/2} S^\top S\, \Sigma^{1/2})^{-1}",
        (*spectrum.definitions, (_RESOLVENT_OF_W, spectrum.result)),
        spectrum.hypotheses,
        spectrum.source,
    )
    return replace(
        ridge,
        hypotheses=tuple(dict.fromkeys((*ridge.hypotheses, *spectrum.hypotheses))),
        steps=(first, *ridge.steps),
        values=(*ridge.values, (x.width, reading.width)),
        kind=Kind.EQUIVALENT,
    )


def _state(step: Step, vectors: Vectors, labeller: Labeller | None, index: Any, before: Any, names: Names) -> Lines:
    """The new state: chi, U, P, Q and the shares of the offsets."""
    replaced = {} if labeller is None else labeller.replaced
    lines = forward.state_definitions(step.rule, index, before, names, step.blended, replaced)
    if labeller is None:
        return lines
    return (*lines, *vectors.shifts(step.rule.kept.result.subs(names, simultaneous=True), index))


def _parameters(step: Step) -> tuple[Any, ...]:
    fit = step.rows, step.width, step.penalty, step.noise_squared, step.disturbance
    return step.rule.noise.name, *fit, step.new_rows, step.copies


def _values(step: Step, names: Names) -> list[tuple[Any, Any]]:
    noise = sympy.sqrt(step.noise_squared) if checks.is_symbolic(step.noise_squared) else step.noise_squared**0.5
    values = [(names[x.rows], step.rows), (names[x.noise], noise)]
    if step.rule in WITH_ROOT:
        values.append((names[x.penalty], step.penalty))
    if step.rule in (PROJECTION, PROJECTED_LEAST_SQUARES):
        values.append((names[x.width], step.width))
    if step.rule is DISTURBED_LEAST_SQUARES:
        values.append((names[x.disturbance], step.disturbance))
    if step.rule is ACCUMULATED_ROWS:
        values.append((names[x.new_rows], step.new_rows))
    if step.rule is REPEATED_ROWS:
        values.append((names[x.copies], step.copies))
    return [*values, (names[x.share], step.share)] if step.blended else values


def _without_index() -> Names:
    return {symbol: symbol for symbol in forward.OWN}


def _proof(numbered: list[tuple[int, Step]], start: int, shared: Names | None, vectors: Vectors) -> list[ProofStep]:
    """The start, then the steps of every run of consecutive generations under one rule."""
    nothing_lost = (*forward.initial_state(start), *vectors.start(start))
    proof = [ProofStep("model 0 is the truth", (start + 1, start + 1), r"w_0", nothing_lost, (), BY_DEFINITION)]
    for _, group in groupby(numbered, key=lambda item: (id(item[1].rule), item[1].blended, *_pattern(item[1]))):
        run = list(group)
        first, last, step = run[0][0], run[-1][0], run[0][1]
        index, before = (first, first - 1) if first == last else ("g", "g-1")
        names = shared or forward.indexed(index)
        parts = _rule_steps(step, vectors, index, before, names)
        proof += [
            ProofStep(statement.name, (first, last), shown, after, statement.hypotheses, statement.source)
            for statement, shown, after in parts
        ]
    return proof


def _pattern(step: Step) -> tuple[bool, ...]:
    return step.labelling.pattern if step.blended else ()


def _rule_steps(
    step: Step, vectors: Vectors, index: Any, before: Any, names: Names
) -> list[tuple[Statement, str, Lines]]:
    rule, labeller = step.rule, None
    own = forward.own_definitions(rule, names)
    parts: list[tuple[Statement, str, Lines]] = []
    if step.blended:
        labeller = vectors.labeller(step.labelling, index, before, names)
        parts.append((SPREAD, _LABELS if len(vectors.products) == 1 else _SHIFTED_LABELS, labeller.mean))
        if labeller.disagreement:
            parts.append((DISAGREEMENT, _DISAGREEMENT, labeller.disagreement))
    state = _state(step, vectors, labeller, index, before, names)
    spread = next(position for position, (symbol, _) in enumerate(state) if symbol == x.at(x.spread, index)) + 1
    if rule is RESOLVENT:
        equation = (names[x.rows], EFFECTIVE_RIDGE.result.subs(names, simultaneous=True))
        parts.append((EFFECTIVE_RIDGE, _RESOLVENT, (*own[:2], equation, *own[2:])))
    elif rule is PROJECTION:
        root = EFFECTIVE_RIDGE_OF_A_PROJECTION
        equation = (names[x.penalty], root.result.subs(names, simultaneous=True))
        parts.append((root, _PROJECTED_RESOLVENT, (*own[:4], equation, *own[4:])))
    else:
        parts.append((rule.noise, _DISTURBED_WISHART if rule is DISTURBED_LEAST_SQUARES else _WISHART, own))
    parts.append((rule.kept, _MEAN, state[spread:]))
    parts.append((rule.second_moment, _SECOND_MOMENT, state[:spread]))
    return parts


_RESOLVENT_OF_W = x.spectral("G_W")
_LABELS = r"x^\top [\theta_g w_{g-1} + (1 - \theta_g) w_0]"
_SHIFTED_LABELS = r"x^\top \bigl[w_0 + \theta_g (w_{g-1} - w_0) + \sum_k a_k o_k\bigr]"
_DISAGREEMENT = r"\sum_k p_k\, \mathbb{E}\,\bigl|w_k - \textstyle\sum_l p_l w_l\bigr|_\Sigma^2"
_PROJECTED_RESOLVENT = r"\lambda (S \widehat\Sigma_g S^\top + \lambda)^{-1}"
_RESOLVENT = r"\lambda (\widehat\Sigma_g + \lambda)^{-1}"
_WISHART = r"\mathbb{E}\,(X_g^\top X_g)^{-1}"
_DISTURBED_WISHART = r"\mathbb{E}\,[(X_g + \delta Z_g)^\top (X_g + \delta Z_g)]^{-1}"
_MEAN = r"\mathbb{E}\,w_g = \mathbb{E}[W_g]\,w_{g-1}"
_SECOND_MOMENT = (
    r"\mathbb{E}\,|w_g|_B^2 = \mathbb{E}\,w_{g-1}^\top W_g^\top B W_g w_{g-1} + \mathbb{E}\,|\mathrm{noise}|_B^2"
)
