"""Sabotage: every mutant of every statement of the book is killed by a named check; the checks are judged too."""

import dataclasses
import itertools
import json

import numpy as np
import pytest
import sympy

from modelcollapse.theory.asymptotics.book import LAWS
from modelcollapse.theory.problem import MinimumNorm, RandomProjection, SpecificationError
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.statement import Reference, Statement
from modelcollapse.theory.rules.trace import Trace
from modelcollapse.theory.statements.book import BOOK
from modelcollapse.validation import oracles
from modelcollapse.validation.checks import (
    blended_loop,
    drawn,
    kept_rows,
    labellers,
    monitors,
    performance_gap,
    projections,
    refitted_covariates,
    stores,
    strong_collapse,
)
from modelcollapse.validation.checks.one_fit import FITS, dimensions_are_consistent
from modelcollapse.validation.checks.theorems import PROBLEMS
from modelcollapse.validation.equivalence import why_equivalent
from modelcollapse.validation.exact_law import WalkLaw
from modelcollapse.validation.mutants import mutants
from modelcollapse.validation.named_check import Check
from modelcollapse.validation.sabotage import CHECKS, Fate, sabotage
from modelcollapse.validation.sabotaged_book import sabotage_book


@pytest.mark.parametrize("statement", [*BOOK, *LAWS], ids=lambda statement: statement.name)
def test_every_mutant_is_killed_by_a_named_check(statement):
    report = sabotage(statement)
    print(report)
    assert report.failed == ()  # the statement itself passes
    assert [outcome.mutant.description for outcome in report.survivors] == []
    names = {check.name for check in report.checks}
    assert all(one.by in names for one in report.those(Fate.KILLED))
    assert len(report.those(Fate.KILLED)) + len(report.those(Fate.EQUIVALENT)) == len(report.outcomes)
    assert report.sound


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_check_is_idle(check):
    """Each check alone kills a mutant of something."""
    statements = [statement for statement in (*BOOK, *LAWS) if statement.name in check.statements]
    assert {statement.name for statement in statements} == check.statements
    found = (mutant for statement in statements for mutant in mutants(statement))
    assert not all(check.passes(mutant.statement) for mutant in found)


def test_every_check_says_what_it_compares():
    assert all(check.description.endswith(".") for check in CHECKS)
    assert all(" " in check.name and "_" not in check.name for check in CHECKS)


ALL_FITS = {fit for fits in FITS.values() for fit in fits}
ALL_FITS |= {*projections.STEPS, strong_collapse.MIXTURE, strong_collapse.PROJECTED, blended_loop.LOOP}


@pytest.mark.parametrize("fit", sorted(ALL_FITS, key=str), ids=str)
def test_no_number_of_a_fit_is_0_or_1_or_another_number(fit):
    possible = (fit.rows, fit.rank, fit.penalty, fit.new_rows, fit.copies, fit.width)
    sizes = [size for size in possible if size is not None]
    numbers = {*fit.eigenvalues, *fit.multiplicities, *fit.weight, *sizes}
    assert numbers.isdisjoint({0, 1})
    isotropic = len(set(fit.eigenvalues)) == 1  # as the random subspace demands
    assert len(numbers) == 3 * len(fit.weight) + len(sizes) - 2 * isotropic


CHAINS = {name: problem.chain for name, problem in PROBLEMS.items()} | projections.PROBLEMS


@pytest.mark.parametrize("name", CHAINS)
def test_no_number_of_a_chain_is_0_or_1_or_another_number(name):
    chain = CHAINS[name]
    values, multiplicities = chain.population.spectrum.levels()
    moments = set(chain.population.target.second_moments(chain.population.spectrum))
    rank = chain.population.spectrum.rank()
    groups = [set(values), {*multiplicities} - {rank}, moments, {rank, len(chain)}]
    groups.append({step.rows for step in chain.generations})
    groups.append({step.sources[0].noise for step in chain.generations})
    ridges = [step.estimator for step in chain.generations if not isinstance(step.estimator, MinimumNorm)]
    groups.append({ridge.penalty for ridge in ridges})
    groups.append({ridge.width for ridge in ridges if isinstance(ridge, RandomProjection)})
    assert all(group.isdisjoint({0, 1}) for group in groups)
    assert [pair for pair in itertools.combinations(groups, 2) if not pair[0].isdisjoint(pair[1])] == []


