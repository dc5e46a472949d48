r"""Weak to strong: how much of the gap between a weak labeller and a ceiling a student recovers.

PGR = (E_weak - E_student)/(E_weak - E_ceil): 0 for a student that copies its labeller, 1 at the ceiling.

**Least squares.** On noise-free labels of the weak model w_0 + a, with rows >= rank, the student is the weak model: it
reproduces its labeller (theory/rules/least_squares.py), and recovers nothing, exactly. Label noise adds its own
effect sigma^2 r/(n - r - 1), so that it recovers less than nothing.

**Ridge regression**, isotropic, a orthogonal to the truth, W = |w_0|^2, A = |a|^2 = E_weak. The student keeps the share
rho = s/(s + kappa) of its labels and, as a rule of theory/rules/resolvent.py with B = 1, p = 1 - rho and q = rho
everywhere, scatters by V p^2 |w_0 + a|^2 with V = tr[q^2]/(n - df_2), so that

    E = (1 - rho)^2 W + rho^2 A + V (1 - rho)^2 (W + A).

With endless rows V = 0; the least of (1 - rho)^2 W + rho^2 A is at rho = W/(W + A), where E = W A/(W + A): shrinking is
all the student knows that its labeller does not, and what it gains is A^2/(W + A).
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.statement import Statement
from ..rules.trace import distributed

WEAK, STUDENT, CEILING = (x.at(x.error, name) for name in ("weak", "student", "ceil"))
TRUTH, SHRINKAGE, DESIGN = x.scalar("W"), x.scalar("rho"), x.scalar("V")
_RIDGE = (
    "isotropic covariance; the student is ridge regression on noise-free labels of the weak model",
    "the error of the weak model is orthogonal to the truth, with squared norms A = E_weak and W",
)
_SOURCE = Reference((), "derived in theory/statements/performance_gap.py")

PERFORMANCE_GAP_RECOVERED = Statement(
    "performance gap recovered",
    "What the student gains on its labeller, as a part of what there is to gain.",
    ("the error of the weak labeller is larger than that of the ceiling",),
    (),
    (WEAK - STUDENT) / (WEAK - CEILING),
    _SOURCE,
    Kind.EXACT,
)
ERROR_OF_A_RIDGE_STUDENT = Statement(
    "error of a ridge student",
    "What it does not learn of the truth, what it learns of its labeller's error, and the scatter of its rows.",
    (*_RIDGE, "rows and dimension grow in proportion (error O(1/dimension))"),
    (),
    (1 - SHRINKAGE) ** 2 * TRUTH + SHRINKAGE**2 * WEAK + DESIGN * (1 - SHRINKAGE) ** 2 * (TRUTH + WEAK),
    _SOURCE,
    Kind.EQUIVALENT,
)
_ENDLESS = (*_RIDGE, "endless rows")
_WITHOUT_SCATTER = ERROR_OF_A_RIDGE_STUDENT.result.subs(DESIGN, 0)

BEST_SHRINKAGE = Statement(
    "best shrinkage of a student",
    "The share of its labels that a ridge student of least error keeps.",
    _ENDLESS,
    (),
    sympy.factor(sympy.solve(sympy.diff(_WITHOUT_SCATTER, SHRINKAGE), SHRINKAGE)[0]),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
BEST_RECOVERY = Statement(
    "performance gap recovered by the best ridge student",
    "More than nothing, from shrinking alone.",
    _ENDLESS,
    (),
    sympy.factor(
        PERFORMANCE_GAP_RECOVERED.result.subs(STUDENT, _WITHOUT_SCATTER.subs(SHRINKAGE, BEST_SHRINKAGE.result))
    ),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
RECOVERY_OF_LEAST_SQUARES = Statement(
    "performance gap recovered by least squares",
    "Least squares copies its labeller and adds the effect of label noise: without any noise it recovers nothing.",
    (
        "the student is least squares on fresh Gaussian rows, labelled by the weak model",
        *LEAST_SQUARES.noise.hypotheses,
    ),
    LEAST_SQUARES.definitions,
    PERFORMANCE_GAP_RECOVERED.result.subs(
        STUDENT, WEAK + x.noise**2 * distributed(LEAST_SQUARES.noise.result.subs(x.weight, 1))
    ),
    _SOURCE,
    Kind.EXACT,
)
PERFORMANCE_GAP = (
    PERFORMANCE_GAP_RECOVERED,
    ERROR_OF_A_RIDGE_STUDENT,
    BEST_SHRINKAGE,
    BEST_RECOVERY,
    RECOVERY_OF_LEAST_SQUARES,
)
