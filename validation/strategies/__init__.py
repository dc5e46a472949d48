"""Hypothesis strategies for specifications; importing this module lets `st.from_type(Chain)` use them.

>>> from hypothesis import Phase, find, settings, strategies as st
>>> from modelcollapse import Chain
>>> first = settings(phases=[Phase.generate], database=None)  # any one will do, which saves the search for the smallest
>>> len(find(st.from_type(Chain), lambda chain: True, settings=first))
1
"""

from .chains import chains as chains
from .mixtures import mixing_loops as mixing_loops
from .mixtures import mixture_chains as mixture_chains
from .mixtures import weighted_mixtures as weighted_mixtures
from .numbers import DIMENSIONS as DIMENSIONS
from .numbers import GENERATIONS as GENERATIONS
from .numbers import decimals as decimals
from .numbers import dimensions as dimensions
from .numbers import factors as factors
from .numbers import lengths as lengths
from .numbers import noises as noises
from .numbers import penalties as penalties
from .numbers import rows_between as rows_between
from .numbers import weights as weights
from .parts import estimators as estimators
from .parts import generations as generations
from .parts import labels as labels
from .parts import memories as memories
from .parts import sources as sources
from .predictable import accumulating_chains as accumulating_chains
from .predictable import blended_chains as blended_chains
from .predictable import families as families
from .predictable import generator_chains as generator_chains
from .predictable import keeping_chains as keeping_chains
from .predictable import least_squares_chains as least_squares_chains
from .predictable import mixed_chains as mixed_chains
from .predictable import predictable_chains as predictable_chains
from .predictable import ridge_chains as ridge_chains
from .predictable import ridgeless_chains as ridgeless_chains
from .predictable import subsampling_chains as subsampling_chains
from .predictable import subspace_chains as subspace_chains
from .registration import register
from .spectra import spectra as spectra
from .targets import offsets as offsets
from .targets import populations as populations
from .targets import targets as targets
from .verified import verified_chains as verified_chains

register()