@pytest.mark.parametrize(
    "numbers",
    [
        (stores.STORE.rank, stores.STORE.rows, stores.STORE.noise, stores.STORE.generations),
        (stores.SAMPLES.rank, stores.SAMPLES.rows, stores.SAMPLES.noise, stores.SAMPLES.generations),
        (labellers.FIT.rank, labellers.FIT.rows, labellers.FIT.noise, *labellers.LABELLED_ROWS),
        (*labellers.LABELLERS[0], *labellers.LABELLERS[1], *labellers.LABELLERS[2], *labellers.EARLIER),
        (
            labellers.CHAIN.rank,
            labellers.CHAIN.rows,
            labellers.CHAIN.noise,
            labellers.CHAIN.generations,
            labellers.SYNTHETIC,
        ),
        (
            kept_rows.ROWS,
            kept_rows.REAL_NOISE_LEVEL,
            kept_rows.REAL_WEIGHT,
            kept_rows.CHAIN.rank,
            kept_rows.CHAIN.rows,
            kept_rows.CHAIN.noise,
            kept_rows.CHAIN.generations,
        ),
        (
            *(refitted_covariates.CHAIN.rank, refitted_covariates.CHAIN.rows, refitted_covariates.CHAIN.noise),
            *(refitted_covariates.INFLATED, refitted_covariates.RESCALED, refitted_covariates.SHARE),
            *(refitted_covariates.ERROR, refitted_covariates.CHAIN.generations),
        ),
        (
            *(monitors.GENERATIONS, monitors.RANK, monitors.ROWS, monitors.SAMPLES, monitors.NOISE),
            *(monitors.REAL_NOISE, monitors.THRESHOLD, monitors.VARIANCE, monitors.IN_TAILS, monitors.ERROR),
            *(monitors.FIRST_ERROR, monitors.CORRELATION, monitors.RESCALED, monitors.FIRST_TRACE),
        ),
        (
            *(performance_gap.WEAK_ERROR, performance_gap.STUDENT_ERROR, performance_gap.CEILING_ERROR),
            *(performance_gap.SQUARED_TRUTH, performance_gap.KEPT, performance_gap.SCATTER),
            *(performance_gap.ROWS, performance_gap.RANK, performance_gap.NOISE),
        ),
        (
            *(strong_collapse.MIXTURE.rows, strong_collapse.SYNTHETIC, strong_collapse.PROJECTED.width),
            *(*strong_collapse.NOISE, *strong_collapse.TRUTH, *strong_collapse.OFFSET, strong_collapse.MIXTURE.penalty),
        ),
        (
            *(strong_collapse.LOW, strong_collapse.LOW_REAL, strong_collapse.LOW_SYNTHETIC),
            *(strong_collapse.LOW_NOISE, strong_collapse.LOW_SHIFT),
        ),
        (
            *(strong_collapse.FEW_REAL, strong_collapse.FEW_SYNTHETIC, strong_collapse.FEW_RANK),
            *(*strong_collapse.FEW_NOISE, strong_collapse.FEW_SHIFT, strong_collapse.WEIGHT),
        ),
        (blended_loop.LOOP.rows, blended_loop.LOOP.penalty, blended_loop.SHARE, blended_loop.NOISE),
        (
            *(blended_loop.SHARE, *blended_loop.NOISES),
            *(blended_loop.FEWER_ROWS, blended_loop.DIRECTIONS, *blended_loop.FRESH),
        ),
        (*projections.NOISE, *projections.TRUTH),
    ],
    ids=[
        *("store", "samples", "fit", "labellers", "fresh real rows", "kept rows"),
        *("refitted covariates", "monitors", "a weak model"),
        *("real and synthetic rows", "many rows for each direction", "means row by row"),
        *("a loop", "a loop without a penalty", "a chain of projections"),
    ],
)
def test_no_number_of_a_drawn_chain_is_0_or_1_or_another_number(numbers):
    assert {*numbers}.isdisjoint({0, 1})
    assert len({*numbers}) == len(numbers)


