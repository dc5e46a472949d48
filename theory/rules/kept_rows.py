r"""The spectrum of the inverse Gram matrix of n_0 real rows: the Marchenko-Pastur law.

With y = r/n_0 < 1 the r eigenvalues of the whitened R/n_0 fill x = 1 + y + 2 sqrt(y) cos(phi), 0 < phi < pi, with
density (2/pi) sin^2(phi)/x in phi (the change of variables x -> phi in sqrt((x_+ - x)(x - x_-))/(2 pi y x)). The
distance of a model from the least-squares fit to the real rows alone sees the covariance R^{-1}, so s = 1/(n_0 x).
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import Reference
from .kind import Kind
from .statement import Statement

REAL_ROWS, REAL_NOISE = x.scalar("n_0"), x.scalar("sigma_0")
ANGLE, RATIO, WIDTH = x.spectral("phi"), x.scalar("y"), x.spectral("x")

HYPOTHESES = (
    "least squares on the same real rows, more than rank + 1, in every generation, and on fresh rows",
    "the model before labels the fresh rows; all rows are Gaussian with the population's covariance",
    "rows and rank grow in proportion (error O(1/dimension)); the errors are means over the real rows, too",
)
_SOURCE = Reference((), "derived in theory/rules/kept_rows.py and theory/chains/kept_rows.py")
_DEFINITIONS = (
    (RATIO, x.rank / REAL_ROWS),
    (WIDTH, 1 + RATIO + 2 * sympy.sqrt(RATIO) * sympy.cos(ANGLE)),
)

SPECTRUM_OF_KEPT_ROWS = Statement(
    "spectrum of kept rows",
    "Eigenvalues of the covariance that the distance to the real rows' own fit sees, by angle.",
    HYPOTHESES,
    _DEFINITIONS,
    1 / (REAL_ROWS * WIDTH),
    _SOURCE,
    Kind.EQUIVALENT,
)
DENSITY_OF_KEPT_ROWS = Statement(
    "density of the spectrum of kept rows",
    "Share of the eigenvalues per angle.",
    HYPOTHESES,
    _DEFINITIONS,
    2 * sympy.sin(ANGLE) ** 2 / (sympy.pi * WIDTH),
    _SOURCE,
    Kind.EQUIVALENT,
)
TARGET_OF_KEPT_ROWS = Statement(
    "target of kept rows",
    "Mean square, in units of error, of what the real rows' own fit has learnt of their label noise.",
    HYPOTHESES,
    (),
    REAL_NOISE**2 * x.s,
    _SOURCE,
    Kind.EXACT,
)
KEPT_ROWS = (SPECTRUM_OF_KEPT_ROWS, DENSITY_OF_KEPT_ROWS, TARGET_OF_KEPT_ROWS)
