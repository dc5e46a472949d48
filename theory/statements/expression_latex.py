"""Expressions in LaTeX, with a symbol in the place of a model that is known."""

from __future__ import annotations

from ..algebra.expression import Deterministic, Expression, Gaussian, Inverse, Product, Role, Source, Sum
from ..algebra.polynomial import Letter, Polynomial
from ..problem import notation as x
from ..rules.statement import latex


def expression_latex(expression: Expression, known: Expression | None = None, name: str = "") -> str:
    r"""An estimator as it would be written by hand.

    Args:
        expression: what is written.
        known: a part of it that has a name.
        name: of that part, in LaTeX.

    >>> from ..algebra.model import Model, ridge
    >>> m = Model(); X = m.design("X", "T")
    >>> print(expression_latex(ridge(X, X @ m.truth + m.noise("sigma"), "lambda"), m.truth, "w"))
    \left(X^\top X + T \lambda\right)^{-1} X^\top \left(X w + \varepsilon_{1}\right)
    """

    def written(part: Expression) -> str:
        if part is known:
            return name
        match part:
            case Deterministic():
                return scalar_latex(part.value)
            case Gaussian():
                return letter_latex(part.name) + (r"^\top" if part.transposed else "")
            case Source():
                return source_latex(part)
            case Product():
                return " ".join(_bracketed(factor, written(factor), factor is known) for factor in part.factors)
            case Sum():
                return " + ".join(written(term) for term in part.terms)
            case _:
                assert isinstance(part, Inverse)
                return rf"\left({written(part.body)}\right)^{{-1}}"

    return written(expression)


def letter_latex(letter: Letter) -> str:
    """A name with its index."""
    return latex(x.scalar(letter))


def source_latex(source: Source) -> str:
    r"""The truth, an offset, or a noise, whose letter is epsilon."""
    stem, _, index = source.name.partition("_")
    if source.role is Role.NOISE and stem == "e":
        return rf"\varepsilon_{{{index}}}"
    return letter_latex(source.name)


def scalar_latex(value: Polynomial) -> str:
    """A polynomial, in brackets where it is a sum."""
    text = latex(value.to_sympy(x.scalar))
    return rf"\left({text}\right)" if len(value.terms) > 1 else text


def _bracketed(factor: Expression, text: str, is_known: bool) -> str:
    return rf"\left({text}\right)" if isinstance(factor, Sum) and not is_known else text
