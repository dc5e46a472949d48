"""`predict`: the test error of a chain, generation by generation, with everything a theorist asks of it."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final, overload

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.baselines import of_real_rows, with_real_labels, without_truth
from ..chains.expressed import Expressed
from ..chains.family import Reading, kinds_of, reading_of
from ..chains.hypotheses import SIMULATE
from ..chains.reading import Step
from ..chains.selected import Selected
from ..chains.subsample import Subsamples
from ..problem import checks
from ..problem.chain import Chain
from ..problem.classification import ClassificationChain
from ..problem.errors import NoTheorem
from ..problem.estimator import RandomProjection
from ..results.chains import chain_record
from ..results.labelled import LABEL_UNITS, MODEL_UNITS, RATIO, Column, Labelled
from ..results.plain import plain, record_from
from ..results.tabled import Tabled
from ..rules.bibliography import cite
from ..rules.kind import Kind
from ..rules.statement import Statement
from ..statements.book import address_of, statements_of
from .classification import ClassificationPrediction, predict_classification
from .inputs import full_spectra
from .limit import limit_of
from .numbers_only import refuse_symbols
from .outcome import evaluated, offsets_in, outcome_on, require_certified
from .recursion import Outcome
from .saved import ARRAYS, prediction_fields
from .spread import spread_over_draws


@final
@dataclass(frozen=True, eq=False, repr=False)
class Prediction(Tabled):
    """The test error of a chain after every generation g = 1..N.

    Attributes:
        chain: what was predicted.
        error: excess error E|w_g - w_0|^2_Sigma, shape (N,); infinite where its mean is.
        bias: the error without any label noise (it contains the randomness of the designs), shape (N,); NaN for chains
            on judged rows, where the noise decides which rows are fitted.
        variance: what label noise injects, error - bias computed without a difference, shape (N,); NaN like `bias`.
        overlap: E w_g'w_0, shape (N,); NaN where no statement gives it (a kept projection).
        norm: E|w_g|^2, shape (N,); NaN where no statement gives it (exact mixtures with shifts, a kept projection).
        effective_ridge: kappa of each generation, 0 for least squares above the rank, NaN for the exact rule below it.
        degrees_of_freedom: df_1 = sum s/(s + kappa), the rank or the number of rows for the exact rules.
        finite_size: indicative relative size 1/min(n - df_2) of the O(1/dimension) gap, 0 where exact, shape (N,).
        kind: what each number is: exact, or a deterministic equivalent.
        statements: the statements that were used; their docstrings and `description`s derive them.
    """

    chain: Chain
    error: Any
    bias: Any
    variance: Any
    overlap: Any
    norm: Any
    effective_ridge: Any
    degrees_of_freedom: Any
    finite_size: Any
    kind: tuple[Kind, ...]
    statements: tuple[Statement, ...]

    @cached_property
    def by_generation(self) -> Any:
        """(N, N): entry [g, m] is the part of the error after generation g that the labels of generation m injected."""
        count = len(self.chain)
        checks.require_memory("generations", count * (count + 1), 8 * 32)
        injection = np.concatenate([np.zeros((count, 1)), np.eye(count)], axis=1)
        reading = reading_of(self.chain)
        if isinstance(reading, Subsamples | Selected):
            raise NoTheorem(
                "what each generation's labels injected is known (for samples of the store and for judged rows it is "
                "not)",
                SIMULATE,
            )
        return _plain(evaluated(self.chain, reading, injection).errors[:, 1:])

    @cached_property
    def by_mode(self) -> Any:
        """(N, d): the excess error in each eigendirection, in the order of the spectrum; rows sum to `error`."""
        count, spectrum = len(self.chain), self.chain.population.spectrum
        checks.require_memory("dimension", count * spectrum.dimension, 8 * 4)
        reading = reading_of(self.chain)
        spectra = full_spectra(self.chain.population, offsets_in(reading))
        modes = outcome_on(self.chain, reading, np.ones((count, 1)), spectra).by_mode
        s = spectrum.eigenvalues()
        if not checks.is_concrete(s) or not checks.is_concrete(modes):
            return modes
        if np.isnan(modes).any():
            raise NoTheorem(_BY_MODE, SIMULATE)
        result = np.zeros((count, spectrum.dimension))
        result[:, s > 0] = np.asarray(modes)
        return result

    @cached_property
    def spread(self) -> Any:
        """(N,) standard deviation over draws of the error; exact, for chains of least squares only.

        Raises:
            NoTheorem: for other chains.
        """
        return spread_over_draws(self.chain)

    @cached_property
    def collapse_replace(self) -> Any:
        """(N,) the collapse term: excess over the same chain with every label by the truth (*replace*).

        A difference of two errors, but for one generation with independent shifts, where it is their own error.

        Raises:
            NoTheorem: where no statement covers that chain.
        """
        own = without_truth(self.chain)
        if own is not None:
            return predict(own).error
        return self.error - predict(with_real_labels(self.chain)).error

    @cached_property
    def collapse_augment(self) -> Any:
        """(N,) excess over the chain of the truth-labelled rows alone, at the same penalties (*augment*).

        Negative where the synthetic rows help.

        Raises:
            NoTheorem: where a generation has no such rows, or no statement covers that chain.
        """
        return self.error - predict(of_real_rows(self.chain)).error

    @property
    def limit(self) -> Any:
        """The error after infinitely many generations like these, infinite where it grows for ever.

        Raises:
            NoTheorem: for chains without such a statement, see `theory.evaluation.limit`.
        """
        return limit_of(self.chain)

    @property
    def theorem(self) -> Statement:
        """The statement behind the last generation's numbers."""
        return self.statements[0]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The hypotheses of all statements used."""
        return tuple(dict.fromkeys(h for statement in self.statements for h in statement.hypotheses))

    @property
    def sources(self) -> tuple[str, ...]:
        """Name and source of all statements used."""
        return tuple(dict.fromkeys(f"{statement.name}: {statement.source}" for statement in self.statements))

    def cite(self) -> str:
        """BibTeX of the software and of exactly the papers whose statements were used."""
        return cite([statement.source for statement in self.statements])

    def noisy_error(self, noise: float) -> Any:
        """The error against test labels with that noise, error + noise^2."""
        return self.error + checks.nonnegative("noise", noise) ** 2

    def to_dict(self) -> dict[str, Any]:
        """The chain and all per-generation numbers as plain lists, infinities and NaN as strings."""
        return {
            "result": "Prediction",
            **chain_record(self.chain),
            **{name: plain(np.asarray(getattr(self, name))) for name in ARRAYS},
            "kind": [kind.value for kind in self.kind],
            "statements": [statement.name for statement in self.statements],
            "assumptions": list(self.assumptions),
            "sources": list(self.sources),
        }

    @classmethod
    def from_json(cls, text: str) -> Prediction:
        """The prediction that `to_json` wrote, bit for bit; `by_mode`, `by_generation`, `spread` are computed anew.

        Raises:
            SpecificationError: for any other text, and for a chain that was kept without TOML.
        """
        return cls(**prediction_fields(record_from(text, "Prediction")))

    def labelled(self) -> Labelled:
        """One row for each generation: `error`, ..., `finite_size`, and `kind`."""
        columns = {name: Column(getattr(self, name), unit) for name, unit in zip(ARRAYS, _UNITS, strict=True)}
        about = {"assumptions": list(self.assumptions), "sources": list(self.sources), "theorem": self.theorem.name}
        kinds = Column([kind.value for kind in self.kind])
        return Labelled({"generation": range(1, len(self.kind) + 1)}, {**columns, "kind": kinds}, about)

    def to_xarray(self) -> Any:
        """As `to_pandas`, and `by_generation` and `by_mode` where a statement gives them."""
        table = self.labelled()
        further = {}
        for name, axis in (("by_generation", "injected_by"), ("by_mode", "mode")):
            with suppress(NoTheorem):
                further[name] = Column(getattr(self, name), LABEL_UNITS, ("generation", axis))
        return Labelled(table.axes, table.columns, table.about, further).to_xarray()

    _head = ("generation", "error", "bias", "variance", "kappa", "df1", "kind")
    _details_title = "statements and assumptions"

    def _rows(self) -> list[tuple[str, ...]]:
        columns = (self.error, self.bias, self.variance, self.effective_ridge, self.degrees_of_freedom)
        return [
            (str(g + 1), *(f"{np.asarray(column)[g]:.6g}" for column in columns), self.kind[g].value)
            for g in range(len(self.kind))
        ]

    def _notes(self) -> list[str]:
        return [f"by the {self.theorem.name}: {address_of(self.theorem)}"]

    def _details(self) -> list[str]:
        return [f"{self.theorem.name}: {address_of(self.theorem)}", *self.sources, *self.assumptions]

    def _repr_latex_(self) -> str:
        """The theorem behind the last generation's numbers."""
        return self.theorem._repr_latex_()


