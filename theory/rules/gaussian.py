"""Means over normal variables, as objects of formulas: what a rule that judges residuals needs to know."""

from __future__ import annotations

from typing import Any

import sympy


class PartialMoment(sympy.Function):  # type: ignore[misc]
    r"""The integral of z^k phi(z) from a to b, with phi the standard normal density.

    >>> PartialMoment(0, -sympy.oo, sympy.oo)
    M_0(-oo, oo)
    """

    nargs = 3

    def _latex(self, printer: Any, exp: Any = None) -> str:
        order, lower, upper = (printer.doprint(argument) for argument in self.args)
        power = "" if self.args[0] == 0 else ("z" if self.args[0] == 1 else f"z^{{{order}}}")
        text = rf"\int_{{{lower}}}^{{{upper}}} {power}\varphi(z)\,dz"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer: Any) -> str:
        order, lower, upper = (printer.doprint(argument) for argument in self.args)
        return f"M_{order}({lower}, {upper})"


class NormalMean(sympy.Function):  # type: ignore[misc]
    """E f(z) over a standard normal z, written `NormalMean(f(Z))` with the variable `Z`."""

    nargs = 1

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\mathbb{{E}}_z\left[{printer.doprint(self.args[0])}\right]"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"E_z[{printer.doprint(self.args[0])}]"


class Tries(sympy.Function):  # type: ignore[misc]
    """Expected number of draws, at most K, until one succeeds that does so with probability p: (1 - (1 - p)^K)/p."""

    nargs = 2

    def _latex(self, printer: Any, exp: Any = None) -> str:
        chance, tries = (printer.doprint(argument) for argument in self.args)
        text = rf"\sum_{{j < {tries}}} (1 - {chance})^j"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer: Any) -> str:
        chance, tries = (printer.doprint(argument) for argument in self.args)
        return f"sum_{{j<{tries}}} (1 - {chance})**j"


class Failures(sympy.Function):  # type: ignore[misc]
    """Probability (1 - p)^m that m tries fail, each of which succeeds with probability p."""

    nargs = 2

    def _latex(self, printer: Any, exp: Any = None) -> str:
        chance, tries = (printer.doprint(argument) for argument in self.args)
        text = f"(1 - {chance})^{{{tries}}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer: Any) -> str:
        chance, tries = (printer.doprint(argument) for argument in self.args)
        return f"(1 - {chance})**({tries})"


Z = sympy.Symbol("z", real=True)  # the variable of a `NormalMean`