def statement_of(result, definitions=()):
    source = Reference((), "here")
    return Statement("made up", "A made-up statement.", (), tuple(definitions), result, source, Kind.EXACT)


def passes_everything(statement):
    """Nothing is compared."""
    return True


def test_equivalent_mutants_come_with_the_reason():
    """p (1 - p) is also q (1 - q); what nothing uses may be anything."""
    statement = statement_of(x.p * (1 - x.p), [(x.margin_1, x.rows + x.chi)])
    report = sabotage(statement, [Check.of(passes_everything, statement)])
    reasons = {one.mutant.description: one.by for one in report.those(Fate.EQUIVALENT)}
    assert reasons.pop("result: p and q exchanged") == "the results are equal, given p = 1 - q"
    assert set(reasons.values()) == {"nothing uses D^(1)"}
    assert all(description.startswith("definition") for description in reasons)
    assert all(one.mutant.description.startswith("result") for one in report.survivors)
    assert report.survivors
    assert not report.sound


def test_traces_that_are_equal_are_recognised():
    statement = statement_of(Trace(x.p * x.weight) + Trace(x.q * x.weight))
    report = sabotage(statement, [Check.of(passes_everything, statement)])
    assert [one.mutant.description for one in report.those(Fate.EQUIVALENT)] == []
    other = dataclasses.replace(statement, result=Trace((1 - x.q) * x.weight) + Trace(x.q * x.weight))
    assert why_equivalent(statement, other) == "the results are equal, given p = 1 - q"


def test_a_weak_check_leaves_survivors():
    """Scaling laws alone cannot see a factor of 2."""
    report = sabotage(RESOLVENT.noise, [Check.of(dimensions_are_consistent, RESOLVENT.noise)])
    assert "result: doubled" in [one.mutant.description for one in report.survivors]
    assert "SURVIVED: result: doubled" in str(report)
    assert 0 < len(report.those(Fate.KILLED)) < len(report.outcomes)


def test_a_wrong_statement_is_exposed():
    """n - r for n - r - 1, the strict proportional limit, is not the exact rule."""
    wrong = dataclasses.replace(LEAST_SQUARES.noise, definitions=((x.wishart_margin, x.rows - x.rank),))
    report = sabotage(wrong)
    assert "beta and inverse wishart moments" in report.failed
    assert "THE STATEMENT ITSELF FAILS" in str(report)
    assert not report.sound


def test_the_report_is_also_json_and_a_table():
    report = sabotage(LEAST_SQUARES.kept)
    plain = json.loads(report.to_json())
    assert plain["statement"] == "mean of least squares"
    assert len(plain["mutants"]) == len(report.outcomes) == sum(plain["kills"].values())
    assert plain["mutants"][0] == {"mutant": "result: doubled", "fate": "killed", "by": "kept plus lost is one"}
    page = report._repr_html_()
    assert page.count("<tr>") == len(report.outcomes) + 1
    assert "kept plus lost is one" in page


def test_a_book_in_one_report():
    """One made-up survivor, one equivalent mutant and two statements of the book."""
    weak = statement_of(x.p * (1 - x.p))
    checks = (*CHECKS, Check.of(passes_everything, weak))
    report = sabotage_book([LEAST_SQUARES.kept, LEAST_SQUARES.noise, weak], checks)
    kept, noise, last = report.reports
    assert (report.reports[0].sound, report.reports[1].sound, report.sound) == (True, True, False)
    assert f"made up: {last.survivors[0].mutant.description}" in report.survivors
    assert report.equivalent == ("made up: result: p and q exchanged (the results are equal, given p = 1 - q)",)
    plain = json.loads(report.to_json())
    assert plain["mutants"] == sum(len(one.outcomes) for one in (kept, noise, last))
    assert plain["killed"] == len(kept.outcomes) + len(noise.outcomes) == sum(report.kills.values())
    assert plain["killed"] + len(plain["equivalent"]) + len(plain["survivors"]) == plain["mutants"]
    assert [row["name"] for row in plain["statements"]] == [
        "mean of least squares",
        "noise of least squares",
        "made up",
    ]
    assert report.to_pandas().columns.tolist() == ["statement", "mutants", "killed", "equivalent", "survived"]
    assert str(report).splitlines()[0].split() == ["statement", "mutants", "killed", "equivalent", "survived"]
    assert f"SURVIVED: {report.survivors[0]}" in str(report)
    assert report._repr_html_().count("<tr>") == 5 + len(report.survivors) + 2 + len(report.kills) + 1


