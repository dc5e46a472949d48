"""Identity, as rational functions, with formulas typed from the specifications of mixtures and of relabelling.

No tolerance: differences are zero in the field of rational functions of the traces, margins and effective ridges.
"""

import sympy

from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.trace import Trace

from . import programs

D, D_1, D_2, D_m = (x.scalar(f"D_{size}") for size in ("T", "T_1", "T_2", "m"))
SIGMA, SIGMA_1, SIGMA_2 = (x.scalar(name) for name in ("sigma", "sigma_1", "sigma_2"))
OFFSET, S_2 = x.spectral("delta_2"), x.spectral("s_2")
DF_2 = Trace(x.q**2)
DF_1 = Trace(x.p * x.q) + DF_2
TRUTH_LOST = Trace(x.p**2 * x.tau)  # kappa^2 tr[Gamma S (S + kappa)^-2], Gamma S = tau
TRUTH_MIXED = Trace(x.p * x.q * x.tau)  # kappa tr[Gamma T^2], T = S (S + kappa)^-1

# With the offset's second moment Delta: c^2 = tr[Delta S], A_2 = tr[Delta S T], A_3 = tr[Delta S T^2], from the
# shares by s p = kappa q.
A_3 = Trace(OFFSET * x.s * x.q**2)
OFFSET_KEPT = x.kappa * Trace(OFFSET * x.q**2)  # tr[Delta S p q], and kappa tr[Delta T^2]
OFFSET_LOST = x.kappa * Trace(OFFSET * x.p * x.q)  # tr[Delta S p^2]
A_2 = A_3 + OFFSET_KEPT
C_SQUARED = A_3 + 2 * OFFSET_KEPT + OFFSET_LOST


def same(first, second) -> bool:
    """Whether two expressions are one rational function of their traces and symbols."""
    difference = first - second
    letters = {trace: sympy.Dummy() for trace in difference.atoms(Trace)}
    return sympy.cancel(sympy.together(difference.xreplace(letters))) == 0


def pooled() -> tuple:
    """n, p_1, p_2 of two sources with one covariance: T_j = D_j n/(D_1 + D_2), D_1 + D_2 = n - df_1."""
    margin = D_1 + D_2
    return margin + DF_1, D_1 / margin, D_2 / margin


def test_ridge_is_the_known_bias_and_variance():
    results = programs.reduction("ridge").results
    rows = D + DF_1
    assert same(results["w_0"], TRUTH_LOST / (1 - DF_2 / rows))
    assert same(results["e_1"], SIGMA**2 * DF_2 / (rows - DF_2))


def test_mixture_is_the_theorem_on_strong_collapse():
    results = programs.reduction("mixture").results
    n, p_1, p_2 = pooled()
    u = (DF_2 / n) / (1 - DF_2 / n)
    assert same(results["w_0"], (1 + u) * TRUTH_LOST)
    assert same(results["e_1"] + results["e_2"], (p_1 * SIGMA_1**2 + p_2 * SIGMA_2**2) * u)
    inner = p_1**2 * A_3 + 2 * p_1 * OFFSET_KEPT + OFFSET_LOST  # tr[Delta S (p_1 S + kappa)^2 (S + kappa)^-2]
    assert same(results["delta"], p_2**2 * (1 + p_1 * u) * A_3 + p_2 * u * inner)
    assert same(results["delta"], p_2 * u * C_SQUARED + p_2**2 * ((1 + u) * A_3 - 2 * u * A_2))


def test_projected_mixture_is_its_one_equation_form():
    results = programs.reduction("mixture, projected").results
    n, p_1, p_2 = pooled()
    width = D_m + DF_1
    chi = (DF_1 - DF_2) / (width - DF_2)
    effective = DF_2 + chi * (DF_1 - DF_2)
    u = (effective / n) / (1 - effective / n)
    assert same(results["w_0"], (1 + u) * (TRUTH_LOST + chi * TRUTH_MIXED))
    assert same(results["e_1"] + results["e_2"], (p_1 * SIGMA_1**2 + p_2 * SIGMA_2**2) * u)
    quadratic = (1 + u) * (A_3 + chi * OFFSET_KEPT) - 2 * u * A_2
    assert same(results["delta"], p_2 * u * C_SQUARED + p_2**2 * quadratic)


