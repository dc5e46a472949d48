"""`derive`: the one entrance, for chains and for expressions of one's own."""

from __future__ import annotations

from typing import overload

from ..algebra.expression import Expression
from ..algebra.risk import Traces
from ..problem.chain import Chain
from ..statements.derivation import derive as derive_chain
from ..statements.theorem import Derivation
from .derived import Derived, derive_expression


@overload
def derive(given: Chain) -> Derivation: ...
@overload
def derive(given: Traces | Expression) -> Derived: ...
def derive(given: Chain | Traces | Expression) -> Derivation | Derived:
    """The theorem of a chain, or of an expression in Gaussian matrices.

    Args:
        given: a chain (numbers or symbols), `risk(estimator)`, `tr(expression)`, or a square expression.

    Returns:
        A `Derivation` for chains, a `Derived` for expressions: hypotheses or equations, result, steps, LaTeX.

    Raises:
        NoTheorem: where no statement applies to a chain.
        SpecificationError: for anything else.

    >>> import modelcollapse as mc
    >>> from modelcollapse.theory import Model, inv
    >>> m = Model(); X = m.design("X", rows="T")
    >>> mc.derive(m.metric @ inv(X.T @ X + "lambda")).kappa[0]
    Eq(lambda, D_T*kappa)
    """
    return derive_expression(given) if isinstance(given, Traces | Expression) else derive_chain(given)
