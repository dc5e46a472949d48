"""The report put together: sections measured one by one, each on disk before the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtri

from ...theory.results.progress import Progress
from ..agreement import Verdict
from ..covariates import TOLERANCE
from ..real_data import RealData
from ..theorem_book import ENTRIES
from .claims import judged_rows, table_of
from .document import latex_document
from .measurement import measure
from .page import TITLE, page
from .provenance import provenance
from .regimes import DATA_SETS, DESCRIPTIONS, REGIMES, Regime
from .sabotaged import sabotage_table, statements_behind
from .sentences import agreement_sentence
from .store import Finished, plain, read_finished, write_json, write_text
from .theorem import theorem


def write_report(
    out: Path, *, regimes: Sequence[Regime] = REGIMES, seed: int = 0, fresh: bool = False, progress: Progress = True
) -> tuple[Path, Path, Path]:
    """Write `index.html`, `report.json` and `formulas.tex`; sections that an earlier run has finished are not repeated.

    Args:
        out: folder, made where missing.
        regimes: what to measure, at least one.
        seed: root of all random numbers.
        fresh: measure everything again.
        progress: handed on to `simulate`.

    Returns:
        The three files.
    """
    out.mkdir(parents=True, exist_ok=True)
    json_path, page_path, formulas_path = out / "report.json", out / "index.html", out / "formulas.tex"
    made_with = provenance()
    finished = Finished(json_path, made_with, {} if fresh else read_finished(json_path))
    data = {name: DATA_SETS[name]() for name in dict.fromkeys(regime.data for regime in regimes)}
    sections = [
        finished.part(regime.name, [asdict(regime), seed], partial(measure, regime, data[regime.data], seed, progress))
        for regime in regimes
    ]
    chain = regimes[0].chain(data[regimes[0].data])
    statements = statements_behind(chain)
    names = [statement.name for statement in statements]
    sabotaged = finished.part("deliberate mistakes", names, partial(sabotage_table, statements))
    claims = judged_rows(finished, ENTRIES)
    report = plain(
        {
            "provenance": made_with,
            "seed": seed,
            "summary": _summary(sections),
            "agreement_in_words": agreement_sentence([row for section in sections for row in section["verdicts"]]),
            "datasets": [_facts(name, read) for name, read in data.items()],
            "sections": sections,
            "theorem": theorem(chain),
            "sabotage": sabotaged,
            "claims": claims,
            "verdicts_on_claims": table_of(claims).counts,
        }
    )
    write_json(json_path, report)
    write_text(formulas_path, latex_document(report["theorem"], TITLE))
    write_text(page_path, page(report))
    return page_path, json_path, formulas_path


def _facts(name: str, data: RealData) -> dict[str, Any]:
    entries = np.abs(data.rows @ data.basis.T)
    return {
        "name": name,
        "description": DESCRIPTIONS[name],
        "facts": data.facts(),
        "eigenvalues": data.population.spectrum.eigenvalues(),
        "truth": data.population.target.mean(np.arange(1, data.rank + 1), data.population.spectrum),
        "largest_entry": float(entries.max()),
        "largest_gaussian_entry": float(-ndtri(0.5 / entries.size)),
    }


def _summary(sections: Sequence[dict[str, Any]]) -> dict[str, Any]:
    verdicts = [(section, row) for section in sections for row in section["verdicts"]]
    agreeing = sum(row["verdict"] == Verdict.AGREES.name for _, row in verdicts)
    covariates = [row["verdict"] for section in sections for row in section["covariates"]]
    widest, row = max(verdicts, key=lambda item: abs(item[1]["gap"]))
    return {
        "agreement": f"{agreeing} of {len(verdicts)}",
        "tolerance": sections[0]["tolerance"],
        "level": sections[0]["level"],
        "largest_gap": abs(row["gap"]),
        "largest_gap_where": f"{widest['data']}, {widest['rows']} rows, generation {row['generation']}",
        "covariates": f"{covariates.count(Verdict.AGREES.name)} of {len(covariates)}",
        "covariates_tolerance": TOLERANCE,
        "generations": max(section["generations"] for section in sections),
    }
