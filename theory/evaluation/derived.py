r"""`derive` for an estimator of one's own: an expression in Gaussian matrices in, its theorem out."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np
import sympy

from ..algebra.dyson import dyson
from ..algebra.expression import Expression, Role
from ..algebra.generations import generations
from ..algebra.pencil import pencil
from ..algebra.polynomial import Letter
from ..algebra.program import Program
from ..algebra.reduction import Reduced, reduced
from ..algebra.reduction.certificate import Certificate
from ..algebra.reduction.reduced import PositiveBlock
from ..algebra.risk import Traces, sources_of, tr
from ..problem import checks
from ..problem.errors import Irreducible, NotCertified
from ..results.labelled import Column, Labelled
from ..results.result import Result
from ..rules.fits import fits_of
from ..rules.statement import latex
from ..statements.program_steps import Printed, printed
from ..statements.theorem import ProofStep, steps_html
from .alphabet import Alphabet
from .fixed_point.machine import Setting
from .fixed_point.precision import reliable, rounding_loss, traced
from .formulas import Evaluated, Formula, GenerationsFormula, WholeFormula
from .generators import RESIDUAL
from .stages import WORST_CONDITION

LARGEST_REDUCTION = 10_000  # terms; a second's work
FEW = 3  # generations that are tried as a whole
SHORT, LONG = 150, 300  # terms of all parts: on half a page; too many to be read


@final
@dataclass(frozen=True, eq=False, repr=False)
class Derived(Result):
    """The limit of proportional sizes of a sum of traces, such as the test error of an estimator.

    Attributes:
        traces: what was derived, named part by part; the truth's part, w_0, is the noise-free error.
        given: the program, where it was needed to find the formula.
        formula: all parts in effective ridges, margins and traces over the spectrum, as a whole or generation by
            generation; None where that becomes too large.
    """

    traces: Traces
    given: Program | None = None
    formula: Formula | None = None

    @cached_property
    def program(self) -> Program:
        """The fixed-point equations of all generations together, in the order in which they are solved."""
        return dyson(pencil(self.traces.parts)) if self.given is None else self.given

    @property
    def letters(self) -> tuple[Letter, ...]:
        """The letters that need a value: sizes, penalties, noises, spectra, second moments."""
        return self._alphabet.letters

    @property
    def names(self) -> tuple[str, ...]:
        """The parts of the result."""
        return tuple(name for name, _ in self.traces.parts)

    @property
    def certified(self) -> bool:
        """Whether no formula contains a subtraction, so that float64 is accurate wherever it is evaluated."""
        return self.formula is not None and self.formula.certified

    @property
    def certificates(self) -> Mapping[str, Certificate]:
        """For every part of a reduced result, what the signs of its formula say about accuracy; empty for others."""
        return {} if self.formula is None else self.formula.certificates

    @property
    def kappa(self) -> tuple[Any, ...]:
        """The equations of all effective ridges and margins; empty where there is no reduced form."""
        return tuple(one for block in self._blocks for one in block.equations)

    @cached_property
    def parts(self) -> Mapping[str, Any]:
        """Every part of the result as an expression, in the letters of `steps`."""
        return dict(self._printed.results) if self.formula is None else self.formula.parts

    @property
    def steps(self) -> tuple[ProofStep, ...]:
        """What leads to the parts: rule, what it rewrites, the equations, hypotheses, source."""
        return self._printed.steps if self.formula is None else self.formula.steps

    @property
    def definitions(self) -> tuple[tuple[Any, Any], ...]:
        """The equations of all steps as pairs (symbol, expression), those of each generation by themselves."""
        if self.formula is None:
            return tuple(line for step in self.steps for line in step.after)
        return self.formula.definitions

    @property
    def reduced(self) -> Reduced | None:
        """The program reduced as a whole, where it is."""
        return self.formula.reduced if isinstance(self.formula, WholeFormula) else None

    @property
    def result(self) -> Any:
        """The whole result."""
        return sympy.Add(*self.parts.values())

    @property
    def bias(self) -> Any:
        """The noise-free part: what the truth and offsets from it contribute."""
        return sympy.Add(*(part for name, part in self.parts.items() if not _is_noise(name)))

    @property
    def variance(self) -> Any:
        """What the noises contribute."""
        return sympy.Add(*(part for name, part in self.parts.items() if _is_noise(name)))

    def __call__(self, **values: Any) -> dict[str, Any]:
        """Every part of the result at numbers.

        Args:
            values: one for each of `letters` (`**{"lambda": 0.1}` for a Python keyword): spectral letters as arrays
                over the eigendirections, everything else as numbers.

        Returns:
            Floats: certified formulas accurate to a few ulp, others with at least ten digits. JAX arrays under a
            transform, NaN where rounding spoils them.

        Raises:
            SpecificationError: for a letter without a value, or one too many.
            NotCertified: where the fixed point is not reached.
        """
        setting = self.setting(values)
        concrete = all(checks.is_concrete(value) for part in setting for value in part.values())
        found: Mapping[str, Any]
        if self.certified and not concrete:
            found = self._by_formula(setting)
        elif self.certified and all(np.all(value >= 0) for value in setting.scalars.values()):
            found = self._checked(setting)
        elif concrete:
            found = reliable(self.program, setting).targets
        else:
            found = traced(self.program, setting).targets
        return {name: float(found[name]) if concrete else found[name] for name in self.names}

    def condition(self, **values: Any) -> float:
        """How much rounding is amplified: 1 for certified formulas, else measured on the program in float64."""
        if self.certified:
            return 1.0
        return rounding_loss(self.program, self.setting(values)) * 2.0**52

    def compile(self) -> Callable[..., Any]:
        """The total as a function of the letters, compiled once; differentiable inside `with mc.precise():`."""

        @jax.jit
        def total(**values: Any) -> Any:
            setting = self.setting(values)
            if self.formula is None or not self.formula.is_measured:
                return sum(traced(self.program, setting).targets.values())
            found = self.formula.total(setting, self._alphabet.dimension)
            sure = (found.residual <= RESIDUAL) & (found.condition <= WORST_CONDITION)
            return jnp.where(sure, found.values, jnp.nan)

        return total

    def setting(self, values: Mapping[Letter, Any]) -> Setting:
        """The values as the interpreter reads them."""
        return self._alphabet.setting(values, self._penalties, self._nonnegative)

    @cached_property
    def _alphabet(self) -> Alphabet:
        if isinstance(self.formula, GenerationsFormula):
            return self.formula.alphabet
        return Alphabet.of_program(self.program)

    @cached_property
    def _penalties(self) -> set[Letter]:
        """The letters that the equations of the effective ridges are solved for."""
        others = [{size for size, _ in block.margins} | set(block.ridges) for block in self._blocks]
        return {
            str(one.lhs)
            for block, known in zip(self._blocks, others, strict=True)
            for one in block.equations
            if one.lhs not in known and one.lhs.is_Symbol
        }

    @cached_property
    def _nonnegative(self) -> set[Letter]:
        """Second moments, and the eigenvalues of every covariance."""
        symbols = {symbol for block in self._blocks for s in block.eigenvalues for symbol in s.free_symbols}
        return set(self.traces.second_moments) | {str(symbol) for symbol in symbols}

    @cached_property
    def _blocks(self) -> tuple[PositiveBlock, ...]:
        return () if self.formula is None else self.formula.blocks

    @cached_property
    def _printed(self) -> Printed:
        return printed(self.program)

    def _evaluated(self, setting: Setting) -> Evaluated:
        assert self.formula is not None
        return self.formula.evaluated(setting, self._alphabet.dimension)

    @cached_property
    def _compiled(self) -> Callable[[Setting], Any]:
        return jax.jit(self._evaluated)

    def _checked(self, setting: Setting) -> Mapping[str, Any]:
        with jax.enable_x64(True):
            found = jax.tree.map(np.asarray, self._compiled(setting))
        if not found.residual <= RESIDUAL:
            raise NotCertified(f"effective ridges and margins are off by a relative {float(found.residual):.1e}")
        named: Mapping[str, Any] = found.values
        return named

    def _by_formula(self, setting: Setting) -> Mapping[str, Any]:
        found = self._evaluated(setting)
        return {name: jnp.where(found.residual <= RESIDUAL, value, jnp.nan) for name, value in found.values.items()}

    def equations(self) -> tuple[str, ...]:
        """The theorem as displayed LaTeX equations, one for each quantity, the parts of the result last."""
        lines = [line for step in self.steps for line in step.latex()]
        return (*lines, *(rf"E_{{{_latex_name(name)}}} \simeq {latex(part)}" for name, part in self.parts.items()))

    def latex(self) -> str:
        """The theorem as one LaTeX block."""
        aligned = [line.replace(" = ", " &= ", 1).replace(r" \simeq ", r" &\simeq ", 1) for line in self.equations()]
        return "\\begin{aligned}\n" + " \\\\\n".join(aligned) + "\n\\end{aligned}"

    def to_dict(self) -> dict[str, Any]:
        """The theorem in LaTeX, part by part, with its certificates."""
        return {
            "result": "Derived",
            "expressions": {name: str(expression) for name, expression in self.traces.parts},
            "letters": list(self.letters),
            "equations": list(self.equations()),
            "certificates": {name: str(certificate) for name, certificate in self.certificates.items()},
        }

    def labelled(self) -> Labelled:
        """One row for each part: its expression, formula and certificate."""
        certificates = [str(self.certificates.get(name, NOT_REDUCED)) for name in self.names]
        columns = {
            "expression": Column([str(expression) for _, expression in self.traces.parts]),
            "latex": Column([latex(self.parts[name]) for name in self.names]),
            "certificate": Column(certificates),
        }
        return Labelled({"part": list(self.names)}, columns, {"equations": list(self.equations())})

    def __str__(self) -> str:
        lines = [line for step in self.steps for line in step.text()]
        lines += [f"{name} = {part}" for name, part in self.parts.items()]
        return "\n".join([*lines, self._verdict()])

    def _verdict(self) -> str:
        if self.formula is None:
            return NOT_REDUCED
        return "; ".join(f"{name}: {certificate}" for name, certificate in self.certificates.items())

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        parts = "".join(f"<li>$${line}$$</li>" for line in self.equations()[-len(self.parts) :])
        return f"{steps_html(self.steps)}<ul>{parts}</ul><p>{html.escape(self._verdict())}</p>"


NOT_REDUCED = "not reduced: evaluated with as many digits as it takes, with a condition number beside it"


def derive_expression(given: Traces | Expression) -> Derived:
    r"""Derive traces, or the trace of an expression.

    Args:
        given: `risk(estimator)`, `tr(expression)`, or a square expression, whose trace is taken.

    Returns:
        The deterministic equivalent of every part, error O(1/dimension).

    Raises:
        SpecificationError: for other things, and for expressions without a ridge.
        Swell: where there are too many unknowns.

    Source: derived, theory/algebra (pencil, dyson, reduction).

    >>> from ..algebra.model import Model, ridge
    >>> from ..algebra.risk import risk
    >>> m = Model(); X = m.design("X", "T")
    >>> print(derive_expression(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda"))))
    lambda = D_T*kappa/T
    T = D_T + tr[q]
    p = kappa/(s + kappa)
    q = s/(s + kappa)
    tau = s*theta
    w_0 = (D_T + tr[q**2] + tr[p*q])*tr[p**2*tau]/(D_T + tr[p*q])
    e_1 = sigma**2*tr[q**2]/(D_T + tr[p*q])
    w_0: no subtraction: accurate to a few ulp; e_1: no subtraction: accurate to a few ulp
    """
    traces = given if isinstance(given, Traces) else tr(given)
    by_rules = _by_rules(traces)
    if by_rules is not None and len(by_rules.fits) > FEW and _is_readable(by_rules):
        return Derived(traces, None, by_rules)
    program = dyson(pencil(traces.parts))
    whole = _as_a_whole(program)
    if by_rules is not None and _is_readable(by_rules) and (whole is None or whole.terms > SHORT):
        return Derived(traces, program, by_rules)
    return Derived(traces, program, whole if whole is not None and _is_readable(whole) else None)


def _by_rules(traces: Traces) -> GenerationsFormula | None:
    """A formula generation by generation, where there are several that do not depend on each other."""
    if traces.estimator is None or traces.metric is None:
        return None
    sources = sources_of(traces.estimator)
    (truth,) = (one for one in sources if one.role is Role.TRUTH)
    known = generations(traces.estimator, truth)
    fits = fits_of(known, truth) if len(known) > 1 else None
    return None if fits is None else GenerationsFormula(fits, sources, traces.metric, traces.parts)


def _as_a_whole(program: Program) -> WholeFormula | None:
    try:
        return WholeFormula(reduced(program, LARGEST_REDUCTION))
    except Irreducible:
        return None


def _is_readable(formula: Formula) -> bool:
    """Certified, or of a length that fits on a page."""
    return formula.certified or formula.terms <= LONG


def _is_noise(name: str) -> bool:
    return name.startswith("e_")


def _latex_name(name: str) -> str:
    r"""The name of a part as an index.

    >>> _latex_name("w_0, delta_1"), _latex_name("e_12")
    ('w_{0}, \\delta_{1}', '\\varepsilon_{12}')
    """
    words = []
    for word in name.split(", "):
        stem, _, index = word.partition("_")
        plain = r"\varepsilon" if stem == "e" else latex(sympy.Symbol(stem))
        shown = plain if len(plain) == 1 or plain.startswith("\\") else rf"\mathrm{{{plain}}}"
        words.append(f"{shown}_{{{index}}}" if index else shown)
    return ", ".join(words)
