"""A derived theorem: what is assumed, the steps, the result."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, final

from ..chains import forward
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import SpecificationError
from ..results.chains import chain_record
from ..results.labelled import Column, Labelled
from ..results.result import Result
from ..rules.bibliography import Reference, cite
from ..rules.kind import Kind
from ..rules.statement import Statement, latex
from ..rules.trace import distributed

_INDEXED = ("_g", ",g", "_g-1", ",g-1")  # how names end that stand for every generation g


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
    source: Reference

    def latex(self) -> tuple[str, ...]:
        """One displayed equation for every equation of the step."""
        return self._written(latex, r",\qquad g = {}, \ldots, {}")

    def text(self) -> tuple[str, ...]:
        """The equations in plain text."""
        return self._written(str, ", g = {}, ..., {}")

    def _written(self, write: Callable[[Any], str], span: str) -> tuple[str, ...]:
        """The equations; those that hold for several generations say for which."""
        first, last = self.generations
        where = "" if first == last else span.format(first, last)
        return tuple(
            f"{write(symbol)} = {write(value)}{where if str(symbol).endswith(_INDEXED) else ''}"
            for symbol, value in self.after
        )


@final
@dataclass(frozen=True, eq=False, repr=False)
class Derivation(Result):
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
        return tuple(
            dict.fromkeys([f"{self.theorem.name}: {self.theorem.source}", *(str(s.source) for s in self.steps)])
        )

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the theorem and its steps."""
        return cite([self.theorem.source, *(step.source for step in self.steps)])

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
        carried = (*forward.CARRIED, *forward.BLENDED.values(), x.chi, x.error, x.over_rows, x.over_pairs)
        state = {symbol.name.split("_")[0] for symbol in carried}
        expression = self.result.rhs
        for symbol, value in reversed(self.definitions):
            if symbol.name.split("_")[0] in state:
                expression = expression.subs(symbol, value)
        return distributed(expression)

    def to_dict(self) -> dict[str, Any]:
        """The theorem in words and LaTeX, with every step that leads to it."""
        return {
            "result": "Derivation",
            **chain_record(self.chain),
            "theorem": self.theorem.name,
            "kind": self.kind.value,
            "hypotheses": list(self.hypotheses),
            "values": {str(symbol): str(value) for symbol, value in self.values},
            "steps": [_record(step) for step in self.steps],
            "equations": list(self.equations()),
            "sources": list(self.sources),
        }

    def labelled(self) -> Labelled:
        """One row for each step: the rule, the generations that it is applied to, its equations and source."""
        columns = {
            "rule": Column([step.rule for step in self.steps]),
            "first": Column([step.generations[0] for step in self.steps], "generation"),
            "last": Column([step.generations[1] for step in self.steps], "generation"),
            "latex": Column(["; ".join(step.latex()) for step in self.steps]),
            "source": Column([str(step.source) for step in self.steps]),
        }
        about = {"assumptions": list(self.hypotheses), "sources": list(self.sources), "kind": self.kind.value}
        return Labelled({"step": range(1, len(self.steps) + 1)}, columns, about)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        assumed = "".join(f"<li>{html.escape(text)}</li>" for text in self.hypotheses)
        title = f"<p><b>{html.escape(self.theorem.name.capitalize())}</b> ({self.kind.value})</p>"
        return f"{title}<ul>{assumed}</ul>{steps_html(self.steps)}$${self.equations()[-1]}$$"

    def __str__(self) -> str:
        lines = [f"Theorem ({self.theorem.name}; {self.kind.value}). Assume:"]
        lines += [f"  - {text}" for text in self.hypotheses]
        for step in self.steps:
            lines.append(f"{step.rule}, {_span(step.generations)}:")
            lines += [f"  {symbol} = {value}" for symbol, value in step.after]
        given = ", ".join(f"{symbol} = {value}" for symbol, value in self.values)
        return "\n".join([*lines, f"Then {self.result.lhs} = {self.result.rhs}", f"with {given}"])


def steps_html(steps: Iterable[ProofStep]) -> str:
    """Steps as a numbered list: what each rewrites, and what it becomes."""
    rows = (
        f"<li><b>{html.escape(step.rule)}</b>, {_span(step.generations)}: $${step.before}$$ becomes "
        + "".join(f"$${line}$$" for line in step.latex())
        + f"<small>{html.escape(str(step.source))}</small></li>"
        for step in steps
    )
    return f"<ol>{''.join(rows)}</ol>"


def _record(step: ProofStep) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "generations": list(step.generations),
        "before": step.before,
        "after": list(step.latex()),
        "hypotheses": list(step.hypotheses),
        "source": str(step.source),
    }


def _span(generations: tuple[int, int]) -> str:
    first, last = generations
    return f"generation {first}" if first == last else f"generations g = {first}, ..., {last}"
