r"""A kept random projection in numbers: the ridge chain that stands for it, on nodes of a contour.

Sums over the random spectrum of W (theory/chains/kept_projection.py) are contour integrals around it,

    tr f(W) = 1/(2 pi i) int f(z) (kappa/z) tr (Sigma + kappa)^{-1} dz,        kappa (1 - df_1(kappa)/m) = -z,

with f analytic but for poles at -mu_g, the effective ridges on W. A circle passes too close to the smallest of them.
In s = log(z + mu/2), mu the smallest, the spectrum lies on [log(mu/2), log(s_max + mu/2)] and all poles have imaginary
part pi: an ellipse around it is far from both, and the trapezoidal rule converges geometrically. The nodes are then a
spectrum with complex counts, on which the compiled recursion runs as it is. That twice as many nodes give the same
errors is checked at run time.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.kept_projection import KeptProjection
from ..chains.reading import RULES
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NotCertified
from ..rules.kept_projection import PLACE, SPECTRUM_OF_A_KEPT_PROJECTION
from ..rules.resolvent import RESOLVENT
from .effective_ridge import effective_ridge, margins
from .inputs import Spectra, step_inputs
from .lowering import Nodes, evaluate, run
from .recursion import Outcome, passed_on

FEWEST, MOST = 128, 2048
TOLERANCE = 1e-10
HEIGHT = 1.8  # half the height of the ellipse; poles are at pi
BEYOND = 2.0  # by how much it is longer than the spectrum on either side
NEWTON_STEPS = 8  # for each node, from its neighbour's root


def kept_projection_outcome(chain: Chain, reading: KeptProjection, injection: Any, spectra: Spectra) -> Outcome:
    """The errors of a chain that keeps its projection (inside `jax.enable_x64(True)`).

    Raises:
        NotCertified: where the contour integrals have not converged.
    """
    nodes = FEWEST
    coarse = _outcome(chain, reading, injection, spectra, nodes)
    while True:
        nodes *= 2
        fine = _outcome(chain, reading, injection, spectra, nodes)
        if not checks.is_concrete(fine.errors):
            return fine
        if np.all(np.abs(coarse.errors - fine.errors) <= TOLERANCE * np.abs(np.asarray(fine.errors))):
            return fine
        if nodes >= MOST:
            raise NotCertified(f"contour integrals over the spectrum of a kept projection differ with {nodes} nodes")
        coarse = fine


def _outcome(chain: Chain, reading: KeptProjection, injection: Any, spectra: Spectra, nodes: int) -> Outcome:
    rank = chain.population.spectrum.rank()
    with jax.numpy_dtype_promotion("standard"):  # sizes and noises are real, the nodes complex
        outcome: Outcome = _compiled(step_inputs(reading.steps, spectra, rank, injection), nodes)
    return outcome


@partial(jax.jit, static_argnames="nodes")
def _compiled(problem: Any, nodes: int) -> Outcome:
    spectrum, own = problem.spectra.nodes, problem.generations
    rows, penalty, width = (jnp.asarray(one) for one in (own.rows, own.penalty, own.width))
    root = jax.vmap(lambda *fit: effective_ridge(spectrum.s, spectrum.counts, *fit))(rows, penalty, width)
    kappa = jnp.where(root.certified, root.value, jnp.nan)
    on_projection = kappa * (margins(kappa, rows, penalty, width).width / width)  # mu
    spectra = _contour(problem.spectra, width[0], jnp.min(on_projection), nodes)
    ridge = problem._replace(spectra=spectra, generations=own._replace(width=jnp.full_like(width, jnp.inf)))
    found = passed_on(ridge, (RULES.index(RESOLVENT),), root, on_projection)
    unknown = jnp.full(len(rows), jnp.nan)  # W has other eigenvectors than Sigma
    return found._replace(
        errors=found.errors.real,
        overlap=unknown,
        norm=unknown,
        by_mode=jnp.full((len(rows), len(spectrum.s)), jnp.nan),
        freedom=found.freedom.real,
        margin_2=found.margin_2.real,
    )


def _contour(spectra: Spectra, width: Any, smallest: Any, count: int) -> Spectra:
    """The nodes z of the contour, with counts and products of truth and offsets."""
    nodes = spectra.nodes
    shift = jax.lax.stop_gradient(smallest) / 2
    top = jax.lax.stop_gradient(jnp.max(nodes.s) * (1 + jnp.sqrt(nodes.counts.sum() / width)) ** 2)
    low, high = jnp.log(shift), jnp.log(top + shift)
    angles = (2 * np.pi / count) * (np.arange(count) + 0.5)
    centre, half = (low + high) / 2, (high - low) / 2 + BEYOND
    mapped = jnp.exp(centre - half * np.cos(angles) - 1j * HEIGHT * np.sin(angles))
    z = mapped - shift
    slope = mapped * (half * np.sin(angles) - 1j * HEIGHT * np.cos(angles))
    shares = jax.vmap(lambda place, kappa: _share(place, kappa, width, nodes))(z, _roots(z, nodes, width))
    measure = slope / (1j * count)
    counts = measure * (shares @ nodes.counts.astype(shares.dtype))
    products = measure[None, None, :] * jnp.einsum("zk,ijk->ijz", shares, spectra.products)
    return Spectra(Nodes(z, counts, products[0, 0]), products)


def _share(z: Any, kappa: Any, width: Any, nodes: Nodes) -> Any:
    """Of every eigendirection in the resolvent at z, which is known better than from kappa, where it is small."""
    lines = [line for line in SPECTRUM_OF_A_KEPT_PROJECTION.definitions if line[0] != PLACE]
    known = run(lines, {x.kappa: kappa, x.width: width}, nodes)
    return evaluate(SPECTRUM_OF_A_KEPT_PROJECTION.result, known | {PLACE: z}, nodes)


def _roots(z: Any, nodes: Nodes, width: Any) -> Any:
    """kappa (1 - df_1/m) = -z at every node, continued along the contour from its left end, where z < 0."""
    s, counts = nodes.s[None, :], nodes.counts[None, :]

    def newton(kappa: Any, z: Any) -> Any:
        kept = s / (s + kappa[:, None])
        value = kappa * (1 - (counts * kept).sum(axis=1) / width) + z
        return kappa - value / (1 - (counts * kept * kept).sum(axis=1) / width)

    def follow(kappa: Any, z: Any) -> tuple[Any, Any]:
        for _ in range(NEWTON_STEPS):
            kappa = newton(kappa, z)
        return kappa, kappa

    half = z[: len(z) // 2]  # the others are conjugate
    start = effective_ridge(nodes.s, nodes.counts, width, jnp.abs(half[0])).value
    frozen = jax.lax.stop_gradient((half, start))
    _, found = jax.lax.scan(follow, frozen[1].astype(half.dtype)[None], frozen[0][:, None])
    # One step more carries the derivatives, as the implicit function theorem does.
    kappa = newton(jax.lax.stop_gradient(found[:, 0]), half)
    return jnp.concatenate([kappa, jnp.conj(kappa[::-1])])