def test_a_wrong_statement_shows_in_the_book():
    wrong = dataclasses.replace(LEAST_SQUARES.noise, result=2 * LEAST_SQUARES.noise.result)
    report = sabotage_book([wrong])
    assert not report.sound
    assert "THE STATEMENT ITSELF FAILS: noise of least squares: beta and inverse wishart moments" in str(report)
    assert "beta and inverse wishart moments" in report._repr_html_()


def test_an_empty_book_is_refused():
    with pytest.raises(SpecificationError, match="statements"):
        sabotage_book([])


def test_every_statement_of_the_book_has_a_check():
    judged = {name for check in CHECKS for name in check.statements}
    assert [statement.name for statement in (*BOOK, *LAWS) if statement.name not in judged] == []


def test_what_a_projection_misses_and_passes_is_no_whole():
    """q_S + p_S is less than 1; q_g + p_g is 1."""
    for missed, passed, expected in (
        (x.missed, x.passed, None),
        (x.at(x.missed, "g"), x.at(x.passed, "g"), None),
        (x.at(x.p, "g"), x.at(x.q, "g"), "the results are equal, given p = 1 - q"),
    ):
        statement = statement_of(missed * x.chi)
        assert why_equivalent(statement, dataclasses.replace(statement, result=(1 - passed) * x.chi)) == expected


def test_sums_whose_first_term_vanishes_are_recognised():
    """The sum of (H_i - 1)/i^2 from 1 on is the same from 2 on, as H_1 = 1; that of H_i/i^2 is not."""
    i, n = sympy.symbols("i N", integer=True, positive=True)
    harmonic, reason = sympy.harmonic(i), "the results are equal: the first term of a sum vanishes"
    for term, expected in (((harmonic - 1) / i**2, reason), (harmonic / i**2, None)):
        statement = statement_of(sympy.Sum(term, (i, 1, n)))
        later = dataclasses.replace(statement, result=sympy.Sum(term, (i, 2, n)))
        assert why_equivalent(statement, later) == expected


@pytest.mark.parametrize("statement", ["noise of least squares", None, LEAST_SQUARES, statement_of(x.p)], ids=repr)
def test_bad_input_is_refused(statement):
    with pytest.raises(SpecificationError, match="statement"):
        sabotage(statement)


# The oracles against one another, none of which reads a statement.


@pytest.mark.parametrize("name", [LEAST_SQUARES.noise.name, "noise of minimum norm below the rank"])
def test_drawn_fits_agree_with_scipy(name):
    (fit,) = FITS[name]
    drawn = oracles.draws(fit)
    mean, error = drawn.noise
    assert abs(mean[0] - oracles.noise_of_minimum_norm(fit)) < 4 * error[0]
    if fit.rows < fit.rank:
        mean, error = drawn.second_moment
        assert np.all(np.abs(mean - oracles.second_moment_of_subspace(fit)) < 4 * error)
        assert drawn.kept[0] == pytest.approx(fit.rows / fit.rank, abs=0.02)


def test_effective_ridge_by_hand():
    """Isotropic, s = 2, d = n: kappa^2 = lambda (2 + kappa), so lambda = 1/3 for kappa = 1."""
    fit = oracles.Fit((2.0,), (50,), (0.7,), rows=50, penalty=1 / 3)
    assert oracles.kappa(fit) == pytest.approx(1.0)
    assert oracles.degrees_of_freedom(fit, 2) == pytest.approx(50 * 4 / 9)
    with pytest.raises(SpecificationError, match="penalty"):
        oracles.kappa(dataclasses.replace(fit, penalty=None))


