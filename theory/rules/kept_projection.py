r"""The spectrum of one random projection that is kept: the equivalent of the resolvent of W = Sigma^{1/2} S'S
Sigma^{1/2}.

S has m rows with entries N(0, 1/m), so that W is a sample covariance of m isotropic rows, between Sigma^{1/2} and
Sigma^{1/2}, and (W + l)^{-1} = (1 - W (W + l)^{-1})/l ~ (kappa/l)(Sigma + kappa)^{-1} for l = kappa (1 - df_1/m)
(theory/rules/projection.py). With l = -z, continued from z < 0 to the complex plane, an eigendirection of Sigma has the
share p/z in (z - W)^{-1}. Sums over the spectrum of W are integrals of it around the spectrum.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import STRONG_COLLAPSE, Reference
from .kind import Kind
from .statement import Statement
from .trace import Trace

PLACE = sympy.Symbol("z")

SPECTRUM_OF_A_KEPT_PROJECTION = Statement(
    "spectrum of a kept projection",
    "The share of an eigendirection in the resolvent (z - W)^{-1}; given S a fit is ridge on the spectrum of W.",
    (
        "one Gaussian random projection is drawn and kept; every fit is ridge on it, on fresh rows",
        "width, dimension and spectrum grow in proportion (error O(1/dimension)); the errors are means over S, too",
    ),
    (
        (x.q, x.s / (x.s + x.kappa)),
        (x.p, x.kappa / (x.s + x.kappa)),
        (x.width_margin_1, x.width - Trace(x.q)),
        (PLACE, -x.kappa * x.width_margin_1 / x.width),
    ),
    x.p / PLACE,
    Reference((STRONG_COLLAPSE,), "derived in theory/rules/kept_projection.py"),
    Kind.EQUIVALENT,
)
