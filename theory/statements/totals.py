"""Theorems about totals, where directions need not be told apart: proofs made of the statements that are used."""

from __future__ import annotations

from typing import Any, NamedTuple, assert_never

import sympy

from ..algebra.dyson import dyson
from ..algebra.pencil import pencil
from ..algebra.risk import risk
from ..chains import forward, moments
from ..chains.expressed import Expressed, independent_fits
from ..chains.family import kinds_of
from ..chains.hypotheses import too_large
from ..chains.kept_rows import KeptRows
from ..chains.mixture import Mixture, MixtureStep, product_of_offsets
from ..chains.reading import noise_squared
from ..chains.refitted_covariates import RefittedCovariates
from ..chains.selected import Selected
from ..chains.subsample import Subsamples
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import Swell
from ..rules.bibliography import BY_DEFINITION
from ..rules.fits import Fit
from ..rules.kept_rows import KEPT_ROWS, REAL_NOISE, REAL_ROWS
from ..rules.labeller_mixture import LABELLER_CORRELATION, LABELLER_MIXTURE
from ..rules.refitted_covariates import (
    ERROR_ON_REFITTED_COVARIATES,
    INFLATION,
    INVERSE_OF_A_REFITTED_COVARIANCE,
    RESCALE,
)
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from .book import statements_of, theorem_of
from .generation_steps import Generations
from .program_steps import printed
from .subsample import GENERATIONS, TEST_ERROR_OF_SUBSAMPLES
from .theorem import Derivation, ProofStep
from .verified_steps import VerifiedSteps

Program = tuple[tuple[Any, Any], ...]


class Parts(NamedTuple):
    """Steps, result, values, and every generation's own equations where steps are for several generations."""

    steps: list[ProofStep]
    result: Any
    values: list[tuple[Any, Any]]
    definitions: Program | None = None


def derived_in_total(
    chain: Chain, reading: Mixture | KeptRows | Subsamples | RefittedCovariates | Selected | Expressed
) -> Derivation:
    """The theorem of a chain with several labellers, kept, judged or refitted rows, samples, or of an expression."""
    match reading:
        case Mixture():
            parts = _mixture(chain, reading)
        case KeptRows():
            parts = _kept_rows(chain, reading)
        case Subsamples():
            parts = _subsamples(chain, reading)
        case Selected():
            judged = VerifiedSteps(reading)
            parts = Parts(judged.steps(), judged.result, judged.values(), judged.definitions())
        case RefittedCovariates():
            parts = _refitted_covariates(chain, reading)
        case Expressed():
            parts = _expressed(reading)
        case _ as never:
            assert_never(never)
    statements = statements_of(reading)
    lines = tuple(line for step in parts.steps for line in step.after)
    return Derivation(
        chain=chain,
        theorem=theorem_of(reading),
        hypotheses=tuple(dict.fromkeys(h for statement in statements for h in statement.hypotheses)),
        definitions=lines if parts.definitions is None else parts.definitions,
        result=sympy.Eq(x.at(x.error, len(chain)), parts.result, evaluate=False),
        steps=tuple(parts.steps),
        values=((x.rank, chain.population.spectrum.rank()), *parts.values),
        kind=kinds_of(chain, reading)[-1],
    )


def _mixture(chain: Chain, reading: Mixture) -> Parts:
    """Every model's error, and its products with those of earlier models, from the labellers of its rows."""
    count = len(chain)
    names = [*range(1, count + 1), *(f"o{k}" for k in range(1, len(reading.offsets) + 1))]
    products = {
        (i, j): _product_symbol(names[i], names[j]) for i in range(count, len(names)) for j in range(count, len(names))
    }
    steps, values = [], _offset_values(chain, reading, products)
    for g, step in enumerate(reading.steps):
        own = {symbol: x.at(symbol, g + 1) for symbol in (x.rows, x.noise, x.over_rows, x.over_pairs)}
        own |= {symbol: x.at(symbol, g + 1) for symbol, _ in LABELLER_MIXTURE.definitions}
        lines = [(own[symbol], value.subs(own, simultaneous=True)) for symbol, value in LABELLER_MIXTURE.definitions]
        lines += zip((own[x.over_rows], own[x.over_pairs]), _sums(step, products), strict=True)
        products[g, g] = x.at(x.error, g + 1)
        error = LABELLER_MIXTURE.result.subs(own, simultaneous=True)
        if g < count - 1:  # the last error is the result
            lines.append((products[g, g], error))
        steps.append(_proof(LABELLER_MIXTURE, (g + 1, g + 1), r"\mathbb{E}\,|e_g|^2", lines))
        steps += _correlations(step, g, names, products, own[x.rows]) if g < count - 1 else []
        values += [(own[x.rows], step.rows), (own[x.noise], _root(step.noise_squared))]
    return Parts(steps, error, values)


