"""The theorem behind the report's lines, as plain data."""

from __future__ import annotations

from typing import Any

from ...theory.problem import Chain
from ...theory.statements.derivation import ProofStep, derive

LETTERS = (
    (r"s,\ \tau", "an eigenvalue of the covariance, and what its direction contributes to the error of the zero model"),
    (r"n,\ \lambda,\ \sigma", "rows, penalty, standard deviation of the label noise"),
    (r"\kappa", "the effective ridge, the root of the equation for n"),
    (r"q,\ p", "the share of a direction that one fit keeps and loses, on average"),
    (r"Q_g,\ P_g", "the share of the truth that the mean model has kept and lost after generation g"),
    (r"D_1,\ D_2", "margins: rows less degrees of freedom, written without a difference"),
    (r"\chi_g", "variance that generation g adds to every direction, before shrinkage"),
    (r"U_g", "variance of the model after generation g, in units of error"),
)

REFERENCES = (
    "[D] E. Dohmatob, Y. Feng, J. Kempe: Model Collapse Demystified: The Case of Regression, arXiv 2402.07712",
    "[S] E. Dohmatob, Y. Feng, A. Subramonian, J. Kempe: Strong Model Collapse, arXiv 2410.04840",
)


def theorem(chain: Chain) -> dict[str, Any]:
    """Hypotheses, definitions in their order with the rule that gives each, and result; formulas in LaTeX."""
    derivation = derive(chain)
    *_, result = derivation.equations()
    return {
        "name": derivation.theorem.name,
        "kind": derivation.kind.value,
        "hypotheses": list(derivation.hypotheses),
        "steps": [_step(step) for step in derivation.steps],
        "result": result,
        "letters": [list(letter) for letter in LETTERS],
        "sources": [source for source in derivation.sources if source != "definition"],
        "references": list(REFERENCES),
        "latex": derivation.latex(),
    }


def _step(step: ProofStep) -> dict[str, Any]:
    first, last = step.generations
    return {
        "rule": step.rule,
        "span": f"generation {first}" if first == last else f"generations {first} to {last}",
        "before": step.before,
        "equations": list(step.latex()),
        "source": str(step.source),
    }
