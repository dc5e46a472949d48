r"""Least squares on rows with several labellers: exact at finite size.

n fresh rows with Gram matrix W, row l labelled by model e_l (errors measured from the truth): the fit has the error
e = W^{-1} sum_l x_l x_l' e_l + noise. Rotations and exchangeability of rows leave two numbers,

    E[x_l x_l' W^{-2} x_l x_l'] = c_1 I,    E[x_l x_l' W^{-2} x_k x_k'] = c_2 I    (k != l, whitened),

so that E|e|^2 = c_1 S_1 + c_2 S_2 + sigma^2 r/(n - r - 1), with S_1 = sum_l E|e_l|^2 and S_2 = sum_{l != k} E e_l'e_k.

The numbers. Write x_l = W^{1/2} u_l: the u_l are rows of a uniformly random orthonormal n x r matrix, independent of W,
with E u u' A u u' = (tr A + 2 A)/(n (n + 2)). For A = W^{-1} this gives c_1 = (h + 2)/(n (n + 2)) with
h = E tr W tr W^{-1}/r; as tr W is independent of W/tr W, h = (n r - 2)/(n - r - 1). Then sum_l x_l x_l' W^{-1} = I
gives n c_1 + n (n - 1) c_2 = 1.
Label noise and other rows are independent of earlier models, so a fit is correlated with an earlier one through its
labels only: E e'e_j = (1/n) sum_l E e_l'e_j.
"""

from __future__ import annotations

from ..problem import notation as x
from .bibliography import Reference
from .kind import Kind
from .statement import Statement

HYPOTHESES = (
    "least squares on fresh Gaussian rows, with the population's covariance and equal weights",
    "earlier models, the truth or shifted truths label the rows, or fixed blends of them, chosen in advance or by lot",
    "rows >= rank + 2",
)
_SOURCE = Reference((), "derived in theory/rules/labeller_mixture.py (matrix Dirichlet moments)")

LABELLER_MIXTURE = Statement(
    "error of least squares with several labellers",
    "The error in terms of the errors of those who labelled the rows, and of their correlations.",
    HYPOTHESES,
    (
        (x.wishart_margin, x.rows - x.rank - 1),
        (x.leverage, (x.rows * x.rank - 2) / x.wishart_margin),
        (x.own, (2 + x.leverage) / (x.rows * (x.rows + 2))),
        (x.shared, (x.rows - x.leverage) / (x.rows * (x.rows + 2) * (x.rows - 1))),
    ),
    x.own * x.over_rows + x.shared * x.over_pairs + x.noise**2 * x.rank / x.wishart_margin,
    _SOURCE,
    Kind.EXACT,
)
LABELLER_CORRELATION = Statement(
    "correlation of least squares with an earlier model",
    "The mean product of the errors of a fit and of an earlier model is the mean over the fit's labellers.",
    HYPOTHESES,
    (),
    x.over_rows / x.rows,
    _SOURCE,
    Kind.EXACT,
)