def _offset_values(chain: Chain, reading: Mixture, products: dict[Any, Any]) -> list[tuple[Any, Any]]:
    """The numbers E o_i'Sigma o_j of the offsets; products that vanish are left out."""
    values, count = [], len(chain)
    for (i, j), symbol in list(products.items()):
        value = product_of_offsets(chain.population, reading.offsets[i - count], reading.offsets[j - count])
        if checks.is_concrete(value) and value == 0:
            del products[i, j]
        elif i <= j:
            products[j, i] = symbol
            values.append((symbol, float(value) if checks.is_concrete(value) else value))
    return values


def _sums(step: MixtureStep, products: dict[Any, Any]) -> tuple[Any, Any]:
    """S_1 and S_2 in terms of the products of the models before."""
    groups = range(len(step.counts))
    between = [[_bilinear(step.labellers[a], step.labellers[b], products) for b in groups] for a in groups]
    over_rows = sum(_exact(step.counts[a]) * between[a][a] for a in groups)
    return over_rows, sum(_exact(step.pairs[a, b]) * between[a][b] for a in groups for b in groups)


def _bilinear(first: Any, second: Any, products: dict[Any, Any]) -> Any:
    terms = [(i, a, j, b) for i, a in enumerate(first) for j, b in enumerate(second) if a != 0 and b != 0]
    return sympy.Add(*(_exact(a) * _exact(b) * products.get((i, j), 0) for i, a, j, b in terms))


def _correlations(step: MixtureStep, g: int, names: list[Any], products: dict[Any, Any], rows: Any) -> list[ProofStep]:
    """The products of a model's error with those of earlier models and of the offsets, where they do not vanish."""
    lines = []
    mean = step.counts @ step.labellers
    offsets = range(len(step.labellers[0]) - sum(isinstance(name, str) for name in names), len(names))
    for j in (*range(g), *offsets):
        known = [(i, share) for i, share in enumerate(mean) if not (checks.is_concrete(share) and share == 0)]
        total = sympy.Add(*(_exact(share) * products.get((i, j), 0) for i, share in known))
        if total != 0:
            products[g, j] = products[j, g] = _product_symbol(names[j], g + 1)
            given = {x.over_rows: total, x.rows: rows}
            lines.append((products[g, j], LABELLER_CORRELATION.result.subs(given, simultaneous=True)))
    return [_proof(LABELLER_CORRELATION, (g + 1, g + 1), r"\mathbb{E}\,e_g^\top e_j", lines)] if lines else []


def _kept_rows(chain: Chain, reading: KeptRows) -> Parts:
    """The spectrum of the kept rows, then the ridge chain on it."""
    first = 1 if reading.starts_full else 2
    lines = [*KEPT_ROWS[0].definitions, (x.s, KEPT_ROWS[0].result), (x.tau, KEPT_ROWS[2].result)]
    proof = [_proof(KEPT_ROWS[0], (1, len(chain)), r"(X_0^\top X_0)^{-1}", lines)]
    start = ((x.spread, sympy.S.Zero), (x.lost, sympy.Integer(first - 1)), (x.kept, sympy.Integer(2 - first)))
    begun = [(x.at(symbol, first - 1), value) for symbol, value in start]
    proof.append(
        ProofStep("distance to the real rows' own fit", (first, first), "u_0", tuple(begun), (), BY_DEFINITION)
    )
    values = [(REAL_ROWS, reading.rows), (REAL_NOISE, _root(reading.noise_squared))]
    for number, step in enumerate(reading.steps, start=first):
        names = forward.indexed(number)
        lines = [*forward.own_definitions(RESOLVENT, names)]
        lines += forward.state_definitions(RESOLVENT, number, number - 1, names)
        proof.append(_proof(RESOLVENT.second_moment, (number, number), r"\mathbb{E}\,|u_g|^2", lines))
        values += [
            (names[x.rows], step.rows),
            (names[x.penalty], step.penalty),
            (names[x.noise], _root(step.noise_squared)),
        ]
    state = {symbol: x.at(symbol, len(chain)) for symbol in forward.CARRIED}
    if not reading.steps:
        state = {symbol: dict(start)[symbol] for symbol in forward.CARRIED}
    return Parts(proof, moments.ERROR.result.subs(state), values)


