"""`derive`: the test-error theorem of a chain, with the steps that lead to it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any, final

import sympy

from ..chains import forward, moments
from ..chains.reading import Step, last_restart, read
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import SpecificationError
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.blend import SPREAD
from ..rules.kind import Kind
from ..rules.one_step import OneStep
from ..rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ..rules.statement import Statement, latex
from ..rules.trace import distributed
from .book import statements_of, theorem_of

Names = dict[Any, Any]


@final
@dataclass(frozen=True)
class ProofStep:
    """One step of a derivation: a rule rewrites what is to be averaged.

    Attributes:
        rule: name of the statement that is applied.
        generations: first and last generation it is applied to.
        before: what is rewritten, in LaTeX.
        after: equations (symbol, expression) that replace it.
        hypotheses: what must hold for the rule.
        source: where the rule comes from.
    """

    rule: str
    generations: tuple[int, int]
    before: str
    after: tuple[tuple[Any, Any], ...]
    hypotheses: tuple[str, ...]
    source: str

    def latex(self) -> tuple[str, ...]:
        """One displayed equation for every equation of the step."""
        first, last = self.generations
        span = "" if first == last else rf",\qquad g = {first}, \ldots, {last}"
        lines = ((latex(symbol), latex(value)) for symbol, value in self.after)
        return tuple(f"{left} = {right}{span if _is_indexed(left) else ''}" for left, right in lines)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Derivation:
    """A theorem about a chain.

    Attributes:
        chain: what was derived.
        theorem: the statement of the theorem book that covers the chain.
        hypotheses: everything that is assumed.
        definitions: ordered pairs (symbol, expression): the straight-line program of all generations; each kappa is
            the root of its equation for the rows in `steps`.
        result: the equation for the excess error E_N of the last generation in those symbols; infinite where it is.
        steps: how it is derived, consecutive generations under one rule taken together.
        values: the chain's own numbers or symbols for n, lambda, sigma and the rank.
        kind: exact, or a deterministic equivalent.
    """

    chain: Chain
    theorem: Statement
    hypotheses: tuple[str, ...]
    definitions: tuple[tuple[Any, Any], ...]
    result: Any
    steps: tuple[ProofStep, ...]
    values: tuple[tuple[Any, Any], ...]
    kind: Kind

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of the theorem and of all rules used."""
        return tuple(dict.fromkeys([f"{self.theorem.name}: {self.theorem.source}", *(s.source for s in self.steps)]))

    def equations(self) -> tuple[str, ...]:
        """The theorem as displayed LaTeX equations: the steps' definitions, then the result."""
        relation = "=" if self.kind is Kind.EXACT else r"\simeq"
        last = f"{latex(self.result.lhs)} {relation} {latex(self.result.rhs)}"
        return (*(line for step in self.steps for line in step.latex()), last)

    def latex(self) -> str:
        """The theorem as one LaTeX block."""
        aligned = [re.sub(r" (=|\\simeq) ", r" &\1 ", line, count=1) for line in self.equations()]
        return "\\begin{aligned}\n" + " \\\\\n".join(aligned) + "\n\\end{aligned}"

    def expanded(self) -> Any:
        """The error of the last generation with all states put in; for at most 4 generations (it grows like 4^N).

        Raises:
            SpecificationError: for longer chains, whose straight-line program is the readable form.
        """
        if len(self.chain) > 4:
            raise SpecificationError("generations", len(self.chain), "at most 4; use `definitions` beyond")
        state = {symbol.name for symbol in (*forward.CARRIED, *forward.BLENDED.values(), x.chi)}
        expression = self.result.rhs
        for symbol, value in reversed(self.definitions):
            if symbol.name.split("_")[0] in state:
                expression = expression.subs(symbol, value)
        return distributed(expression)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li><b>{html.escape(step.rule)}</b>, {_span(step.generations)}: $${step.before}$$ becomes "
            + "".join(f"$${line}$$" for line in step.latex())
            + f"<small>{html.escape(step.source)}</small></li>"
            for step in self.steps
        )
        assumed = "".join(f"<li>{html.escape(text)}</li>" for text in self.hypotheses)
        title = f"<p><b>{html.escape(self.theorem.name.capitalize())}</b> ({self.kind.value})</p>"
        return f"{title}<ul>{assumed}</ul><ol>{rows}</ol>$${self.equations()[-1]}$$"

    def __str__(self) -> str:
        lines = [f"Theorem ({self.theorem.name}; {self.kind.value}). Assume:"]
        lines += [f"  - {text}" for text in self.hypotheses]
        for step in self.steps:
            lines.append(f"{step.rule}, {_span(step.generations)}:")
            lines += [f"  {symbol} = {value}" for symbol, value in step.after]
        given = ", ".join(f"{symbol} = {value}" for symbol, value in self.values)
        return "\n".join([*lines, f"Then {self.result.lhs} = {self.result.rhs}", f"with {given}"])

    __repr__ = __str__


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
    if not isinstance(chain, Chain):
        raise SpecificationError("chain", chain, "a Chain")
    steps = read(chain)
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
    proof = [ProofStep("model 0 is the truth", (start + 1, start + 1), r"w_0", nothing_lost, (), "definition")]
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
        ProofStep(statement.name, span, shown, after, statement.hypotheses, str(statement.source))
        for statement, shown, after in parts
    ]


_LABELS = r"x^\top [\theta_g w_{g-1} + (1 - \theta_g) w_0]"
_RESOLVENT = r"\lambda (\widehat\Sigma_g + \lambda)^{-1}"
_WISHART = r"\mathbb{E}\,(X_g^\top X_g)^{-1}"
_MEAN = r"\mathbb{E}\,w_g = \mathbb{E}[W_g]\,w_{g-1}"
_SECOND_MOMENT = (
    r"\mathbb{E}\,|w_g|_B^2 = \mathbb{E}\,w_{g-1}^\top W_g^\top B W_g w_{g-1} + \mathbb{E}\,|\mathrm{noise}|_B^2"
)


def _is_indexed(left: str) -> bool:
    return left.endswith(("_{g}", ",g}"))


def _span(generations: tuple[int, int]) -> str:
    first, last = generations
    return f"generation {first}" if first == last else f"generations g = {first}, ..., {last}"
