"""A catalogue of chains: every statement of the book, at generic parameters.

Dimensions of the exact ones run from 8 to 200. The others start at 24 or 32, where a size ladder is affordable;
sizes and numbers of generations are shared where nothing is lost by it, so that few simulations have to be
compiled.
"""

from . import labellers, real_rows, replacement, stores

EXACT = replacement.EXACT
EQUIVALENT = replacement.EQUIVALENT
EXACT_FURTHER = stores.EXACT | labellers.EXACT
EQUIVALENT_FURTHER = labellers.EQUIVALENT | real_rows.EQUIVALENT
