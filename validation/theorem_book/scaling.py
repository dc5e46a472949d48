"""[D] and [S] on power laws: exponents and constants, the best penalty, long chains, widths."""

from __future__ import annotations

from ...theory.asymptotics import laws, long_chains, widths
from ...theory.rules.bibliography import DEMYSTIFIED, STRONG_COLLAPSE
from ..claims.scaling import SCALING_CLAIMS
from .entry import Correction, Entry, entries
from .witnesses import CHECKED, COMPUTED

_SPREAD = (
    "As recalled, the paper's collapse term has T/T_0 alone where max(T/T_0, phi_0) belongs, phi_0 = d/T_0: what the "
    "last fit's design spreads over all directions. With phi_0 fixed, generator rows beyond T bring nothing."
)
_POWER = Correction(
    "Read as a law for all spectra, exponential growth without generator rows enough is that of isotropic directions, "
    "and of the truth that is left there: on a power law the error grows like (n T_0^(-beta))^(2 min(r, 1))."
)
_SUBLINEAR = Correction(
    "Below the rank noise adds up slower than the n of generators above it: like n^(1 - 1/beta), at any number of rows."
)
_RANGE = Correction(
    "The power of the collapse term ends where the penalty falls below the last eigenvalue: there it does not grow on."
)

SCALING_ENTRIES: tuple[Entry, ...] = (
    *entries(
        DEMYSTIFIED,
        CHECKED,
        laws.BIAS_OF_A_ROUGH_TRUTH,
        laws.BIAS_AT_SOURCE_ONE,
        laws.BIAS_OF_A_SMOOTH_TRUTH,
        laws.VARIANCE,
    ),
    Entry(DEMYSTIFIED, laws.COLLAPSE, (CHECKED,), correction=Correction(_SPREAD, laws.COLLAPSE_AS_PRINTED)),
    Entry(DEMYSTIFIED, laws.PLATEAU_OF_THE_COLLAPSE, (CHECKED,), correction=_RANGE),
    *entries(DEMYSTIFIED, CHECKED, laws.LEAST_ERROR_OF_FEW_DIRECTIONS, laws.LEAST_ERROR_OF_EXACT_LABELS),
    Entry(
        DEMYSTIFIED,
        laws.LEAST_ERROR_OF_MANY_DIRECTIONS,
        (CHECKED,),
        correction=Correction(_SPREAD, laws.LEAST_ERROR_AS_PRINTED),
    ),
    *entries(DEMYSTIFIED, CHECKED, laws.BEST_PENALTY_AT_SOURCE_ONE, long_chains.NOISE_GAIN),
    Entry(DEMYSTIFIED, long_chains.NOISE_FREE_GROWTH, (CHECKED,), correction=_POWER),
    Entry(DEMYSTIFIED, long_chains.NOISE_ACCUMULATION, (CHECKED,), correction=_SUBLINEAR),
    *(Entry(DEMYSTIFIED, claim, (COMPUTED,)) for claim in SCALING_CLAIMS),
    *entries(STRONG_COLLAPSE, CHECKED, laws.START_OF_THE_PLATEAU, *widths.STATEMENTS),
)
