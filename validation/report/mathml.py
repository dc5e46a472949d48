"""LaTeX formulas as MathML, which browsers draw without scripts, fonts or a network."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from ...theory.problem import MissingExtra

_ALIGNED = re.compile(r"\\begin\{(aligned|align\*?|gathered)\}(.*)\\end\{\1\}", re.DOTALL)
_LIMITS = {"msubsup": "munderover", "msub": "munder"}
_BARS = {"|", "\u2223", "\u2016"}
_LARGE_OPERATORS = {"\u2211", "\u220f"}  # sum, product


def inline(formula: str) -> Markup:
    """A formula that runs along with the text."""
    return _serialised(_math(formula, "inline"))


def display(formula: str) -> Markup:
    """A formula on lines of its own; `aligned` environments become tables aligned at their &."""
    formula = formula.strip().removeprefix("$$").removesuffix("$$").strip()
    aligned = _ALIGNED.fullmatch(formula)
    if aligned is None:
        return _serialised(_math(formula, "block"))
    math = ElementTree.Element("math", display="block")
    table = ElementTree.SubElement(math, "mtable", {"class": "aligned"})
    for line in re.split(r"\\\\", aligned[2]):
        row = ElementTree.SubElement(table, "mtr")
        for part in line.split("&", 1) if "&" in line else ("", line):
            cell = ElementTree.SubElement(row, "mtd")
            if part.strip():
                style = ElementTree.SubElement(cell, "mstyle", displaystyle="true")
                style.extend(_math(part, "block"))
    return _serialised(math)


def with_formulas(text: str) -> Markup:
    """Prose with formulas between dollar signs; the prose is escaped.

    >>> with_formulas("a < b")
    Markup('a &lt; b')
    """
    pieces = text.split("$")
    return Markup("").join(inline(piece) if index % 2 else piece for index, piece in enumerate(pieces))


def _math(formula: str, mode: str) -> ElementTree.Element:
    text = _converter().convert(formula.strip(), display=mode)
    math = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", text))  # inside HTML, <math> needs no namespace
    _close_up_bars(math)
    if mode == "block":
        _set_limits_above_and_below(math)
    return math


def _converter() -> Any:
    try:
        from latex2mathml import converter
    except ImportError:
        raise MissingExtra("the report page", "latex2mathml", "report") from None
    return converter


def _close_up_bars(math: ElementTree.Element) -> None:
    """Vertical bars are set as norms, not as relations with space around them."""
    for element in math.iter("mo"):
        if element.text in _BARS:
            element.attrib.update(lspace="0", rspace="0", stretchy="false")


def _set_limits_above_and_below(math: ElementTree.Element) -> None:
    for element in math.iter():
        if element.tag in _LIMITS and element[0].text in _LARGE_OPERATORS:
            element.tag = _LIMITS[element.tag]


def _serialised(math: ElementTree.Element) -> Markup:
    return Markup(ElementTree.tostring(math, encoding="unicode"))
