"""Claims of papers and of the public debate: each is computed, with a verdict, its numbers and its figure."""

from .claim import Claim as Claim
from .claim import Evidence as Evidence
from .policies import POLICY_CLAIMS as POLICY_CLAIMS
from .scaling import SCALING_CLAIMS as SCALING_CLAIMS
from .strong_collapse import STRONG_COLLAPSE_CLAIMS as STRONG_COLLAPSE_CLAIMS
from .verification import VERIFICATION_CLAIMS as VERIFICATION_CLAIMS

CLAIMS = (*SCALING_CLAIMS, *STRONG_COLLAPSE_CLAIMS, *VERIFICATION_CLAIMS, *POLICY_CLAIMS)
