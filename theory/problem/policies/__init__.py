"""Policies: short names for the common chains. Scalars may be sequences with one entry per generation."""

from .accumulating import accumulate as accumulate
from .accumulating import accumulate_subsample as accumulate_subsample
from .blending import blend_labels as blend_labels
from .blending import rephrase as rephrase
from .disturbing import inject_noise as inject_noise
from .disturbing import regenerate_covariates as regenerate_covariates
from .real_rows import mix as mix
from .real_rows import retain_real as retain_real
from .replacing import demystified as demystified
from .replacing import grow as grow
from .replacing import replace as replace
from .verifying import verify as verify
