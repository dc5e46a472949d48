"""Tables for terminals and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Row = Sequence[str]

SHOWN_ROWS = 100  # of a grid


def text_table(head: Row, rows: Sequence[Row]) -> str:
    """Columns flush right, as wide as they need to be.

    >>> print(text_table(("generation", "error"), [("1", "0.25")]))
    generation  error
             1   0.25
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows))
    return "\n".join(lines)


def html_table(head: Row, rows: Sequence[Row], caption: str = "") -> str:
    """The same as HTML; every text is escaped.

    >>> html_table(("a<b",), [("1",)])
    '<table><thead><tr><th>a&lt;b</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    """
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{title}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def latex_table(head: Row, rows: Sequence[Row]) -> str:
    r"""The same as displayed LaTeX; characters that LaTeX would read as commands are printed.

    >>> print(latex_table(("rows", "gap"), [("7", "+3 %")]))
    $$
    \begin{array}{rr}
    \text{rows} & \text{gap} \\
    \hline
    \text{7} & \text{+3 \%} \\
    \end{array}
    $$
    """
    top, *body = (" & ".join(rf"\text{{{cell.translate(_PRINTED)}}}" for cell in row) + r" \\" for row in (head, *rows))
    begin, end = rf"\begin{{array}}{{{'r' * len(head)}}}", r"\end{array}"
    return "\n".join(["$$", begin, top, r"\hline", *body, end, "$$"])


_PRINTED = str.maketrans(
    {character: "\\" + character for character in "%&#_${}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "\n": " "}
)


def points_not_shown(count: int) -> list[str]:
    """What stands below a table of the first `SHOWN_ROWS` of so many points: nothing where it holds them all.

    >>> points_not_shown(100), points_not_shown(102)
    ([], ['and 2 more points'])
    """
    return [f"and {count - SHOWN_ROWS} more points"] if count > SHOWN_ROWS else []


def html_notes(summary: str, notes: Sequence[str]) -> str:
    """A list of notes that opens on a click."""
    entries = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<details><summary>{escape(summary)}</summary><ul>{entries}</ul></details>"
