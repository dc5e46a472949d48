"""A catalogue of chains: every statement of the book, at generic parameters.

Dimensions of the exact ones run from 8 to 200. The others start at 16 to 32, where a size ladder is affordable;
sizes and numbers of generations are shared where nothing is lost by it, so that few simulations have to be
compiled.
"""

from . import labellers, mixtures, policies, real_rows, replacement, stores, verified

EXACT = replacement.EXACT
EQUIVALENT = replacement.EQUIVALENT
EXACT_FURTHER = stores.EXACT | labellers.EXACT
EXACT_POLICIES = policies.EXACT
EQUIVALENT_FURTHER = labellers.EQUIVALENT | real_rows.EQUIVALENT
EXACT_MIXTURES = mixtures.EXACT
EQUIVALENT_MIXTURES = mixtures.EQUIVALENT
VERIFIED = verified.VERIFIED
