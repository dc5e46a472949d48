"""One fit on any number of sources, each with its own covariance, labels, noise and weight, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np

from ..chains.family import require_chain
from ..chains.hypotheses import require, require_forgetful
from ..chains.labelling import offsets_of
from ..chains.products import products_of
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.covariates import Fresh
from ..problem.errors import NotCertified, SpecificationError
from ..problem.estimator import MinimumNorm, RandomProjection
from ..problem.labels import Previous, Shifted, Truth
from ..problem.selection import KeepAll
from ..problem.source import Source
from ..results.labelled import LABEL_UNITS, RATIO, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..rules.bibliography import cite
from ..statements.master import (
    ALPHA,
    EFFECTIVE,
    WIDTH_LEFT_1,
    MasterTheorem,
    eigenvalue,
    master_theorem,
    offset_product,
)
from .effective_weights import effective_weights
from .lowering import Nodes, evaluate, evaluator, run
from .numbers_only import refuse_symbols

TOLERANCE = 1e-12  # relative, of the certificate
_INSTEAD = "predict(chain)"
_WITH_PENALTY = "Ridge(penalty) or RandomProjection(width, penalty) with a small penalty"


@final
@dataclass(frozen=True, eq=False, repr=False)
class MixtureOfSources(Tabled):
    """The test error of one fit on K sources, NumPy float64.

    Attributes:
        chain: what was evaluated.
        error: excess error, bias + variance.
        bias: the error without label noise, collapse included.
        variance: what label noise adds.
        collapse: zeta, what shifted labels add to the error, relative to true labels on the same rows.
        effective_ridge: kappa of kappa + sum_k p_k a_k Sigma_k; the penalty itself without a projection.
        effective_weights: a_k, what is left of the weight of each source, shape (K,).
        risks: r_k, expected squared error of predicting new labels of each source, its noise included, shape (K,).
        shares: pi_k = n_k a_k/sum_l n_l a_l, shape (K,).
    """

    chain: Chain
    error: float
    bias: float
    variance: float
    collapse: float
    effective_ridge: float
    effective_weights: Any
    risks: Any
    shares: Any

    @property
    def theorem(self) -> MasterTheorem:
        """The formulas behind the numbers."""
        return master_theorem(len(self.risks))

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the statement."""
        return cite([self.theorem.error.source])

    def to_dict(self) -> dict[str, Any]:
        """All numbers as plain lists, infinities as strings."""
        return {"result": "MixtureOfSources", **{name: plain(getattr(self, name)) for name in (*_TOTALS, *_COLUMNS)}}

    def labelled(self) -> Labelled:
        """One row for each source; what is of the whole fit stands beside them."""
        statement = self.theorem.error
        about = {
            **{name: getattr(self, name) for name in _TOTALS},
            "assumptions": list(statement.hypotheses),
            "sources": [f"{statement.name}: {statement.source}"],
        }
        columns = {name: Column(getattr(self, name), unit) for name, unit in _COLUMNS.items()}
        return Labelled({"source": range(1, len(self.risks) + 1)}, columns, about)

    _details_title = "statement and assumptions"

    @property
    def _head(self) -> tuple[str, ...]:
        return ("source", *(name.replace("_", " ") for name in _COLUMNS))

    def _rows(self) -> list[tuple[str, ...]]:
        columns = [getattr(self, name) for name in _COLUMNS]
        rows = zip(*columns, strict=True)
        return [(str(k), *(f"{value:.6g}" for value in row)) for k, row in enumerate(rows, start=1)]

    def _caption(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')} {getattr(self, name):.6g}" for name in _TOTALS)

    def _details(self) -> list[str]:
        statement = self.theorem.error
        return [f"{statement.name}: {statement.source}", *statement.hypotheses]


_TOTALS = ("error", "bias", "variance", "collapse", "effective_ridge")
_COLUMNS = {"effective_weights": RATIO, "shares": RATIO, "risks": LABEL_UNITS}


def mixture_of_sources(chain: Chain) -> MixtureOfSources:
    """The test error of one fit on K sources of fresh rows, with what shifted labels add to it.

    $$ E = b_0 + \\sum_k \\frac{n_k a_k^2}{n^2} \\langle \\Sigma, \\Sigma_k \\rangle r_k,
       \\qquad E = E_\\text{true labels} + \\zeta $$

    Args:
        chain: one generation of sources with `FRESH` covariates and labels `TRUTH`, `PREVIOUS` (the truth, in
            generation 1) or `Shifted`; any rows, noises, weights >= 0 and covariances; fitted by `Ridge`,
            `RandomProjection` or `MinimumNorm`. Numbers only. Without a penalty the fitted sources have the rank of
            the population, at most their rows - 2 and the width - 2.

    Returns:
        A `MixtureOfSources`; deterministic equivalents.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
        NotCertified: where the effective weights could not be solved for to a relative 1e-12.
        SpecificationError: for a chain that holds symbols or tracers.

    Source: theory/statements/master.py.

    >>> from modelcollapse.theory.problem import *
    >>> sources = Source(20, 3.0), Source(20, 3.0, Shifted(GaussianTarget([0.3] * 10)))  # c^2 = 3
    >>> chain = Chain(Population(Isotropic(10), UniformTarget()), (Generation(sources, MinimumNorm()),))
    >>> mixture_of_sources(chain)  # u = d/(n - d) = 1/3: variance 9 u, collapse c^2 [1/4 + u/4]
    error 4, bias 1, variance 3, collapse 1, effective ridge 0
    source  effective weights  shares  risks
         1               0.75     0.5     13
         2               0.75     0.5     13
    """
    refuse_symbols(chain)
    sources = _required(chain)
    theorem, problem = master_theorem(len(sources)), _problem(chain, sources)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is not finite is not certified
        return _evaluated(chain, theorem, problem)


def _evaluated(chain: Chain, theorem: MasterTheorem, problem: _Problem) -> MixtureOfSources:
    known = _solved(theorem, problem)
    values = evaluator(known, problem.nodes)
    parts = (theorem.bias, theorem.collapse, theorem.variance)
    drive = np.array([[float(values(expression)) for expression in (*part.risks, part.test)] for part in parts])
    coupling = np.array([[values(entry) for entry in row] for row in theorem.coupling])
    margins = np.array([values(margin) for margin in theorem.margins])
    a = np.array([known[x.at(EFFECTIVE, k)] for k in range(1, theorem.sources + 1)])
    weighed = _solve(margins, a[:, None] * coupling, a * drive[:, :-1])
    risks = (drive[:, :-1] + weighed @ coupling.T).sum(axis=0)
    bias, collapse, variance = drive[:, -1] + weighed @ np.array([values(entry) for entry in theorem.read_out])
    if not (np.all(np.isfinite(risks)) and np.isfinite(bias + collapse + variance)):
        raise NotCertified("the errors are outside the range of float64")
    effective = problem.rows * a
    return MixtureOfSources(
        chain=chain,
        error=float(bias + collapse + variance),
        bias=float(bias + collapse),
        variance=float(variance),
        collapse=float(collapse),
        effective_ridge=float(known[x.kappa]),
        effective_weights=a,
        risks=risks,
        shares=effective / effective.sum(),
    )


def _required(chain: Chain) -> tuple[Source, ...]:
    """The sources of a chain that the theorem covers."""
    require_chain(chain)
    require(len(chain) == 1, f"one generation (this chain has {len(chain)})", _INSTEAD)
    require(chain.initial is None, "model 0 is the truth (this chain gives it an initial offset)", _INSTEAD)
    step = chain.generations[0]
    require_forgetful(step, 1)
    require(isinstance(step.selection, KeepAll), "no rows are selected", "the chain with KeepAll() in its place")
    for source in step.generated:
        kind = type(source.covariates).__name__
        require(isinstance(source.covariates, Fresh), f"covariates are fresh (those of one source are {kind})")
        plainly = isinstance(source.labels, Truth | Previous | Shifted)
        kind = type(source.labels).__name__
        require(plainly, f"the truth and shifted truths label rows (a source has {kind} labels)", _INSTEAD)
    return step.generated


class _Problem(NamedTuple):
    """A chain in numbers; directions in which everything is equal are one node.

    Attributes:
        nodes: of the population.
        s: eigenvalues of the sources, shape (K, nodes).
        products: E o_k o_l in each direction, index 0 the truth, shape (K + 1, K + 1, nodes).
        rows, noises, weights: of the sources, shape (K,).
        penalty: lambda, 0 for none.
        width: m, infinite without a projection.
    """

    nodes: Nodes
    s: Any
    products: Any
    rows: Any
    noises: Any
    weights: Any
    penalty: float
    width: float


def _problem(chain: Chain, sources: tuple[Source, ...]) -> _Problem:
    estimator, spectrum = chain.generations[0].estimator, chain.population.spectrum
    penalty = 0.0 if isinstance(estimator, MinimumNorm) else estimator.penalty
    s = [spectrum.eigenvalues(), *((one.covariance or spectrum).eigenvalues() for one in sources)]
    products = _products(chain, sources)
    numbers = [(source.noise, source.weight) for source in sources]
    flat = [value for row in products for value in row]
    _refuse_tracers([penalty, *s, *flat, *(value for pair in numbers for value in pair)])
    levels = np.array(s)
    reached = levels.any(axis=0)
    distinct, place, counts = np.unique(levels[:, reached], axis=1, return_inverse=True, return_counts=True)
    totals = np.array([np.bincount(place.ravel(), one[reached], len(counts)) for one in flat])
    means = (totals / counts).reshape(len(s), len(s), -1)
    nodes = Nodes(distinct[0], counts.astype(float), distinct[0] * totals[0])
    noises, weights = np.array(numbers, dtype=np.float64).T
    return _Problem(
        nodes=nodes,
        s=distinct[1:],
        products=means,
        rows=np.array([float(source.rows) for source in sources]),
        noises=noises,
        weights=weights,
        penalty=0.0 if penalty is None else float(penalty),
        width=float(estimator.width) if isinstance(estimator, RandomProjection) else np.inf,
    )


def _products(chain: Chain, sources: tuple[Source, ...]) -> list[list[Any]]:
    """E o_k o_l in each direction, the truth first; the offset of a source that the truth labels is nothing."""
    offsets = offsets_of(chain)
    known = products_of([chain.population.target, *(one.offset for one in offsets)], chain.population.spectrum)
    nothing = np.zeros(chain.population.dimension)
    places = [0, *(1 + offsets.index(s.labels) if isinstance(s.labels, Shifted) else None for s in sources)]
    return [[nothing if i is None or j is None else known[i][j] for j in places] for i in places]


def _refuse_tracers(values: list[Any]) -> None:
    for value in values:
        if not checks.is_concrete(value):
            raise SpecificationError("chain", value, "numbers; predict(chain) reads tracers")


def _solved(theorem: MasterTheorem, problem: _Problem) -> dict[Any, Any]:
    """The values of all symbols of the theorem but the risks, certified by its own equations."""
    fitted, total = problem.weights > 0, float(problem.rows.sum())
    rows, s, counts = problem.rows[fitted], problem.s[fitted], problem.nodes.counts
    rank = int(counts.sum())
    if problem.penalty == 0:
        require(bool(np.all(s > 0)), "without a penalty all fitted rows vary in the same directions", _WITH_PENALTY)
        least = min(float(rows.sum()), problem.width)
        bound = f"rank <= min(rows, width) - 2 without a penalty (rank {rank}, the smaller of the others {least:g})"
        require(rank <= least - 2, bound, _WITH_PENALTY)
    found = effective_weights(s, counts, rows, total, problem.weights[fitted], problem.penalty, problem.width)
    a = np.zeros(len(fitted))
    a[fitted] = found.weights
    known: dict[Any, Any] = {x.rows: total, x.width: problem.width, x.penalty: problem.penalty, x.kappa: found.ridge}
    if problem.penalty == 0:  # lambda/kappa in the limit
        known[WIDTH_LEFT_1] = 1.0 - rank / problem.width
    for k in range(1, len(a) + 1):
        letters = (x.at(x.rows, k), x.at(x.noise, k), x.at(ALPHA, k), x.at(EFFECTIVE, k), eigenvalue(k))
        numbers = (problem.rows, problem.noises, problem.weights, a, problem.s)
        known |= {letter: number[k - 1] for letter, number in zip(letters, numbers, strict=True)}
    size = len(a) + 1
    known |= {offset_product(i, j): problem.products[i, j] for i in range(size) for j in range(i, size)}
    known = run([line for line in theorem.definitions if line[0] not in known], known, problem.nodes)
    _certify(theorem, known, problem.nodes, found.uncertainty)
    return known


def _certify(theorem: MasterTheorem, known: dict[Any, Any], nodes: Nodes, uncertainty: float) -> None:
    """The printed equations hold, and the solver's own estimate of its error is small."""
    residuals = [uncertainty]
    for equation in theorem.equations:
        left, right = (float(evaluate(side, known, nodes)) for side in (equation.lhs, equation.rhs))
        residuals.append(abs(left - right) / right if left != right else 0.0)
    if not all(residual <= TOLERANCE for residual in residuals):
        raise NotCertified(
            f"the effective weights have no certificate (residual {max(residuals):.1e}): "
            "spectra, weights or the penalty are outside the range of float64"
        )


def _solve(margins: Any, coupling: Any, drive: Any) -> Any:
    """u = drive + coupling u for every row of `drive`, where 1 - coupling has the row sums `margins`.

    Gaussian elimination that keeps the row sums instead of the diagonal, so that nothing is subtracted.

    >>> _solve(np.array([0.25, 0.5]), np.array([[0.5, 0.25], [0.25, 0.25]]), np.array([[0.25, 0.5]])).tolist()
    [[1.0, 1.0]]
    """
    count = len(margins)
    beside, sums, right = coupling * (1.0 - np.eye(count)), margins.copy(), drive.copy()
    diagonal = np.ones(count)
    for i in range(count):
        diagonal[i] = sums[i] + beside[i, i + 1 :].sum()
        for j in range(i + 1, count):
            factor = beside[j, i] / diagonal[i]
            sums[j] += factor * sums[i]
            right[:, j] += factor * right[:, i]
            beside[j, i + 1 :] += factor * beside[i, i + 1 :]
    solution = np.zeros_like(right)
    for i in reversed(range(count)):
        solution[:, i] = (right[:, i] + solution[:, i + 1 :] @ beside[i, i + 1 :]) / diagonal[i]
    return solution