_BY_MODE = "the share of each direction is known (for exact mixtures with shifts, and kept projections, it is not)"
_UNITS = (LABEL_UNITS,) * 3 + (MODEL_UNITS,) * 2 + ("covariance units", "directions", RATIO)


@overload
def predict(chain: Chain) -> Prediction: ...


@overload
def predict(chain: ClassificationChain) -> ClassificationPrediction: ...


def predict(chain: Chain | ClassificationChain) -> Prediction | ClassificationPrediction:
    """The test error of a chain after every generation, exact where such a statement exists.

    What is predicted is chosen by type: `MinimumNorm` reads the exact finite-size statements (rows >= rank, or an
    isotropic covariance), else the ridgeless equivalent; `Ridge` always reads the deterministic equivalent. Stores,
    kept rows and several labellers have statements of their own for least squares (`MinimumNorm`, rows >= rank). Every
    other chain with a positive penalty in each fit is derived by the engine, as an expression in Gaussian matrices.

    Args:
        chain: numbers or JAX tracers, no symbols. A `ClassificationChain` has accuracies in place of errors.

    Returns:
        A `Prediction` in NumPy float64 (in JAX arrays under a transform, NaN where not certified); for a
        `ClassificationChain` a `ClassificationPrediction`.

    Raises:
        NoTheorem: where no statement applies, naming the hypothesis that fails.
        NothingKept: where a classification chain keeps less than one row on average.
        NotCertified: where an effective ridge, or the spectrum's compression, could not be certified.
        SpecificationError: for a chain that holds symbols.

    Source: theory/chains/moments.py on the rules of theory/rules.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(10), UniformTarget())
    >>> chain = replace(population, generations=2, rows=31, noise=2.0, estimator=MinimumNorm())
    >>> predict(chain).error  # 4 * 10 / (31 - 10 - 1) for each generation
    array([2., 4.])
    """
    if isinstance(chain, ClassificationChain):
        return predict_classification(chain)
    refuse_symbols(chain)
    reading = reading_of(chain)
    return as_prediction(chain, reading, _evaluated(chain, reading))