def test_effective_ridge_of_a_projection_by_hand():
    """Isotropic, s = 2, r = 50 = n, m = 100: df_1 = 100/3 for kappa = 1, lambda = (1 - 2/3)(1 - 1/3) = 2/9."""
    fit = oracles.Fit((2.0,), (50,), (0.7,), rows=50, penalty=2 / 9, width=100)
    assert oracles.kappa(fit) == pytest.approx(1.0)


def test_drawn_projections_agree_with_scipy():
    """Least squares on a projection: the second moment by drawing and by Beta and inverse Wishart moments."""
    (fit,) = FITS["second moment of projected least squares"]
    drawn = oracles.draws(fit)
    mean, error = drawn.second_moment
    assert np.all(np.abs(mean - oracles.second_moment_of_projected_rows(fit)) < 4 * error)
    assert drawn.kept[0] == pytest.approx(fit.width / fit.rank, abs=0.02)


def test_chains_of_drawn_fits_agree_with_scipy():
    """Least squares three times over: the noise of one after another, nothing else."""
    (fit,) = FITS[LEAST_SQUARES.noise.name]
    fits = (dataclasses.replace(fit, weight=(1.0,) * 3),) * 3
    mean, error = oracles.error_of_fits(fits, (0.6, 0.9, 0.35), (0.11, 0.2, 0.29))
    assert abs(mean - (0.6**2 + 0.9**2 + 0.35**2) * oracles.noise_of_minimum_norm(fits[0])) < 4 * error
    (total, _), (shift, _) = oracles.error_with_synthetic_rows(fit, 5, (0.6, 0.9), (0.11,) * 3, (0.0,) * 3)
    assert shift == 0.0
    real = oracles.noise_of_minimum_norm(fits[0]) * (12 / 17 * 0.6**2 + 5 / 17 * 0.9**2)
    assert total == pytest.approx(real, rel=0.1)


def test_moments_of_the_walk_by_regressions():
    mean, variance = oracles.mean_and_variance_of_walk(WalkLaw(rank=3, noise=(0.6, 0.9), freedom=(12, 15)))
    generator = np.random.default_rng(5)
    errors = np.array([regressions(3, {14: 0.6, 17: 0.9}, generator) for _ in range(4000)])
    assert abs(errors.mean() - mean) < 4 * errors.std() / 4000**0.5
    assert errors.var() == pytest.approx(variance, rel=0.2)


def regressions(rank, noise_of_rows, generator):
    """The error of one chain of least squares, isotropic, without a truth to learn."""
    model = np.zeros(rank)
    for rows, sigma in noise_of_rows.items():
        design = generator.standard_normal((rows, rank))
        labels = design @ model + sigma * generator.standard_normal(rows)
        model = np.linalg.lstsq(design, labels, rcond=None)[0]
    return model @ model


def test_drawn_stores_agree_with_scipy():
    """Accumulated rows and copies of the same rows: the noise of one fit by drawing and by inverse Wishart means."""
    for name in (ACCUMULATED_ROWS.noise.name, REPEATED_ROWS.noise.name):
        (fit,) = FITS[name]
        mean, error = oracles.draws(fit).noise
        assert abs(mean[0] - oracles.noise_of_minimum_norm(fit)) < 4 * error[0]
        np.testing.assert_allclose(oracles.draws(fit).kept[0], 1.0, rtol=1e-9)


def test_drawn_chains_agree_where_they_are_the_same():
    """One labeller is a plain chain: no real rows among the synthetic ones, V for each generation."""
    size = dataclasses.replace(labellers.CHAIN, replicates=4000)
    mean, error = drawn.with_fresh_real_rows(size, size.rows)
    assert abs(mean - size.generations * size.noise**2 * 3 / (size.rows - 3 - 1)) < 4 * error
    one = dataclasses.replace(size, generations=1)
    assert drawn.with_fresh_real_rows(one, 5) == drawn.with_fresh_real_rows(one, 0)
