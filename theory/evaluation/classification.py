"""The accuracy of a classifier that is fitted to verified labels, in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, assert_never, final

import jax
import jax.numpy as jnp

from ..chains.classification import Directions, NoDirection, OneHalfSpace, TwoHalfSpaces, directions_of
from ..problem import checks
from ..problem import notation as x
from ..problem.classification import ClassificationChain, Flips, KeepRates, LinearLabels, LinearVerifier
from ..problem.errors import NotCertified, NothingKept, SpecificationError
from ..results.labelled import RATIO, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..rules.bibliography import cite
from ..rules.kind import Kind
from ..rules.orthants import CORRELATION, FIRST, SECOND
from ..rules.resolvent import EFFECTIVE_RIDGE
from ..rules.statement import Statement
from ..rules.verification import (
    BAYES_AGREEMENT,
    ERROR_RATE,
    KEEP_RIGHT,
    KEEP_WRONG,
    KEPT_OF_RIGHT_LABELS,
    LABEL_ACCURACY,
    MEAN_NORM,
    NORM,
    OVERLAP,
    RIGHT_SIDE,
    TRANSITION,
    WRONG_SIDE,
)
from ..statements.classification import (
    ACCURACY_AFTER_FLIPS,
    ACCURACY_OF_ONE_HALF_SPACE,
    ACCURACY_OF_TWO_HALF_SPACES,
    KEPT,
    LIMIT_AFTER_FLIPS,
    LIMIT_OF_ONE_HALF_SPACE,
    LIMIT_OF_TWO_HALF_SPACES,
)
from .effective_ridge import effective_ridge
from .exchangeable import NO_SPECTRUM
from .inputs import as_array
from .lowering import evaluate, run

Values = Mapping[Any, Any]


@final
@dataclass(frozen=True, eq=False, repr=False)
class ClassificationPrediction(Tabled):
    """What a classifier that is fitted to verified labels is worth, before and after the limit of many rows.

    Attributes:
        chain: what was predicted.
        accuracy: how often the sign of x'w is the class y, at most Phi(|mu|).
        agreement: how often the sign of x'w is that of x'mu, the best classifier's; 1 where w is along mu.
        kept: rows that the verifier keeps on average, which are fitted.
        label_error: p, the share of wrong labels among the generated ones.
        keep_right: phi, the share of right labels that is kept.
        keep_wrong: psi, the share of wrong labels that is kept.
        transition: p* = phi/(phi + psi), below which right labels prevail among those kept. The classifier turns there
            where labels and verifier are blind to x, and near there elsewhere.
        limit: the accuracy where many more rows are kept than there are directions.
        effective_ridge: kappa.
        finite_size: indicative relative size 1/(n - df_2) of the O(1/dimension) gap.
        kind: what `accuracy` and `agreement` are.
        statements: the statements that were used, the theorem first; their modules derive them.
    """

    chain: ClassificationChain
    accuracy: Any
    agreement: Any
    kept: Any
    label_error: Any
    keep_right: Any
    keep_wrong: Any
    transition: Any
    limit: Any
    effective_ridge: Any
    finite_size: Any
    kind: Kind
    statements: tuple[Statement, ...]

    @property
    def theorem(self) -> Statement:
        """The statement behind `accuracy`."""
        return self.statements[0]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The hypotheses of the theorem."""
        return self.theorem.hypotheses

    @property
    def sources(self) -> tuple[str, ...]:
        """Name and source of all statements used."""
        return tuple(f"{statement.name}: {statement.source}" for statement in self.statements)

    def cite(self) -> str:
        """BibTeX of the software and of exactly the papers behind the statements."""
        return cite([statement.source for statement in self.statements])

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "ClassificationPrediction",
            "chain": repr(self.chain),
            **{name: plain(getattr(self, name)) for name in NUMBERS},
            "kind": self.kind.value,
            "statements": [statement.name for statement in self.statements],
            "assumptions": list(self.assumptions),
            "sources": list(self.sources),
        }

    def labelled(self) -> Labelled:
        """One row: all numbers, and their kind."""
        units = dict.fromkeys(NUMBERS, RATIO) | {"kept": "rows", "effective_ridge": "covariance units"}
        columns = {name: Column([getattr(self, name)], unit) for name, unit in units.items()}
        columns["kind"] = Column([self.kind.value])
        about = {"assumptions": list(self.assumptions), "sources": list(self.sources), "theorem": self.theorem.name}
        return Labelled({"classifier": [1]}, columns, about)

    _head = ("of the fitted classifier", "theory")
    _details_title = "statements and assumptions"

    def _rows(self) -> list[tuple[str, str]]:
        return [(name.replace("_", " "), _shown(getattr(self, name))) for name in NUMBERS]

    def _notes(self) -> list[str]:
        return [f"by the {self.theorem.name} ({self.kind.value})"]

    def _details(self) -> list[str]:
        return [*self.sources, *self.assumptions]

    def _repr_latex_(self) -> str:
        """The theorem behind `accuracy`."""
        return self.theorem._repr_latex_()


