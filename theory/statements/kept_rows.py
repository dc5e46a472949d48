r"""Least squares on the same real rows in every generation, and fresh synthetic ones: a deterministic equivalent.

Given the kept rows, the distance of the model from their own fit is a chain of ridge fits on the spectrum of the
inverse Gram matrix (theory/chains/kept_rows.py), which is that of Marchenko and Pastur (theory/rules/kept_rows.py). So
the forward recursion of theory/statements/ridge_chain.py holds, with s = 1/(n_0 x), tau = sigma_0^2 s, and the penalty
(ratio of weights)/n on n fresh rows; where the first generation saw the real rows alone it starts from P = 1 and
Q = 0.

Synthetic rows never help: tr[P^2 tau + U] >= tr[tau] for P = 1, the error of the real rows alone.
"""

from __future__ import annotations

from dataclasses import replace

from ..rules.bibliography import Reference
from ..rules.kept_rows import HYPOTHESES
from .ridge_chain import TEST_ERROR_OF_A_CHAIN

TEST_ERROR_WITH_KEPT_REAL_ROWS = replace(
    TEST_ERROR_OF_A_CHAIN,
    name="test error of least squares with kept real rows",
    description="The forward recursion of a ridge chain, on the spectrum of the inverse Gram matrix of the real rows.",
    hypotheses=HYPOTHESES,
    source=Reference((), "derived in theory/statements/kept_rows.py"),
)
