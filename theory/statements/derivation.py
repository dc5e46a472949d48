"""`derive`: the test-error theorem of a chain, with the steps that lead to it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import sympy

from ..chains import forward, moments
from ..chains.family import reading_of
from ..chains.reading import Step, last_restart
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.bibliography import BY_DEFINITION
from ..rules.blend import SPREAD
from ..rules.one_step import OneStep
from ..rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ..rules.statement import Statement
from .book import statements_of, theorem_of
from .theorem import Derivation as Derivation
from .theorem import ProofStep as ProofStep
from .totals import derived_in_total

Names = dict[Any, Any]


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
    return derived_in_total(chain, reading)


def _stepwise(chain: Chain, steps: tuple[Step, ...]) -> Derivation:
    """The theorem of a chain that passes through one-step rules."""
    start = last_restart(steps)
    numbered = list(enumerate(steps, start=1))[start:]
    # Equal generations share their symbols; otherwise every symbol carries its generation.
    equal = len({_parameters(step) for _, step in numbered}) == 1 and not any(step.blended for _, step in numbered)
    shared = _without_index() if equal else None
    definitions: list[tuple[Any, Any]] = list(forward.initial_state(start))
    values: list[tuple[Any, Any]] = [(x.rank, chain.population.spectrum.rank())]
    for number, step in numbered:
        names = shared or forward.indexed(number)
        if shared is None or number == start + 1:
            definitions += forward.own_definitions(step.rule, names)
            values += _values(step, names)
        if step.blended:
            definitions += forward.blend_definitions(number, number - 1, names)
        definitions += forward.state_definitions(step.rule, number, number - 1, names, step.blended)
    number = len(chain)
    error = moments.ERROR.result.subs({symbol: x.at(symbol, number) for symbol in forward.CARRIED})
    if any(step.infinite_noise and step.noise_squared != 0 for _, step in numbered):
        error = sympy.oo
    statements = statements_of(steps)
    return Derivation(
        chain=chain,
        theorem=theorem_of(steps),
        hypotheses=tuple(dict.fromkeys(h for statement in statements for h in statement.hypotheses)),
        definitions=tuple(definitions),
        result=sympy.Eq(x.at(x.error, number), error, evaluate=False),
        steps=tuple(_proof(numbered, start, shared)),
        values=tuple(values),
        kind=steps[-1].kind,
    )


def _parameters(step: Step) -> tuple[Any, ...]:
    return step.rule.noise.name, step.rows, step.penalty, step.noise_squared, step.new_rows, step.copies


def _values(step: Step, names: Names) -> list[tuple[Any, Any]]:
    noise = sympy.sqrt(step.noise_squared) if checks.is_symbolic(step.noise_squared) else step.noise_squared**0.5
    values = [(names[x.rows], step.rows), (names[x.noise], noise)]
    if step.rule is RESOLVENT:
        values.append((names[x.penalty], step.penalty))
    if step.rule is ACCUMULATED_ROWS:
        values.append((names[x.new_rows], step.new_rows))
    if step.rule is REPEATED_ROWS:
        values.append((names[x.copies], step.copies))
    return [*values, (names[x.share], step.share)] if step.blended else values


def _without_index() -> Names:
    return {symbol: symbol for symbol in forward.OWN}


def _proof(numbered: list[tuple[int, Step]], start: int, shared: Names | None) -> list[ProofStep]:
    """The start, then the steps of every run of consecutive generations under one rule."""
    nothing_lost = forward.initial_state(start)
    proof = [ProofStep("model 0 is the truth", (start + 1, start + 1), r"w_0", nothing_lost, (), BY_DEFINITION)]
    for _, group in groupby(numbered, key=lambda item: (id(item[1].rule), item[1].blended)):
        run = list(group)
        first, last, step = run[0][0], run[-1][0], run[0][1]
        index, before = (first, first - 1) if first == last else ("g", "g-1")
        proof += _rule_steps(step.rule, (first, last), index, before, shared or forward.indexed(index), step.blended)
    return proof


def _rule_steps(
    rule: OneStep, span: tuple[int, int], index: Any, before: Any, names: Names, blended: bool
) -> list[ProofStep]:
    state = forward.state_definitions(rule, index, before, names, blended)
    own = forward.own_definitions(rule, names)
    parts: list[tuple[Statement, str, tuple[tuple[Any, Any], ...]]] = []
    if blended:
        parts.append((SPREAD, _LABELS, forward.blend_definitions(index, before, names)))
    if rule is RESOLVENT:
        equation = (names[x.rows], EFFECTIVE_RIDGE.result.subs(names, simultaneous=True))
        parts.append((EFFECTIVE_RIDGE, _RESOLVENT, (*own[:2], equation, *own[2:])))
    else:
        parts.append((rule.noise, _WISHART, own))
    parts.append((rule.kept, _MEAN, state[2:]))
    parts.append((rule.second_moment, _SECOND_MOMENT, state[:2]))
    return [
        ProofStep(statement.name, span, shown, after, statement.hypotheses, statement.source)
        for statement, shown, after in parts
    ]


_LABELS = r"x^\top [\theta_g w_{g-1} + (1 - \theta_g) w_0]"
_RESOLVENT = r"\lambda (\widehat\Sigma_g + \lambda)^{-1}"
_WISHART = r"\mathbb{E}\,(X_g^\top X_g)^{-1}"
_MEAN = r"\mathbb{E}\,w_g = \mathbb{E}[W_g]\,w_{g-1}"
_SECOND_MOMENT = (
    r"\mathbb{E}\,|w_g|_B^2 = \mathbb{E}\,w_{g-1}^\top W_g^\top B W_g w_{g-1} + \mathbb{E}\,|\mathrm{noise}|_B^2"
)