NUMBERS = (
    "accuracy",
    "agreement",
    "limit",
    "kept",
    "label_error",
    "keep_right",
    "keep_wrong",
    "transition",
    "effective_ridge",
    "finite_size",
)


def predict_classification(chain: ClassificationChain) -> ClassificationPrediction:
    """The accuracy of a ridge classifier that is fitted to verified labels, a deterministic equivalent.

    $$ \\text{acc} = \\Phi\\left(\\frac{\\mu' w}{\\sqrt{|w|^2 + V v_r}}\\right), \\qquad (M + \\kappa) w = c $$

    Args:
        chain: numbers or JAX tracers, no symbols.

    Returns:
        A `ClassificationPrediction` of floats (of JAX arrays under a transform, NaN where it is not certified or where
        less than one row is kept). n is the number of kept rows; rows and dimension grow in proportion.

    Raises:
        NothingKept: where less than one row is kept on average.
        NotCertified: where the effective ridge could not be certified.
        SpecificationError: for a chain that holds symbols.

    Source: derived in theory/statements/classification.py; cf. [V], arXiv 2406.07515.

    >>> from modelcollapse.theory.problem import *
    >>> found = predict_classification(  # p = phi/(phi + psi): as many right labels as wrong ones are kept
    ...     ClassificationChain(GaussianMixture(1.5, 30), 1000, Flips(0.75), KeepRates(0.9, 0.3), Ridge(0.1)))
    >>> round(found.accuracy, 12), round(found.transition, 12), round(found.kept, 9)  # 1000 (0.25 0.9 + 0.75 0.3)
    (0.5, 0.75, 450.0)
    """
    _refuse_symbols(chain)
    directions = directions_of(chain)
    with jax.enable_x64(True):
        given = _given(chain, directions)
        error_rate, keep_right, keep_wrong = _rates(chain)
        found = _compiled(type(directions), tuple(given), tuple(map(as_array, given.values())), as_array(chain.rows))
        numbers = dict(zip(_FOUND, found, strict=True))
        rates = {KEEP_RIGHT: keep_right, KEEP_WRONG: keep_wrong}
        numbers["transition"] = evaluate(TRANSITION.result, rates, NO_SPECTRUM)
        numbers |= {"label_error": error_rate, "keep_right": keep_right, "keep_wrong": keep_wrong}
        certified = numbers.pop("certified")
        if checks.is_concrete(numbers["kept"]) and not float(numbers["kept"]) >= 1:
            raise NothingKept(float(numbers["kept"]))
        if checks.is_concrete(certified) and not bool(certified):
            raise NotCertified("the effective ridge has no certificate: the penalty is outside the range of float64")
        plain_numbers = {name: float(one) if checks.is_concrete(one) else one for name, one in numbers.items()}
    return ClassificationPrediction(
        chain=chain, **plain_numbers, kind=_THEOREMS[type(directions)][0].kind, statements=_statements(directions)
    )


_THEOREMS: Mapping[type[Directions], tuple[Statement, Statement]] = {
    NoDirection: (ACCURACY_AFTER_FLIPS, LIMIT_AFTER_FLIPS),
    OneHalfSpace: (ACCURACY_OF_ONE_HALF_SPACE, LIMIT_OF_ONE_HALF_SPACE),
    TwoHalfSpaces: (ACCURACY_OF_TWO_HALF_SPACES, LIMIT_OF_TWO_HALF_SPACES),
}
_FOUND = ("accuracy", "agreement", "limit", "kept", "effective_ridge", "finite_size", "certified")


