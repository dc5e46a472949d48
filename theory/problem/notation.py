"""Notation: the one table of symbols from which every statement is written.

| symbol | meaning | here |
|---|---|---|
| d, r | dimension, rank (number of positive eigenvalues) | `dimension`, `rank` |
| n | rows of the generation ([D] writes T) | `rows` |
| lambda | penalty of the objective (1/n)|y - Xw|^2 + lambda |w|^2 | `penalty` |
| sigma | standard deviation of the label noise | `noise` |
| v | variance of the label noise, sigma^2, where numbers enter | `noise_squared` |
| kappa | effective ridge ([V] writes t) | `kappa` |
| s | an eigenvalue of the covariance | `s` |
| q, p | shrinkage factors s/(s + kappa) and kappa/(s + kappa) | `q`, `p` |
| tau | s E w_0^2, what a direction contributes to the error of the zero model | `tau` |
| Q, P | share of the truth that the mean model kept and lost, P + Q = 1 | `kept`, `lost` |
| U | variance of the model in units of error (s times its covariance) | `spread` |
| B | a test weight: the error counts a direction B times | `weight` |
| chi | variance that one generation adds to every direction, before shrinkage | `chi` |
| D_1, D_2 | margins n - df_1 and n - df_2, computed without a difference | `margin_1`, `margin_2` |
| M | margin |n - r| - 1 of an inverse Wishart mean | `wishart_margin` |
| m_S | width of a random projection with entries N(0, 1/m_S); [S] writes m | `width` |
| D_S^(1), D_S^(2) | margins m_S - df_1 and m_S - df_2 of the width | `width_margin_1`, `width_margin_2` |
| rho | share tr[p q]/(m_S - df_2) of what is lost in between that a random projection spreads | `spilled` |
| q_S, p_S | q^2 + rho p q and p^2 + rho p q | `passed`, `missed` |
| eta | variance that a random projection adds to every direction, before p q | `eta` |
| m | rows that this generation generated, of the n in its fit | `new_rows` |
| i | how many generations, this one included, have labelled the same rows | `copies` |
| delta | standard deviation of what is added to every covariate | `disturbance` |
| theta | share of the model before in a label; the truth has the rest | `share` |
| T | mean square of the labelling model: Q^2 tau, and the same of offsets from the truth | `mean_square` |
| A | disagreement of the labellers of different rows: mean squared distance from the mean labeller | `disagreement` |
| S_1, S_2 | error of the labellers, summed over rows and over ordered pairs of rows | `over_rows`, `over_pairs` |
| h | E tr W tr W^(-1)/r of a Wishart matrix with n rows | `leverage` |
| c_1, c_2 | how much a pair of rows counts in an error: a row with itself, with another row | `own`, `shared` |

`Spectral` symbols are functions of the eigenvalue; all others are numbers. `Trace[f]` sums f over the positive
eigenvalues. Everything is positive, so that SymPy may combine powers.
"""

from __future__ import annotations

from typing import Any

import sympy


class Spectral(sympy.Symbol):  # type: ignore[misc]
    """A symbol that depends on the eigenvalue."""


def spectral(name: str) -> Spectral:
    """A nonnegative function of the eigenvalue."""
    return Spectral(name, nonnegative=True)


def scalar(name: str) -> sympy.Symbol:
    """A positive number."""
    return sympy.Symbol(name, positive=True)


def at(symbol: Any, generation: Any) -> Any:
    """The symbol with a generation for its index.

    >>> at(kappa, 3)
    kappa_3
    """
    name = f"{symbol.name}_{generation}" if "_" not in symbol.name else f"{symbol.name},{generation}"
    return type(symbol)(name, **symbol.assumptions0)


dimension, rank, rows = scalar("d"), scalar("r"), scalar("n")
penalty, noise, kappa = scalar("lambda"), scalar("sigma"), scalar("kappa")
noise_squared = scalar("v")
new_rows, copies, share, disturbance = scalar("m"), scalar("i"), scalar("theta"), scalar("delta")
over_rows, over_pairs = scalar("S_1"), scalar("S_2")
leverage, own, shared = scalar("h"), scalar("c_1"), scalar("c_2")
chi, eta, error = scalar("chi"), scalar("eta"), scalar("E")
df_1, df_2 = scalar("df^(1)"), scalar("df^(2)")
margin_1, margin_2, wishart_margin = scalar("D^(1)"), scalar("D^(2)"), scalar("M")
width, width_margin_1, width_margin_2 = scalar("m_S"), scalar("D_S^(1)"), scalar("D_S^(2)")
spilled, disagreement = scalar("rho"), scalar("A")
s, p, q = spectral("s"), spectral("p"), spectral("q")
tau, kept, lost = spectral("tau"), spectral("Q"), spectral("P")
spread, weight, mean_square = spectral("U"), spectral("B"), spectral("T")
passed, missed = spectral("q_S"), spectral("p_S")
