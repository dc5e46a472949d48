r"""Verified labels: when filtering turns the majority of what is kept, and what a direction is worth.

Two classes y = +-1 with x = y mu + z, z ~ N(0, I). A direction w of cosine c to mu classifies by the sign of x'w.
Given y = 1, x'w/|w| ~ N(|mu| c, 1), which is positive with the probability Phi(|mu| c): the *label accuracy*, at most
that of mu itself, Phi(|mu|). The two numbers x'mu/|mu| and x'w/|w| have the means |mu|, |mu| c and the correlation c,
and agree in sign with the probability Phi_2(|mu|, |mu| c; c) + Phi_2(-|mu|, -|mu| c; c): the *Bayes agreement*, 1 for
w = mu.

Labels are wrong with the probability p; a verifier keeps right ones with the probability phi, wrong ones with psi.
Among what is kept the right labels outnumber the wrong ones where (1 - p) phi > p psi, that is for p < p* = phi/(phi +
psi). With ph = a/n_c and ps = b/n_w counted on n_c right and n_w wrong labels, p* = 1/(1 + psi/phi), and the logarithm
of psi/phi has the variance (1 - phi)/(n_c phi) + (1 - psi)/(n_w psi) to leading order; d p*/d log(psi/phi) = -p* (1 -
p*).

A generator and a verifier that are directions, with h = mu'w_g and k = mu'w_v: labels are the signs of x'w_g, kept
where x'w_v has the same sign. Then phi = Phi_2(h, k; rho)/Phi(h), psi = Phi_2(-h, -k; rho)/Phi(-h), and the surplus of
right labels over wrong ones is (1 - p) phi - p psi = Phi_2(h, k; rho) - Phi_2(-h, -k; rho) = Phi(h) + Phi(k) - 1, as
1{g > 0, f > 0} - 1{g < 0, f < 0} = 1{g > 0} + 1{f > 0} - 1. So p < p* where h + k > 0, whatever rho.

Outside finitely many directions a fit of n kept rows sees labels that are pure noise of the variance v_r that the fit
in those directions leaves. With the profile of the rest put in, (1/n) r'(B B'/(n lambda) + I)^{-1} r -> (lambda/kappa)
v_r, the fit in the directions solves (M + kappa) w = c, M = E[f f'], c = E[s f] of what is kept, and the rest of it
has the squared norm V v_r, V = df_2/(n - df_2), df_2 = d/(1 + kappa)^2 (the variance factor of
theory/rules/resolvent.py for an identity covariance). From (M + kappa) w = c follows v_r = 1 - 2 c'w + w'M w = 1 - c'w
- kappa |w|^2.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import VERIFICATION, Reference
from .kind import Kind
from .normal import BivariateNormalCdf, NormalCdf
from .orthants import CORRELATION, FIRST, SECOND
from .statement import Statement

MEAN_NORM = x.scalar("mu")
OVERLAP = sympy.Symbol("o", real=True)  # mu'w
NORM = x.scalar("N_w")  # |w|
COSINE = sympy.Symbol("c", real=True)
ERROR_RATE, KEEP_RIGHT, KEEP_WRONG = x.scalar("p"), x.scalar("phi"), x.scalar("psi")
TRANSITION_POINT = x.scalar("p_c")
RIGHT_LABELS, WRONG_LABELS = x.scalar("n_c"), x.scalar("n_w")
CORRELATED = sympy.Symbol("C", real=True)  # c'w, how much of the labels the fit in the directions explains
SQUARE = x.scalar("S")  # |w|^2 in the directions
NOISE_FACTOR, RESIDUAL = x.scalar("V"), x.scalar("v_r")
RIGHT_SIDE, WRONG_SIDE = x.scalar("r_1"), x.scalar("r_2")  # rates at which the two sides of a half-space are kept

_DERIVED = Reference((), "derived in theory/rules/verification.py")
_PAPER = Reference((VERIFICATION,), "derived in theory/rules/verification.py")
_MIXTURE = "x = y mu + z with y = +-1 equally likely and z ~ N(0, I); mu is printed for its norm"
_RATES = "right labels are kept with the probability phi, wrong ones with psi"

LABEL_ACCURACY = Statement(
    "label accuracy of a direction",
    "How often the sign of x'w is the class y, at most Phi(mu); not to be confused with the Bayes agreement.",
    (_MIXTURE, "o = mu'w, and N_w is the norm of w"),
    ((COSINE, OVERLAP / (MEAN_NORM * NORM)),),
    NormalCdf(MEAN_NORM * COSINE),
    _DERIVED,
    Kind.EXACT,
)
BAYES_AGREEMENT = Statement(
    "Bayes agreement of a direction",
    "How often the sign of x'w is that of x'mu, 1 for w = mu; not to be confused with the label accuracy.",
    LABEL_ACCURACY.hypotheses,
    LABEL_ACCURACY.definitions,
    BivariateNormalCdf(MEAN_NORM, MEAN_NORM * COSINE, COSINE)
    + BivariateNormalCdf(-MEAN_NORM, -MEAN_NORM * COSINE, COSINE),
    _DERIVED,
    Kind.EXACT,
)
KEPT_OF_RIGHT_LABELS = Statement(
    "share of right labels that a linear verifier keeps",
    "The keep rate phi where generator and verifier are directions; psi is the same at -h and -k.",
    (_MIXTURE, "h = mu'w_g, k = mu'w_v, rho = w_g'w_v for the unit vectors of generator and verifier"),
    (),
    BivariateNormalCdf(FIRST, SECOND, CORRELATION) / NormalCdf(FIRST),
    _DERIVED,
    Kind.EXACT,
)
SURPLUS_OF_RIGHT_LABELS = Statement(
    "surplus of right labels under a linear verifier",
    "Right minus wrong labels among those kept, per generated one, which is positive where h + k is, whatever rho.",
    KEPT_OF_RIGHT_LABELS.hypotheses,
    (),
    NormalCdf(FIRST) + NormalCdf(SECOND) - 1,
    _PAPER,
    Kind.EXACT,
)
TRANSITION = Statement(
    "transition of verified labels",
    "The error rate p_c of generated labels below which right labels prevail among those kept.",
    (_RATES,),
    (),
    KEEP_RIGHT / (KEEP_RIGHT + KEEP_WRONG),
    _PAPER,
    Kind.EXACT,
)
TRANSITION_ERROR = Statement(
    "standard error of an estimated transition",
    "Standard deviation of p_c where phi and psi are counted on n_c right and n_w wrong labels.",
    (_RATES, "labels are independent, and many of either kind are kept"),
    ((TRANSITION_POINT, TRANSITION.result),),
    TRANSITION_POINT
    * (1 - TRANSITION_POINT)
    * sympy.sqrt((1 - KEEP_RIGHT) / (RIGHT_LABELS * KEEP_RIGHT) + (1 - KEEP_WRONG) / (WRONG_LABELS * KEEP_WRONG)),
    _DERIVED,
    Kind.LOW_DIMENSIONAL,
)
NORM_OFF_THE_DIRECTIONS = Statement(
    "norm of a fit of selected rows, off the directions of selection",
    "Squared norm of a ridge fit outside the directions that labels and selection depend on.",
    (
        "covariates are N(0, I) but for finitely many directions, on which alone labels s = +-1 and selection depend",
        "n counts the rows that are kept; C = c'w and S is the squared norm of w, the fit in those directions",
        "kappa is the effective ridge of n rows in d directions; n and d grow in proportion (error O(1/dimension))",
    ),
    (
        (x.df_2, x.dimension / (1 + x.kappa) ** 2),
        (x.margin_2, x.rows * x.penalty / x.kappa + x.kappa * x.df_2),
        (NOISE_FACTOR, x.df_2 / x.margin_2),
        (RESIDUAL, 1 - CORRELATED - x.kappa * SQUARE),
    ),
    NOISE_FACTOR * RESIDUAL,
    _DERIVED,
    Kind.EQUIVALENT,
)
VERIFICATION_RULES = (
    LABEL_ACCURACY,
    BAYES_AGREEMENT,
    KEPT_OF_RIGHT_LABELS,
    SURPLUS_OF_RIGHT_LABELS,
    TRANSITION,
    TRANSITION_ERROR,
    NORM_OFF_THE_DIRECTIONS,
)
