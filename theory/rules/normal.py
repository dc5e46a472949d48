"""The normal law as SymPy functions: density, cumulative distribution, and the bivariate one as an atom of its own."""

from __future__ import annotations

from typing import Any

import sympy


class NormalDensity(sympy.Function):  # type: ignore[misc]
    """varphi(h), the density of N(0, 1)."""

    nargs = 1

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _printed(r"\varphi", self.args, printer, exp)

    def fdiff(self, argindex: int = 1) -> Any:
        """varphi' = -h varphi."""
        return -self.args[0] * self


class NormalCdf(sympy.Function):  # type: ignore[misc]
    """Phi(h) = P(g <= h) for g ~ N(0, 1)."""

    nargs = 1

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _printed(r"\Phi", self.args, printer, exp)

    def fdiff(self, argindex: int = 1) -> Any:
        """Phi' = varphi."""
        return NormalDensity(self.args[0])


class BivariateNormalCdf(sympy.Function):  # type: ignore[misc]
    """Phi_2(h, k; rho) = P(u <= h, v <= k) for standard normal u, v of correlation rho."""

    nargs = 3

    def _latex(self, printer: Any, exp: Any = None) -> str:
        h, k, rho = map(printer.doprint, self.args)
        text = rf"\Phi_2\left({h}, {k}; {rho}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"

    def fdiff(self, argindex: int = 1) -> Any:
        """In a threshold: the density of one, times the probability of the other; in rho: the common density.

        >>> h, k, rho = sympy.symbols("h k rho", real=True)
        >>> sympy.diff(BivariateNormalCdf(h, k, rho), h).subs(rho, 0)
        NormalCdf(k)*NormalDensity(h)
        """
        h, k, rho = self.args
        root = sympy.sqrt(1 - rho**2)
        if argindex == 3:
            return NormalDensity(h) * NormalDensity((k - rho * h) / root) / root
        own, other = (h, k) if argindex == 1 else (k, h)
        return NormalDensity(own) * NormalCdf((other - rho * own) / root)


def _printed(name: str, arguments: Any, printer: Any, exp: Any) -> str:
    text = rf"{name}\left({printer.doprint(arguments[0])}\right)"
    return text if exp is None else rf"{text}^{{{exp}}}"
