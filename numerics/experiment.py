"""A chain as arrays: everything a replicate needs, checked on the host before any work starts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..theory.problem import checks
from ..theory.problem.chain import Chain
from ..theory.problem.covariates import Perturbed
from ..theory.problem.errors import SpecificationError
from ..theory.problem.estimator import RandomProjection
from ..theory.problem.generation import Generation
from ..theory.problem.labels import Lottery, Recorded, labellers
from ..theory.problem.memory import Forget, Subsample
from ..theory.problem.target import Target
from .designs import Design
from .estimators.forms import Form
from .estimators.penalty import penalty
from .reading.directions import Directions, directions
from .reading.forms import forms
from .reading.labelling import Labelling, labelling
from .reading.numbers import number, numbers
from .reading.rows import Layout, Refits, layout
from .sampling import RowSampler
from .selections.judging import Judging, Rules, is_judged, judging
from .structure import Structure

# NumPy on the host, JAX inside a replicate.
Numbers = Any


class Step(NamedTuple):
    """One generation; with a leading axis, all of them. What a chain does not need is None."""

    source: Numbers  # (rows,) the source that each row belongs to
    count: Numbers  # (sources,) rows of each source
    noise: Numbers  # (sources,) standard deviation of the label noise
    share: Numbers  # (sources, options, basis) of each labeller
    recorded: Numbers  # (sources, options) of the label that the row had, or None
    chance: Numbers  # (sources, options) cumulated probability of each option, or None
    covariance: Numbers  # (sources,) which covariance the rows have, or None
    disturbance: Numbers  # (sources,) standard deviation that the fit sees on top, or None
    origin: Numbers  # (rows,) place of each row among the drawn, those on the shelf and the refitted, or None
    refits: Refits | None
    pick: Numbers  # (candidates,) rows that may enter the fit, or None
    root_weight: Numbers  # (candidates,) root of the weight, 0 on padding
    taken: Numbers  # number of candidates that enter
    shuffled: Numbers  # whether they are drawn, or None
    renew: Numbers  # (shelf,) what stands on the shelf afterwards, or None
    write: Numbers  # the slot of the model
    ridge: Numbers  # number of rows times penalty
    form: Numbers  # position of the form of the fit
    drawing: Numbers  # generation whose random features are used
    judging: Judging | None  # how rows are judged
    column: Numbers  # first column of this generation's label noise


class Law(NamedTuple):
    """The law of a whitened vector."""

    mean: Numbers  # (..., directions)
    deviation: Numbers  # (..., directions)


class Experiment(NamedTuple):
    """A chain in whitened coordinates of the directions in which anything happens.

    There v = Sigma^(1/2) w, rows are Sigma^(-1/2) x and the excess error is |v - v_0|^2, summed where `counted`.
    """

    eigenvalues: Numbers  # (directions,)
    counted: Numbers  # (directions,) 1 where the population has variance
    truth: Law
    initial: Law
    offsets: Law  # (offsets, directions)
    verifiers: Law  # (verifiers, directions)
    spreads: Numbers  # (covariances, directions) standard deviations of whitened rows
    steps: Step  # leading axis: generations
    pool: Numbers  # what the design draws from
    dimension: Numbers  # number of covariates, those without variance included


def experiment(chain: Chain, design: Design, sampler: RowSampler) -> tuple[Experiment, Structure]:
    """Read a chain as an experiment, and say what must be compiled for it.

    Raises:
        SpecificationError: when the chain holds symbols or traced values, when the design does not fit it, or when it
            samples a store of rows that are judged.
        TooLarge: when its tables do not fit into memory.
    """
    where = directions(chain)
    who = labelling(chain)
    rule, verifiers, rules = _selections(chain)
    rows = layout(
        chain,
        lambda count: sampler.places(count, where.count),
        lambda count: sampler.present(count, where.count),
        compact=sampler.for_any_rows,
    )
    covariances, which = _covariances(chain, where)
    kinds, form = forms(chain, where, for_any_rows=sampler.for_any_rows)
    spectrum = chain.population.spectrum
    nothing = np.zeros(where.count), np.zeros(where.count)
    parts = Experiment(
        eigenvalues=where.scale,
        counted=where.counted,
        truth=Law(*where.moments("target", chain.population.target, spectrum)),
        initial=Law(*(nothing if chain.initial is None else where.moments("initial", chain.initial, spectrum))),
        offsets=_laws([where.moments("offset", shifted.offset, spectrum) for shifted in who.offsets], where.count),
        verifiers=_laws([where.moments("verifier", verifier, spectrum) for verifier in verifiers], where.count),
        spreads=covariances,
        steps=_steps(chain, who, rows, which, np.array(form), rule),
        pool=_pool(chain, design, where),
        dimension=np.float64(chain.population.dimension),
    )
    return parts, _structure(chain, parts, rows, who, design, sampler, kinds, rules)


def _steps(
    chain: Chain,
    who: Labelling,
    rows: Layout,
    which: NDArray[np.int64] | None,
    form: NDArray[np.int64],
    rule: Judging | None,
) -> Step:
    shape = who.chance.shape[:2]
    count, noise, disturbance = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for g, step in enumerate(chain.generations):
        for s, source in enumerate(step.generated):
            count[g, s] = checks.concrete_size("rows", source.rows)
            noise[g, s] = number("noise", source.noise)
            if isinstance(source.covariates, Perturbed):
                disturbance[g, s] = number("std", source.covariates.std)
    penalties = np.array([number("penalty", penalty(step.estimator)) for step in chain.generations])
    return Step(
        source=rows.source,
        count=count,
        noise=noise,
        share=who.share,
        recorded=who.recorded if who.recorded.any() else None,
        chance=who.chance if who.chance.shape[2] > 1 else None,
        covariance=which,
        disturbance=disturbance if disturbance.any() else None,
        origin=rows.origin,
        refits=rows.refits,
        pick=rows.pick,
        root_weight=rows.root_weight,
        taken=rows.taken,
        shuffled=rows.shuffled,
        renew=rows.renew,
        write=who.write,
        ridge=np.array(chain.rows, dtype=float) * penalties,
        form=form,
        drawing=_drawings(chain),
        judging=rule,
        column=1 + rows.rows * np.arange(len(chain)),
    )


def _laws(moments: list[tuple[Any, Any]], count: int) -> Law:
    """Laws of vectors, one below the other."""
    means, deviations = (np.array([pair[part] for pair in moments]).reshape(-1, count) for part in (0, 1))
    return Law(means, deviations)


def _selections(chain: Chain) -> tuple[Judging | None, tuple[Target, ...], Rules | None]:
    """How rows are judged, by whom, and what must be compiled for it."""
    if not is_judged(chain):
        return None, (), None
    for step in chain.generations:
        if isinstance(step.memory, Subsample):
            raise SpecificationError("memory", step.memory, "FORGET or ACCUMULATE where a verifier judges rows")
    return judging(chain, max(len(step.generated) for step in chain.generations))


def _covariances(chain: Chain, where: Directions) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
    """Spreads of the distinct covariances, and which of them each source has; None where all rows are white."""
    sources = max(len(step.generated) for step in chain.generations)
    known: list[Any] = [chain.population.spectrum]
    which = np.zeros((len(chain), sources), np.int64)
    for g, step in enumerate(chain.generations):
        for s, source in enumerate(step.generated):
            spectrum = known[0] if source.covariance is None else source.covariance
            if spectrum not in known:
                known.append(spectrum)
            which[g, s] = known.index(spectrum)
    spreads = np.array([where.spread(spectrum) for spectrum in known])
    return spreads, None if len(known) == 1 and where.counted.all() else which


def _drawings(chain: Chain) -> NDArray[np.int64]:
    """The generation whose random features each generation uses."""
    drawings, latest = [], 0
    for g, step in enumerate(chain.generations, start=1):
        if isinstance(step.estimator, RandomProjection) and (step.estimator.redraw or not latest):
            latest = g
        drawings.append(latest)
    return np.array(drawings, np.int64)


def _pool(chain: Chain, design: Design, where: Directions) -> Numbers:
    """What the design draws from, in all simulated directions."""
    eigenvalues = numbers("spectrum", chain.population.spectrum.eigenvalues())
    pool = design.whitened_pool(eigenvalues)
    if pool is None or pool.ndim == 0:  # a formula, or its parameter
        return pool
    for step in chain.generations:
        for source in step.generated:
            if source.covariance is not None:
                raise SpecificationError("design", design, "GAUSSIAN beside a source with a covariance of its own")
    embedded = np.zeros((pool.shape[0], where.count))
    embedded[:, where.counted > 0] = pool
    return embedded


def _structure(
    chain: Chain,
    parts: Experiment,
    rows: Layout,
    who: Labelling,
    design: Design,
    sampler: RowSampler,
    kinds: tuple[Form, ...],
    rules: Rules | None,
) -> Structure:
    return Structure(
        generations=len(chain),
        rows=rows.rows,
        directions=int(parts.eigenvalues.shape[0]),
        shelf=rows.shelf,
        fitted=rows.fitted,
        slots=who.slots,
        features=max((form.width or 0 for form in kinds), default=0),
        forms=kinds,
        alike=parts.steps.disturbance is None and all(_alike(step) for step in chain.generations),
        reuses_labels=_reuses_labels(chain),
        shrinks=rows.refits is not None and bool(rows.refits.shrink.any()),
        cuts=rows.refits is not None and bool((rows.refits.rank < chain.population.dimension).any()),
        sampler=sampler,
        draw=design.draw,
        rules=rules,
    )


def _alike(step: Generation) -> bool:
    """Whether all rows of a generation have one labeller, one noise and one weight."""
    same = len({(s.labels, s.noise, s.weight) for s in step.generated}) == 1
    return same and not isinstance(step.generated[0].labels, Lottery)


def _reuses_labels(chain: Chain) -> bool:
    """Whether a label is ever read again by a later generation."""
    recorded = any(
        isinstance(who, Recorded) for step in chain.generations for s in step.generated for who in labellers(s.labels)
    )
    return recorded or any(step.kept or not isinstance(step.memory, Forget) for step in chain.generations)
