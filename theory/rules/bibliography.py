"""The papers whose results are used, and the software itself, as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

VERSION = "0.1.0"


@final
@dataclass(frozen=True)
class Paper:
    """A paper on arXiv.

    Attributes:
        letter: what docstrings call it, such as "D".
        key: of its BibTeX entry.
        title: as printed.
        authors: "given names family name", in the order of the paper.
        year: of its first version.
        arxiv: its number there.
    """

    letter: str
    key: str
    title: str
    authors: tuple[str, ...]
    year: int
    arxiv: str

    def bibtex(self) -> str:
        """The entry; titles keep their capitals.

        >>> print(STRONG_COLLAPSE.bibtex().splitlines()[1])
          title = {{Strong Model Collapse}},
        """
        fields = {
            "title": f"{{{self.title}}}",
            "author": " and ".join(self.authors),
            "year": str(self.year),
            "eprint": self.arxiv,
            "archiveprefix": "arXiv",
            "url": f"https://arxiv.org/abs/{self.arxiv}",
        }
        return _entry("misc", self.key, fields)

    def __str__(self) -> str:
        return f"[{self.letter}], arXiv {self.arxiv}"


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines},\n}}"


DEMYSTIFIED = Paper(
    "D",
    "dohmatob2024demystified",
    "Model Collapse Demystified: The Case of Regression",
    ("Elvis Dohmatob", "Yunzhen Feng", "Julia Kempe"),
    2024,
    "2402.07712",
)
STRONG_COLLAPSE = Paper(
    "S",
    "dohmatob2024strong",
    "Strong Model Collapse",
    ("Elvis Dohmatob", "Yunzhen Feng", "Arjun Subramonian", "Julia Kempe"),
    2024,
    "2410.04840",
)
VERIFICATION = Paper(
    "V",
    "feng2024beyond",
    "Beyond Model Collapse: Scaling Up with Synthesized Data Requires Verification",
    ("Yunzhen Feng", "Elvis Dohmatob", "Pu Yang", "Francois Charton", "Julia Kempe"),
    2024,
    "2406.07515",
)
ACCUMULATION = Paper(
    "G",
    "gerstgrasser2024inevitable",
    "Is Model Collapse Inevitable? Breaking the Curse of Recursion by Accumulating Real and Synthetic Data",
    (
        "Matthias Gerstgrasser",
        "Rylan Schaeffer",
        "Apratim Dey",
        "Rafael Rafailov",
        "Henry Sleight",
        "John Hughes",
        "Tomasz Korbak",
        "Rajashree Agrawal",
        "Dhruv Pai",
        "Andrey Gromov",
        "Daniel A. Roberts",
        "Diyi Yang",
        "David L. Donoho",
        "Sanmi Koyejo",
    ),
    2024,
    "2404.01413",
)
PAPERS: tuple[Paper, ...] = (DEMYSTIFIED, STRONG_COLLAPSE, VERIFICATION, ACCUMULATION)
SOFTWARE = _entry(
    "software",
    "modelcollapse",
    {
        "title": "{modelcollapse: the analytical theory of model collapse in regression}",
        "author": "{The modelcollapse authors}",
        "version": VERSION,
    },
)


@final
@dataclass(frozen=True)
class Reference:
    """Where a statement comes from: the place where it is derived, and the papers that state it or its like.

    Args:
        papers: entries of `PAPERS`, none for a statement that is new here.
        place: such as "derived in theory/rules/blend.py".

    >>> print(Reference((DEMYSTIFIED,), "derived in theory/chains/moments.py"))
    derived in theory/chains/moments.py; cf. [D], arXiv 2402.07712
    """

    papers: tuple[Paper, ...]
    place: str

    def __str__(self) -> str:
        return "; cf. ".join([self.place, *([" and ".join(map(str, self.papers))] if self.papers else [])])


BY_DEFINITION = Reference((), "definition")


def cite(references: Iterable[Reference]) -> str:
    """BibTeX of the software and of exactly the papers behind some statements, in the order of `PAPERS`.

    >>> cite([Reference((), "derived here")]) == SOFTWARE
    True
    """
    used = {paper for reference in references for paper in reference.papers}
    return "\n\n".join([SOFTWARE, *(paper.bibtex() for paper in PAPERS if paper in used)])
