"""The theorem as a LaTeX document that compiles as it stands."""

from __future__ import annotations

import re
from typing import Any

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{character: rf"\{character}" for character in "&%$#_{}"},
}
_PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\emergencystretch=3em
\begin{document}
"""


def escaped(text: str) -> str:
    r"""Prose in which every character that LaTeX reads as a command is written out.

    >>> escaped("50 % of a_b & c")
    '50 \\% of a\\_b \\& c'
    """
    return re.sub(r"[\\~^<>&%$#_{}]", lambda found: _SPECIAL[found[0]], text)


def latex_document(theorem: dict[str, Any], title: str) -> str:
    """The theorem with its hypotheses, steps and sources."""
    parts = [
        _PREAMBLE,
        rf"\section*{{{escaped(title)}}}",
        rf"{escaped(_sentence(theorem['name']))} ({theorem['kind']}).",
    ]
    parts += ["Suppose that", _items(theorem["hypotheses"])]
    parts.append(
        r"Write $\operatorname{tr}[f]$ for the sum of $f(s)$ over the positive eigenvalues. Define, in this order,"
    )
    for step in theorem["steps"]:
        parts.append(rf"\paragraph{{{escaped(_sentence(step['rule']))}}} ({escaped(step['span'])}) ${step['before']}$")
        parts += [f"\\[ {line} \\]" for line in step["equations"]]
        parts.append(rf"{{\small {escaped(step['source'])}}}")
    parts += [r"\paragraph{Result}", f"\\[ {theorem['result']} \\]", r"\paragraph{Letters}"]
    parts.append(_description(theorem["letters"]))
    parts += [r"\paragraph{Sources}", _items([*theorem["sources"], *theorem["references"]]), r"\end{document}"]
    return "\n".join(parts) + "\n"


def _items(texts: list[str]) -> str:
    return "\n".join([r"\begin{itemize}", *(rf"\item {escaped(text)}" for text in texts), r"\end{itemize}"])


def _description(letters: list[list[str]]) -> str:
    rows = (rf"\item[${letter}$] {escaped(meaning)}" for letter, meaning in letters)
    return "\n".join([r"\begin{description}", *rows, r"\end{description}"])


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