def traced_error(chain: Chain) -> Any:
    """(N,) the excess error alone, for a chain that holds tracers; NaN where it is not certified."""
    refuse_symbols(chain)
    return _evaluated(chain, reading_of(chain), margins=False).errors.sum(axis=1)


def _evaluated(chain: Chain, reading: Reading, margins: bool = True) -> Outcome:
    """Two parts of the error: the noise-free one, and what all noise injects."""
    count = len(chain)
    return evaluated(chain, reading, np.stack([np.zeros(count), np.ones(count)], axis=1), margins)


def as_prediction(chain: Chain, reading: Reading, outcome: Outcome) -> Prediction:
    """Arrays turned into a `Prediction`, certificates checked."""
    require_certified(outcome)
    if checks.is_concrete(outcome.errors):
        outcome = jax.tree.map(np.asarray, outcome)
    rank = chain.population.spectrum.rank()
    steps = reading if isinstance(reading, tuple) else ()
    unread = np.nan if isinstance(reading, Expressed) else 0.0  # no root, and no least squares either
    above = [min(step.rows, step.width) >= rank for step in steps]
    without_root = np.array([0.0 if enough else np.nan for enough in above] or [unread] * len(chain))
    split = np.nan if isinstance(reading, Selected) else 1.0
    restarts = [step.restarts for step in steps] or [False] * len(chain)
    with jax.enable_x64(True):  # for tracers; concrete outcomes are NumPy arrays by now
        return Prediction(
            chain=chain,
            error=_plain(outcome.errors.sum(axis=1)),
            bias=_plain(outcome.errors[:, 0] * split),
            variance=_plain(outcome.errors[:, 1:].sum(axis=1) * split),
            overlap=_plain(outcome.overlap),
            norm=_plain(outcome.norm * (np.nan if _reaches_beyond(chain, steps) else 1.0)),
            effective_ridge=_plain(_either(outcome.uses_root, outcome.root.value, without_root)),
            degrees_of_freedom=_plain(outcome.freedom),
            finite_size=_finite_size(restarts, _plain(outcome.margin_2)),
            kind=kinds_of(chain, reading),
            statements=statements_of(reading),
        )


def _reaches_beyond(chain: Chain, steps: tuple[Step, ...]) -> bool:
    """Whether a projection spreads the model over directions without variance, which no statement follows."""
    projected = any(isinstance(step.estimator, RandomProjection) for step in chain.generations)
    return bool(steps) and projected and chain.population.spectrum.rank() < chain.population.dimension


def _finite_size(restarts: list[bool], margin_2: Any) -> Any:
    """1/min(n - df_2) over the generations since the truth last labelled all rows."""
    array, smallest = (np, np.minimum.accumulate) if checks.is_concrete(margin_2) else (jnp, jax.lax.cummin)
    starts = [0, *(g for g in range(1, len(restarts)) if restarts[g]), len(restarts)]
    return 1.0 / array.concatenate([smallest(margin_2[a:b]) for a, b in itertools.pairwise(starts)])


def _plain(value: Any) -> Any:
    """NumPy float64 where the value is concrete."""
    return np.asarray(value, dtype=np.float64) if checks.is_concrete(value) else value


def _either(choice: Any, a: Any, b: Any) -> Any:
    return np.where(choice, a, b) if checks.is_concrete(a) else jnp.where(choice, a, b)
