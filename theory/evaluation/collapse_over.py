"""One fit on real and synthetic rows over arrays of parameters: a hundred thousand points in one call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.family import require_chain
from ..chains.hypotheses import require_common_ground, require_forgetful, require_fresh
from ..chains.labelling import offsets_of
from ..chains.products import products_of
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NoTheorem, SpecificationError
from ..problem.estimator import MinimumNorm, RandomProjection
from ..problem.labels import Shifted, Truth
from ..statements.strong_collapse import (
    COLLAPSE_OF_A_MIXTURE,
    COLLAPSE_OF_A_PROJECTED_MIXTURE,
    SHIFT,
    SYNTHETIC_SHARE,
    TEST_ERROR_OF_A_MIXTURE,
    TEST_ERROR_OF_A_PROJECTED_MIXTURE,
    terms_with,
)
from .effective_ridge import effective_ridge, margins
from .inputs import Spectra, grouped_spectra
from .lowering import evaluator, run
from .numbers_only import refuse_symbols

FEWEST, AT_ONCE = 64, 1024  # points that are evaluated together
_INSTEAD = "predict(chain), point by point"


@final
class MixtureErrors(NamedTuple):
    """The error of one fit at every point, NumPy float64; infinite where it is, NaN where it is not certified.

    Attributes:
        error: excess error, bias + variance + collapse.
        bias, variance: of real labels on the same rows, with the average noise of all rows.
        collapse: zeta, what synthetic labels add to them.
        effective_ridge: kappa.
    """

    error: Any
    bias: Any
    variance: Any
    collapse: Any
    effective_ridge: Any


def collapse_over(
    chain: Chain, *, rows: Any = None, width: Any = None, penalty: Any = None, synthetic_share: Any = None
) -> MixtureErrors:
    """The error of a fit on real and synthetic rows, and its collapse term, over arrays of parameters.

    $$ E = \\text{bias} + \\text{variance} + \\zeta(f) $$ with $$ \\zeta $$ as in theory/statements/strong_collapse.py.

    Args:
        chain: one generation of fresh rows of one covariance, some labelled by the truth, the others by one shifted
            truth, independent of it; what is not given below is the chain's own.
        rows: n >= 1, any positive numbers.
        width: m >= 1 of the random projection; only for a chain that has one.
        penalty: lambda >= 0; 0 is the limit of no penalty.
        synthetic_share: f in [0, 1], the share of the rows that are synthetic.

    Arrays are broadcast against each other; all points are evaluated in one compiled call, on the compressed spectrum.

    Returns:
        A `MixtureErrors` of the broadcast shape; deterministic equivalents, infinite at the threshold itself (`predict`
        follows the exact law of whole numbers of rows there: infinite within one row of it).

    Raises:
        NoTheorem: for other chains.
        SpecificationError: for impossible values.

    Source: theory/statements/strong_collapse.py.

    >>> from modelcollapse.theory.problem import *
    >>> shifted = Shifted(GaussianTarget([0.01] * 100))  # c^2 = 1
    >>> sources = Source(10**6, 0.3), Source(10**6, 0.3, shifted)
    >>> chain = Chain(Population(Isotropic(100), UniformTarget()), (Generation(sources, MinimumNorm()),))
    >>> collapse_over(chain, synthetic_share=[0.0, 0.1], rows=1e12).error.round(6)  # the plateau f^2 c^2
    array([0.  , 0.01])
    """
    refuse_symbols(chain)
    offsets, own = _required(chain)
    given = {"rows": rows, "width": width, "penalty": penalty, "synthetic_share": synthetic_share}
    projected = own["width"] is not None
    if width is not None and not projected:
        raise SpecificationError("width", width, "None, unless the chain has a RandomProjection")
    arrays = [_checked(name, own[name] if value is None else value) for name, value in given.items()]
    points = np.broadcast_arrays(*arrays)
    shape = points[0].shape
    checks.require_memory("points", float(np.prod(shape)), 8 * 16)
    noises = np.array([own["real_noise"], own["synthetic_noise"]]) ** 2
    with jax.enable_x64(True):
        spectra = grouped_spectra(chain.population, offsets)
        rank = float(chain.population.spectrum.rank())
        found = _compiled(jax.tree.map(jnp.asarray, spectra), rank, noises, _padded(points), projected)
    count = points[0].size
    return MixtureErrors(*(np.asarray(one).ravel()[:count].reshape(shape) for one in found))


def _padded(points: Sequence[Any]) -> tuple[Any, ...]:
    """Points in blocks, the last one repeated: few different sizes are compiled."""
    count = points[0].size
    block = AT_ONCE if count > AT_ONCE else max(FEWEST, 2 ** int(np.ceil(np.log2(count))))
    missing = -count % block
    return tuple(jnp.asarray(np.pad(np.ravel(one), (0, missing), mode="edge").reshape(-1, block)) for one in points)


def _required(chain: Chain) -> tuple[tuple[Shifted, ...], dict[str, Any]]:
    """The shifted truth, and the chain's own parameters."""
    require_chain(chain)
    step, offsets = chain.generations[0], offsets_of(chain)
    kinds = [type(source.labels) for source in step.generated]
    plain = len(chain) == 1 and len(step.generated) == len(step.sources) == 2 and set(kinds) == {Truth, Shifted}
    weights = {source.weight for source in step.generated}
    if not plain or len(weights) > 1:
        raise NoTheorem("one generation of two sources of one weight, real and shifted", _INSTEAD)
    require_common_ground(chain)
    require_forgetful(step, 1)
    require_fresh(step, 1)
    ((_, product), _) = products_of([chain.population.target, offsets[0].offset], chain.population.spectrum)
    if np.any(product):
        raise NoTheorem("the shift is independent of the truth, or one of them is centred", _INSTEAD)
    real, synthetic = sorted(step.generated, key=lambda source: isinstance(source.labels, Shifted))
    estimator = step.estimator
    penalty = None if isinstance(estimator, MinimumNorm) else estimator.penalty
    return offsets, {
        "rows": float(step.rows),
        "width": estimator.width if isinstance(estimator, RandomProjection) else None,
        "penalty": 0.0 if penalty is None else float(penalty) / float(weights.pop()),
        "synthetic_share": synthetic.rows / step.rows,
        "real_noise": real.noise,
        "synthetic_noise": synthetic.noise,
    }