def _subsamples(chain: Chain, reading: Subsamples) -> Parts:
    """The closed form, its sums left as they are."""
    statement = TEST_ERROR_OF_SUBSAMPLES
    step = _proof(statement, (1, len(chain)), r"w_N = \sum_i a_i m_i", list(statement.definitions))
    values = [(x.rows, reading.rows), (x.noise, _root(noise_squared(chain.generations[0])))]
    return Parts([step], statement.result.subs(GENERATIONS, len(chain)), values)


def _refitted_covariates(chain: Chain, reading: RefittedCovariates) -> Parts:
    """The inflation a of every generation from that of the rows it descends from, then its error."""
    steps, values, before = [], list[tuple[Any, Any]](), sympy.S.Zero
    rule, inverse = ERROR_ON_REFITTED_COVARIATES, INVERSE_OF_A_REFITTED_COVARIANCE
    for g, step in enumerate(reading.steps, start=1):
        own = {symbol: x.at(symbol, g) for symbol in (x.rows, x.noise, x.share, x.wishart_margin, INFLATION)}
        lines = [(own[symbol], value.subs(own, simultaneous=True)) for symbol, value in rule.definitions]
        inflation: Any = sympy.S.One
        if step.refitted_to:
            old = {symbol: x.at(symbol, step.refitted_to) for symbol in (x.rows, x.wishart_margin, INFLATION)}
            inflation = inverse.result.subs(old | {RESCALE: x.at(RESCALE, g)}, simultaneous=True)
            values.append((x.at(RESCALE, g), step.rescale))
        lines.append((own[INFLATION], inflation))
        error = rule.result.subs(own | {x.error: before}, simultaneous=True)
        before = x.at(x.error, g)
        if g < len(chain):  # the last error is the result
            lines.append((before, error))
        steps.append(_proof(rule, (g, g), r"\mathbb{E}\,|e_g|^2", lines))
        values += [(own[x.rows], step.rows), (own[x.noise], _root(step.noise_squared)), (own[x.share], step.share)]
    return Parts(steps, error, values)


def _expressed(reading: Expressed) -> Parts:
    """The fixed point of the last generation's error, block by block."""
    count = len(reading.estimators)
    fits = independent_fits(reading)
    if fits is not None:
        return _generations(reading, fits)
    try:
        program = dyson(pencil(risk(reading.estimators[-1], reading.model.metric).parts))
    except Swell as swell:
        raise too_large(swell) from None
    shown = printed(program, (1, count))
    used = {letter for one in program.definitions.values() for letter in one.body.letters}
    used |= {letter for target in program.targets for letter in target.body.letters}
    used |= {space.size for space in program.spaces}
    values = [(shown.symbol(letter), value) for letter, value in reading.scalars.items() if letter in used]
    return Parts(list(shown.steps), sympy.Add(*(result for _, result in shown.results)), values)


def _generations(reading: Expressed, fits: tuple[Fit, ...]) -> Parts:
    """Independent generations, each under the rule that is derived for fits of its shape."""
    used = [one for one in reading.vectors if any(one.name in (*fit.shares, *fit.rule.means) for fit in fits)]
    steps, lines, error = Generations(fits, used, reading.model.metric).forward()
    letters = {letter for fit in fits for letter in fit.names}
    values = [(x.scalar(letter), value) for letter, value in reading.scalars.items() if letter in letters]
    return Parts(list(steps), error, values, lines)


def _proof(statement: Statement, span: tuple[int, int], before: str, lines: list[tuple[Any, Any]]) -> ProofStep:
    return ProofStep(statement.name, span, before, tuple(lines), statement.hypotheses, statement.source)


def _product_symbol(first: Any, second: Any) -> Any:
    """E e_i'e_j; for one and the same, the error E_i."""
    return x.at(x.error, first) if first == second else x.at(x.error, f"{first},{second}")


def _root(value: Any) -> Any:
    return sympy.sqrt(value) if checks.is_symbolic(value) else value**0.5


def _exact(value: Any) -> Any:
    """Whole numbers without a decimal point."""
    whole = not checks.is_symbolic(value) and float(value).is_integer()
    return sympy.Integer(int(value)) if whole else value
