r"""Rows of one fit that have several labellers: the fit is that on their mean labeller, with more label noise.

Source k has the share p_k of the rows, and labels x'w_k + noise of variance sigma_k^2. In the equivalents of
theory/rules a fit depends on its labels through their mean over rows and their variance around it, because the
resolvent without row i is independent of who labels row i. With r_k the risk of the fit on the rows of source k, the
noise that enters is

    sum_k p_k r_k = sum_k p_k [sigma_k^2 + E|w_k - w|^2_Sigma],        w the fitted model,

and sum_k p_k E|w_k - w|^2 = E|W - w|^2 + sum_k p_k E|w_k - W|^2 for the mean labeller W = sum_k p_k w_k: everything is
as if W labelled all rows, with label noise of variance

    sum_k p_k sigma_k^2 + A,        A = sum_k p_k E|w_k - W|^2_Sigma,

the noise of the sources and the disagreement of the labellers. Synthetic data therefore cost a fit twice: their mean
error enters as a shift of the truth, their disagreement with real data as noise. For a share p of rows whose labeller
is the model before (error e) and 1 - p labelled by the truth, A = p (1 - p) E|e|^2.
"""

from __future__ import annotations

from ..problem import notation as x
from .bibliography import STRONG_COLLAPSE, Reference
from .kind import Kind
from .statement import Statement
from .trace import Trace

LABELLER_VARIANCE = x.scalar("V")  # over the rows, of the share of the model before in their labels

DISAGREEMENT = Statement(
    "disagreement of labellers",
    "Rows with different labellers are rows of the mean labeller with this much more label noise.",
    (
        "the rows are Gaussian, fresh, of one covariance and weight, whoever labels them",
        "rows, dimension and spectrum grow in proportion (error O(1/dimension))",
        "labellers are the truth, shifted truths and the model before, in any shares",
    ),
    (),
    LABELLER_VARIANCE * Trace(x.lost**2 * x.tau + x.spread),
    Reference((STRONG_COLLAPSE,), "derived in theory/rules/several_labellers.py"),
    Kind.EQUIVALENT,
)
