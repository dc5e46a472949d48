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
from ..algebra.expression import Expression
from ..algebra.pencil import pencil
from ..algebra.polynomial import Letter
from ..algebra.program import Program
from ..algebra.reduction import Reduced, reduced
from ..algebra.reduction.certificate import Certificate
from ..algebra.risk import Traces, tr
from ..problem import checks
from ..problem import notation as x
from ..problem.errors import Irreducible, NotCertified, SpecificationError
from ..results.labelled import Column, Labelled
from ..results.result import Result
from ..rules.statement import latex
from ..statements.program_steps import Printed, printed
from .fixed_point.machine import Setting
from .fixed_point.precision import reliable, rounding_loss, traced
from .generators import RESIDUAL, generators
from .lowering import Nodes, evaluate

FEATURES = "features"
LARGEST_REDUCTION = 10_000  # terms; a second's work


@final
@dataclass(frozen=True, eq=False, repr=False)
class Derived(Result):
    """The limit of proportional sizes of a sum of traces, such as the test error of an estimator.

    Attributes:
        traces: what was derived, named part by part; the truth's part, w_0, is the noise-free error.
        program: the fixed-point equations in the order in which they are solved.
        reduced: the same in effective ridges, margins and traces over the spectrum; None where that becomes too large.
    """

    traces: Traces
    program: Program
    reduced: Reduced | None = None

    @cached_property
    def letters(self) -> tuple[Letter, ...]:
        """The letters that need a value: sizes, penalties, noises, spectra, second moments."""
        defined = self.program.definitions
        bodies = [*(one.body for one in defined.values()), *(target.body for target in self.program.targets)]
        used = {letter for body in bodies for letter in body.letters} - set(defined)
        used |= {space.size for space in self.program.spaces}
        return tuple(sorted(used))

    @property
    def names(self) -> tuple[str, ...]:
        """The parts of the result."""
        return tuple(target.name for target in self.program.targets)

    @property
    def certified(self) -> bool:
        """Whether no formula contains a subtraction, so that float64 is accurate wherever it is evaluated."""
        return self.reduced is not None and self.reduced.certified

    @property
    def certificates(self) -> Mapping[str, Certificate]:
        """For every part of a reduced result, what the signs of its formula say about accuracy; empty for others."""
        return {} if self.reduced is None else self.reduced.certificates

    @property
    def kappa(self) -> tuple[Any, ...]:
        """The equations of all effective ridges and margins; empty where there is no reduced form."""
        return () if self.reduced is None else tuple(one for block in self.reduced.blocks for one in block.equations)

    @cached_property
    def parts(self) -> Mapping[str, Any]:
        """Every part of the result as an expression; in the letters of `steps` where there is no reduced form."""
        return dict(self._printed.results) if self.reduced is None else self.reduced.results

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
            found = self._by_formula(setting) if self.certified else traced(self.program, setting).targets
            return sum(found.values())

        return total

    def setting(self, values: Mapping[Letter, Any]) -> Setting:
        """The values as the interpreter reads them."""
        dimension = self._dimension
        used = [letter for letter in self.program.spectral if letter in self.letters]
        known = {*values, dimension} if used else {*values}  # arrays show how many directions there are
        missing = [letter for letter in self.letters if letter not in known]
        unknown = [letter for letter in values if letter not in self.letters]
        if missing or unknown:
            raise SpecificationError("values", sorted(values), f"a value for each of {', '.join(self.letters)}")
        sizes = {space.size for space in self.program.spaces}
        for letter, value in values.items():
            _require_number(letter, value, letter in self.program.spectral, letter in sizes | self._penalties)
            if letter in self._nonnegative and checks.is_concrete(value) and np.any(np.asarray(value) < 0):
                raise SpecificationError(letter, value, "eigenvalues and mean squares, which are not negative")
        spectral = {letter: values[letter] for letter in used}
        shapes = {np.shape(value) for value in spectral.values()}
        if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
            raise SpecificationError("values", shapes, "arrays of one and the same length for all spectral letters")
        scalars = {letter: value for letter, value in values.items() if letter not in spectral}
        counts: dict[str, Any] = {}
        if shapes:
            (length,) = shapes.pop()
            if dimension in values and checks.is_concrete(values[dimension]) and values[dimension] != length:
                raise SpecificationError(
                    dimension, values[dimension], f"{length}, as many as there are eigendirections"
                )
            counts = {FEATURES: np.ones(length)}
            scalars[dimension] = float(length)
        return Setting(scalars, spectral, counts)

    @cached_property
    def _dimension(self) -> Letter:
        features = [
            space for space in (*self.program.spaces, *self.program.spectral.values()) if space.name == FEATURES
        ]
        return features[0].size if features else "d"

    @cached_property
    def _penalties(self) -> set[Letter]:
        """The letters that the equations of the effective ridges are solved for."""
        blocks = () if self.reduced is None else self.reduced.blocks
        others = [{size for size, _ in block.margins} | set(block.ridges) for block in blocks]
        return {
            str(one.lhs)
            for block, known in zip(blocks, others, strict=True)
            for one in block.equations
            if one.lhs not in known and one.lhs.is_Symbol
        }

    @cached_property
    def _nonnegative(self) -> set[Letter]:
        """Second moments, and the eigenvalues of every covariance."""
        blocks = () if self.reduced is None else self.reduced.blocks
        symbols = {symbol for block in blocks for s in block.eigenvalues for symbol in s.free_symbols}
        return set(self.traces.second_moments) | {str(symbol) for symbol in symbols}

    @cached_property
    def _printed(self) -> Printed:
        return printed(self.program)

    @cached_property
    def _formula(self) -> Callable[[Setting], Any]:
        return jax.jit(lambda setting: _evaluated(self.reduced, setting, self._dimension))

    def _checked(self, setting: Setting) -> Mapping[str, Any]:
        with jax.enable_x64(True):
            found, residual = jax.tree.map(np.asarray, self._formula(setting))
        if not residual <= RESIDUAL:
            raise NotCertified(f"effective ridges and margins are off by a relative {float(residual):.1e}")
        named: Mapping[str, Any] = found
        return named

    def _by_formula(self, setting: Setting) -> Mapping[str, Any]:
        found, residual = _evaluated(self.reduced, setting, self._dimension)
        return {name: jnp.where(residual <= RESIDUAL, value, jnp.nan) for name, value in found.items()}

    def equations(self) -> tuple[str, ...]:
        """The theorem as displayed LaTeX equations, one for each quantity, the parts of the result last."""
        if self.reduced is None:
            lines = [line for step in self._printed.steps for line in step.latex()]
        else:
            lines = [f"{latex(symbol)} = {latex(value)}" for symbol, value in self._lines()]
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
        lines = [f"{symbol} = {value}" for symbol, value in self._lines()]
        lines += [f"{name} = {part}" for name, part in self.parts.items()]
        return "\n".join([*lines, self._verdict()])

    __repr__ = __str__

    def _lines(self) -> list[tuple[Any, Any]]:
        if self.reduced is None:
            return [line for step in self._printed.steps for line in step.after]
        lines = [(one.lhs, one.rhs) for one in (*self.kappa, *self.reduced.relations)] + list(self.reduced.definitions)
        if any(part.has(x.tau) for part in self.parts.values()):
            lines.append((x.tau, x.s * x.spectral("theta")))
        return lines

    def _verdict(self) -> str:
        if self.reduced is None:
            return NOT_REDUCED
        return "; ".join(f"{name}: {certificate}" for name, certificate in self.certificates.items())

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>$${line}$$</li>" for line in self.equations())
        return f"<ol>{lines}</ol><p>{html.escape(self._verdict())}</p>"


