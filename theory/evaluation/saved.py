"""Predictions read back from JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..problem.errors import SpecificationError
from ..results.chains import chain_from
from ..results.plain import numbers
from ..rules.kind import Kind
from ..rules.statement import Statement
from ..statements.book import BOOK
from ..statements.expressed import TEST_ERROR_OF_AN_EXPRESSION, TEST_ERROR_OF_INDEPENDENT_GENERATIONS

ARRAYS = ("error", "bias", "variance", "overlap", "norm", "effective_ridge", "degrees_of_freedom", "finite_size")


def prediction_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Prediction` from what its `to_dict` wrote; statements are found in the book by their names.

    Raises:
        SpecificationError: naming the field that is missing or does not fit the chain.
    """
    chain = chain_from(record)
    arrays = {name: numbers(record, name) for name in ARRAYS}
    for name, array in arrays.items():
        if array.shape != (len(chain),):
            raise SpecificationError(name, record[name], f"{len(chain)} numbers, one for each generation")
    kinds = tuple(_chosen("kind", text, {kind.value: kind for kind in Kind}) for text in _texts(record, "kind"))
    if len(kinds) != len(chain):
        raise SpecificationError("kind", record["kind"], f"{len(chain)} kinds, one for each generation")
    statements = statements_named(_texts(record, "statements"))
    if not statements:
        raise SpecificationError("statements", record["statements"], "names of statements, at least one")
    return {"chain": chain, **arrays, "kind": kinds, "statements": statements}


def statements_named(names: Sequence[str]) -> tuple[Statement, ...]:
    """Statements of the book, and those about chains that the engine derives.

    Raises:
        SpecificationError: for a name that none of them has.
    """
    engine = (TEST_ERROR_OF_AN_EXPRESSION, TEST_ERROR_OF_INDEPENDENT_GENERATIONS)
    book = {statement.name: statement for statement in (*BOOK, *engine)}
    return tuple(_chosen("statements", name, book) for name in names)


def _texts(record: Mapping[str, Any], name: str) -> list[str]:
    texts = record.get(name)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise SpecificationError(name, texts, "an array of texts")
    return texts


def _chosen(field: str, text: str, known: Mapping[str, Any]) -> Any:
    if text not in known:
        raise SpecificationError(field, text, f"one of {', '.join(known)}")
    return known[text]
