"""The chapter of the theorem book on power laws: every statement of theory/asymptotics.

Apart from theory/statements/book.py, as no chain is covered by a statement about infinitely many rows: predictions cite
none of these, and need not wait for their expansions.
"""

from __future__ import annotations

from ..rules.statement import Statement
from . import laws, long_chains, widths

LAWS: tuple[Statement, ...] = (*laws.STATEMENTS, *long_chains.STATEMENTS, *widths.STATEMENTS)