def _checked(name: str, value: Any) -> Any:
    """An array of allowed numbers; a width that nothing has is infinite."""
    if value is None:
        return np.array(np.inf)
    array = np.asarray(value, dtype=np.float64)
    low, high, allowed = _RANGES[name]
    if not np.all((array >= low) & (array <= high)):
        worst = array[~((array >= low) & (array <= high))].ravel()[0]
        raise SpecificationError(name, float(worst), allowed)
    return array


_LARGEST = float(np.finfo(np.float64).max)
_RANGES = {
    "rows": (1.0, _LARGEST, "numbers >= 1"),
    "width": (1.0, _LARGEST, "numbers >= 1"),
    "penalty": (0.0, _LARGEST, "numbers >= 0"),
    "synthetic_share": (0.0, 1.0, "shares between 0 and 1"),
}
_NOISE = {x.noise**2: x.noise_squared}
_PARTS = {
    projected: tuple(
        part.subs(_NOISE)
        for part in (terms_with(error.result, x.tau), terms_with(error.result, x.noise), collapse.result)
    )
    for projected, error, collapse in (
        (False, TEST_ERROR_OF_A_MIXTURE, COLLAPSE_OF_A_MIXTURE),
        (True, TEST_ERROR_OF_A_PROJECTED_MIXTURE, COLLAPSE_OF_A_PROJECTED_MIXTURE),
    )
}


@partial(jax.jit, static_argnames="projected")
def _compiled(spectra: Spectra, rank: float, noises: Any, points: tuple[Any, ...], projected: bool) -> MixtureErrors:
    def block(point: tuple[Any, ...]) -> MixtureErrors:
        return jax.vmap(lambda *one: _at(spectra, jnp.asarray(rank), noises, one, projected))(*point)

    found: MixtureErrors = jax.lax.map(block, points)
    return found


def _at(spectra: Spectra, rank: Any, noises: Any, point: tuple[Any, ...], projected: bool) -> MixtureErrors:
    """One point; least squares in all directions is kappa = 0."""
    rows, width, penalty, share = point
    nodes = spectra.nodes
    ordinary = (penalty == 0) & (jnp.minimum(rows, width) >= rank)
    root = effective_ridge(nodes.s, nodes.counts, rows, jnp.where(ordinary, 1.0, penalty), width)
    kappa = jnp.where(ordinary, 0.0, jnp.where(root.certified, root.value, jnp.nan))
    solved = margins(jnp.where(ordinary, 1.0, kappa), rows, penalty, width)
    statement = TEST_ERROR_OF_A_PROJECTED_MIXTURE if projected else TEST_ERROR_OF_A_MIXTURE
    known = {x.rows: rows, x.width: width, x.penalty: penalty, x.kappa: kappa}
    known[x.margin_1] = jnp.where(ordinary, rows - rank, solved.rows)
    known[x.width_margin_1] = jnp.where(ordinary, width - rank, solved.width)
    known = run([line for line in statement.definitions if line[0] not in known], known, nodes)
    known |= {SYNTHETIC_SHARE: share, SHIFT: spectra.products[1, 1] / nodes.counts}
    known[x.noise_squared] = (1.0 - share) * noises[0] + share * noises[1]
    value = evaluator(known, nodes)
    bias, variance, collapse = (value(part) for part in _PARTS[projected])
    # Without a penalty the margin vanishes where rows meet the width or the rank: what it divides is infinite, or zero.
    critical = known[x.margin_2] <= 0
    variance = jnp.where(critical, jnp.where(known[x.noise_squared] > 0, jnp.inf, 0.0), variance)
    collapse = jnp.where(critical, jnp.where(share > 0, jnp.inf, 0.0), collapse)
    bias = jnp.where(critical, jnp.where(ordinary, 0.0, jnp.inf), bias)
    return MixtureErrors(bias + variance + collapse, bias, variance, collapse, kappa)
