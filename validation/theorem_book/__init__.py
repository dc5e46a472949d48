"""The theorem book judged: every claim with its formula, its witnesses and what is corrected in print."""

from .accumulation import ACCUMULATION_ENTRIES as ACCUMULATION_ENTRIES
from .beyond import BEYOND_ENTRIES as BEYOND_ENTRIES
from .demystified import DEMYSTIFIED_ENTRIES as DEMYSTIFIED_ENTRIES
from .entry import Entry as Entry
from .scaling import SCALING_ENTRIES as SCALING_ENTRIES
from .strong_collapse import STRONG_COLLAPSE_ENTRIES as STRONG_COLLAPSE_ENTRIES
from .table import ClaimsTable as ClaimsTable
from .verification import VERIFICATION_ENTRIES as VERIFICATION_ENTRIES

ENTRIES: tuple[Entry, ...] = (
    *DEMYSTIFIED_ENTRIES,
    *SCALING_ENTRIES,
    *STRONG_COLLAPSE_ENTRIES,
    *VERIFICATION_ENTRIES,
    *ACCUMULATION_ENTRIES,
    *BEYOND_ENTRIES,
)
"""Those of the four papers, then those of none of them."""