def test_projection_is_the_mixture_with_one_source():
    results = programs.reduction("projection").results
    rows, width = D + DF_1, D_m + DF_1
    chi = (DF_1 - DF_2) / (width - DF_2)
    effective = DF_2 + chi * (DF_1 - DF_2)
    assert same(results["w_0"], (TRUTH_LOST + chi * TRUTH_MIXED) / (1 - effective / rows))
    assert same(results["e_1"], SIGMA**2 * effective / (rows - effective))


def test_two_covariances_solve_the_master_theorem():
    """Its linear system r_j = sigma_j^2 + b_j + sum_k (p_k a_k^2/n) <S_j, S_k> r_k, solved in the field."""
    results = programs.reduction("mixture, two covariances").results
    p, q_1, q_2 = x.p, x.spectral("q_1"), x.spectral("q_2")
    kappa_1 = x.scalar("kappa_1")
    kappa_2 = kappa_1 * D_1 / D_2
    theta = x.spectral("theta")
    cross, squares = Trace(q_1 * q_2), (Trace(q_1**2), Trace(q_2**2))
    rows = [D_j + square + cross + Trace(p * q) for D_j, square, q in zip((D_1, D_2), squares, (q_1, q_2), strict=True)]
    n = sum(rows)
    share = [D_1 / n, D_2 / n]  # p_k a_k = lambda/kappa_k
    pairing = [[squares[0] / share[0] ** 2, cross / (share[0] * share[1])], [0, squares[1] / share[1] ** 2]]
    pairing[1][0] = pairing[0][1]
    gain = [share[k] ** 2 / rows[k] for k in range(2)]  # p_k a_k^2/n, with p_k n = T_k
    system = sympy.Matrix(2, 2, lambda j, k: int(j == k) - pairing[j][k] * gain[k])

    kept = Trace(OFFSET * q_1 * q_2 * S_2)
    # The mean model is q_1 w_0 + q_2 (w_0 + delta): b_1, b_2 for the truth and for the offset, by s p = kappa_1 q_1,
    # s_2 p = kappa_2 q_2 and s q_2 = (kappa_1/kappa_2) q_1 s_2.
    truth = [kappa_1 * Trace(p * q_1 * theta), kappa_2 * Trace(p * q_2 * theta)]
    lost = kappa_2 * (Trace(OFFSET * p * q_2) + 2 * Trace(OFFSET * q_1 * q_2)) + Trace(OFFSET * q_1**2 * S_2)
    offset = [kappa_1 / kappa_2 * kept, lost]
    noises = {"e_1": [SIGMA_1**2, 0], "e_2": [0, SIGMA_2**2]}

    for name, right in {"w_0": truth, "delta": offset, **noises}.items():
        own = right[0] if name in ("w_0", "delta") else 0  # what the test error has beside the fluctuation
        risks = [
            (right[0] * system[1, 1] - right[1] * system[0, 1]) / system.det(),
            (right[1] * system[0, 0] - right[0] * system[1, 0]) / system.det(),
        ]
        assert same(results[name], own + sum(pairing[0][k] * gain[k] * risks[k] for k in range(2))), name


def test_forms_are_printed_as_in_the_specification():
    ridge = programs.reduction("ridge")
    assert str(ridge.results["e_1"]) == "sigma**2*tr[q**2]/(D_T + tr[p*q])"
    assert str(ridge.results["w_0"]) == "(D_T + tr[q**2] + tr[p*q])*tr[p**2*tau]/(D_T + tr[p*q])"
    noise = programs.reduction("projection").results["e_1"]
    above = "D_m*tr[q**2] + tr[q**2]*tr[p*q] + tr[p*q]**2"
    assert str(noise) == f"sigma**2*({above})/(D_T*D_m + D_T*tr[p*q] + D_m*tr[p*q])"