@partial(jax.jit, static_argnums=(0, 1))
def _compiled(kind: type[Directions], symbols: tuple[Any, ...], values: tuple[Any, ...], rows: Any) -> tuple[Any, ...]:
    theorem, limit = _THEOREMS[kind]
    given = dict(zip(symbols, values, strict=True))
    first, *others = theorem.definitions
    known = run([first], given, NO_SPECTRUM)
    kept = rows * known[KEPT]
    fitted = jnp.maximum(kept, 1.0)
    unit = jnp.ones(1)
    root = effective_ridge(unit, given[x.dimension] * unit, fitted, given[x.penalty])
    certified = root.certified & (kept >= 1)
    kappa = jnp.where(certified, root.value, jnp.nan)
    known = run(others, known | {x.rows: fitted, x.kappa: kappa}, NO_SPECTRUM)
    accuracy, agreement = (evaluated_at(one, known) for one in (LABEL_ACCURACY, BAYES_AGREEMENT))
    many = evaluated_at(limit, given)
    return accuracy, agreement, many, kept, kappa, 1.0 / known[x.margin_2], root.certified


def evaluated_at(statement: Statement, values: Values) -> Any:
    """The result of a statement that holds no spectrum."""
    return evaluate(statement.result, run(statement.definitions, values, NO_SPECTRUM), NO_SPECTRUM)


def _given(chain: ClassificationChain, directions: Directions) -> Values:
    """Values of the symbols that the theorem takes as given."""
    norm = chain.mixture.mean_norm
    common = {MEAN_NORM: norm, x.dimension: chain.mixture.dimension, x.penalty: chain.estimator.penalty}
    match directions:
        case NoDirection(error_rate, right, wrong):
            return common | {ERROR_RATE: error_rate, KEEP_RIGHT: right, KEEP_WRONG: wrong}
        case OneHalfSpace(cosine, right, wrong):
            return common | {FIRST: norm * cosine, RIGHT_SIDE: right, WRONG_SIDE: wrong}
        case TwoHalfSpaces(generator, verifier, between):
            return common | {FIRST: norm * generator, SECOND: norm * verifier, CORRELATION: between}
        case _ as never:
            assert_never(never)


def _rates(chain: ClassificationChain) -> tuple[Any, Any, Any]:
    """p, phi and psi."""
    norm, generator, verifier = as_array(chain.mixture.mean_norm), chain.generator, chain.verifier

    def right(cosine: Any) -> Any:
        return evaluated_at(LABEL_ACCURACY, {MEAN_NORM: norm, OVERLAP: norm * as_array(cosine), NORM: as_array(1.0)})

    error_rate = as_array(generator.rate) if isinstance(generator, Flips) else right(-generator.cosine)
    match verifier:
        case None:
            return error_rate, as_array(1.0), as_array(1.0)
        case KeepRates():
            return error_rate, as_array(verifier.right), as_array(verifier.wrong)
        case LinearVerifier() if isinstance(generator, LinearLabels):
            means = {FIRST: norm * as_array(generator.cosine), SECOND: norm * as_array(verifier.cosine)}
            between = {CORRELATION: as_array(verifier.to_generator)}
            turned = {symbol: -value for symbol, value in means.items()}
            kept, wrongly = (evaluated_at(KEPT_OF_RIGHT_LABELS, at | between) for at in (means, turned))
            return error_rate, kept, wrongly
        case LinearVerifier():
            return error_rate, right(verifier.cosine), right(-verifier.cosine)
        case _ as never:
            assert_never(never)


def _statements(directions: Directions) -> tuple[Statement, ...]:
    further = (KEPT_OF_RIGHT_LABELS,) if isinstance(directions, TwoHalfSpaces) else ()
    rules = (EFFECTIVE_RIDGE, LABEL_ACCURACY, BAYES_AGREEMENT, TRANSITION)
    return (*_THEOREMS[type(directions)], *rules, *further)


def _refuse_symbols(chain: ClassificationChain) -> None:
    for value in _values(chain):
        if checks.is_symbolic(value):
            raise SpecificationError("chain", value, "numbers")


def _values(chain: ClassificationChain) -> Iterator[Any]:
    yield chain.rows
    for part in (chain.mixture, chain.generator, chain.verifier, chain.estimator):
        if part is not None:
            yield from (getattr(part, field.name) for field in fields(part))


def _shown(value: Any) -> str:
    return f"{value:.6g}" if checks.is_concrete(value) else str(value)