NOT_REDUCED = "not reduced: evaluated with as many digits as it takes, with a condition number beside it"


def _require_number(letter: Letter, value: Any, many: bool, is_size: bool) -> None:
    if checks.is_tracer(value):
        return
    allowed = "finite numbers, one for each eigendirection" if many else "a finite number"
    try:
        array = np.asarray(value)
    except Exception:  # ragged lists
        raise SpecificationError(letter, value, allowed) from None
    if array.dtype.kind not in "iuf" or (array.ndim > 0 and not many) or not np.all(np.isfinite(array)):
        raise SpecificationError(letter, value, allowed)
    if is_size and not np.all(array > 0):
        raise SpecificationError(letter, value, "a positive number")


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
    program = dyson(pencil(traces.parts))
    try:
        short: Reduced | None = reduced(program, LARGEST_REDUCTION)
    except Irreducible:
        short = None
    return Derived(traces, program, short if short is not None and _is_short(short) else None)


def _is_short(made: Reduced) -> bool:
    """Whether a formula is worth reading: certified, or of a length that fits on a page."""
    return made.certified or sum(certificate.terms for certificate in made.certificates.values()) <= 300


def _evaluated(made: Reduced | None, setting: Setting, dimension: Letter) -> tuple[dict[str, Any], Any]:
    """Every part by its formula, and the residual of the effective ridges."""
    assert made is not None
    spectral = {letter: jnp.asarray(value) for letter, value in setting.spectral.items()}
    scalars = {letter: jnp.asarray(value, dtype=jnp.result_type(float)) for letter, value in setting.scalars.items()}
    counts = jnp.asarray(next(iter(setting.counts.values()))) if setting.counts else scalars[dimension][None]
    s = spectral.get("s", jnp.ones_like(counts))
    nodes = Nodes(s, counts, counts * s * spectral.get("theta", jnp.ones_like(counts)))
    known = {x.spectral(letter): value for letter, value in spectral.items()}
    known |= {x.scalar(letter): value for letter, value in scalars.items()}
    found = generators(made, known, nodes)
    return {name: evaluate(part, found.values, nodes) for name, part in made.results.items()}, found.residual


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
