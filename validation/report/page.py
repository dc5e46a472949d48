"""The report's numbers as one HTML page that needs no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from ...theory.problem import MissingExtra
from ..theorem_book.table import Row, shown_gap
from .drawings import covariates_drawing, decomposition_drawing, error_drawing, population_drawing
from .mathml import display, inline
from .sentences import percent

TITLE = "Model collapse in ridge regression: theory against experiment"


def page(report: Mapping[str, Any]) -> str:
    """The page, made from the contents of report.json and from nothing else.

    Args:
        report: as `write_report` stores it.

    Raises:
        MissingExtra: without the template engine.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise MissingExtra("the report page", "jinja2", "report") from None
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        badge=badge,
        display=display,
        gap=shown_gap,
        gaps=lambda row: Row.read(row).gaps(),
        inline=inline,
        number=number,
        percent=lambda value: percent(float(value)),
        sentence=lambda text: text[0].upper() + text[1:],
        short=lambda value: number(value, 2),
        signed_percent=signed_percent,
    )
    here = files(__package__ or __name__)
    template = environment.from_string((here / "page.html").read_text(encoding="utf-8"))
    css = Markup((here / "page.css").read_text(encoding="utf-8"))
    return template.render(title=TITLE, css=css, report=report, drawings=_drawings(report))


def badge(verdict: str, word: str | None = None) -> Markup:
    """A verdict as a coloured word."""
    return Markup('<span class="badge {}">{}</span>').format(verdict.lower(), word or verdict.lower())


def number(value: float | str, digits: int = 4) -> str:
    """A number with that many significant digits; powers of ten only where they are shorter.

    >>> number(0.159785), number(1234567.0), number("inf")
    ('0.1598', '1.235e+06', '∞')
    """
    return f"{float(value):#.{digits}g}".rstrip(".").replace("inf", "∞")


def signed_percent(value: float | str) -> str:
    """A relative gap in percent with its sign.

    >>> signed_percent(0.00512), signed_percent(-0.2)
    ('+0.51 %', '-20.00 %')
    """
    return f"{100 * float(value):+.2f} %"


def _drawings(report: Mapping[str, Any]) -> dict[str, Markup]:
    drawings = {}
    for data in report["datasets"]:
        name = data["name"]
        sections = _sections_of(name, report["sections"])
        drawings[f"population-{name}"] = population_drawing(name, data["eigenvalues"], data["truth"])
        drawings[f"error-{name}"] = error_drawing(name, sections)
        drawings[f"covariates-{name}"] = covariates_drawing(name, sections)
        drawings[f"decomposition-{name}"] = decomposition_drawing(name, sections)
    return drawings


def _sections_of(name: str, sections: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [section for section in sections if section["data"] == name]
