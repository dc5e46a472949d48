"""`compare` on real chains: right formulas agree, wrong ones do not, and what cannot be judged is said to be so."""

import json
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Generation,
    Isotropic,
    MinimumNorm,
    NoTheorem,
    Population,
    PowerLaw,
    Ridge,
    Source,
    SourceCondition,
    SpecificationError,
    UniformTarget,
    demystified,
    replace,
)
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.validation.agreement import Standard, Verdict, unresolved
from modelcollapse.validation.candidate import candidate_of
from modelcollapse.validation.comparison import compare
from modelcollapse.validation.confidence import Once
from modelcollapse.validation.figures.comparison import plot_comparison

AGREES, DISAGREES, UNRESOLVED = Verdict.AGREES, Verdict.DISAGREES, Verdict.UNRESOLVED
STEEP = Population(PowerLaw(10, 1.3), SourceCondition(0.6))
ROUND = Population(Isotropic(6, 0.8), UniformTarget(1.7))
OLS = replace(ROUND, 3, [21, 25, 18], [0.3, 0.5, 0.4], MinimumNorm())
BELOW = replace(Population(PowerLaw(11, 1.3), SourceCondition(0.6)), 1, 5, 0.3, MinimumNorm())
INFINITE = replace(Population(PowerLaw(4, 1.2), UniformTarget(1.7)), 2, [5, 19], [0.3, 0.5], MinimumNorm())
GENERATED = demystified(
    STEEP, generators=1, generator_rows=31, generator_noise=0.4, rows=26, noise=0.3, estimator=Ridge(0.03)
)


@dataclass(frozen=True)
class Numbers:
    error: np.ndarray
    kind: tuple


def scaled_numbers(chain, factor):
    book = mc.predict(chain)
    return Numbers(factor * book.error, book.kind)


@cache  # called inside tests, so that all compile under the same settings
def least_squares():
    return compare(OLS, replicates=8192, seed=1)


@cache
def generated():
    return compare(GENERATED, replicates={1: 4096, 2: 2500, 4: 2000}, tolerance=0.05, seed=2)


def test_least_squares_agrees_with_its_exact_error():
    comparison = least_squares()
    assert comparison.verdicts == (AGREES, AGREES, AGREES)
    assert comparison.verdict is AGREES
    assert comparison.detectable_error <= 0.02
    assert comparison.finite_size.tolist() == [0.0, 0.0, 0.0]
    assert comparison.simulation.replicates == 8192


def test_generators_and_a_ridge_fit_are_judged_each_in_its_way():
    comparison = generated()
    assert comparison.verdicts == (AGREES, AGREES)
    assert ["Exact" in comparison.judgements[0].rule, "sizes" in comparison.judgements[1].rule] == [True, True]
    assert comparison.detectable_error <= 0.05
    assert comparison.ladder.scales == (1, 2, 4)
    assert [row[0].replicates for row in comparison.ladder.gaps] == [4096, 2500, 2000]
    gap = comparison.simulation.mean[1] / comparison.prediction.error[1] - 1
    assert comparison.finite_size[0] == 0.0
    assert abs(comparison.finite_size[1] - gap) < 4 * comparison.finite_size_error[1]


def test_minimum_norm_below_the_dimension_agrees_on_a_ladder():
    comparison = compare(BELOW, replicates={1: 5000, 2: 11_000, 4: 8000}, tolerance=0.06, seed=3)
    assert comparison.verdict is AGREES
    smallest = comparison.ladder.gaps[0][0]
    assert smallest.value > 5 * smallest.standard_error  # one size alone would see a gap


def test_numbers_are_carried_to_other_sizes_as_the_book_changes():
    numbers, formula = candidate_of(GENERATED, scaled_numbers(GENERATED, 1.1))
    larger = GENERATED.scaled(4)
    assert numbers.error == pytest.approx(1.1 * mc.predict(GENERATED).error)
    assert formula(larger).error == pytest.approx(1.1 * mc.predict(larger).error, rel=1e-12)
    assert formula(larger).error[1] != pytest.approx(numbers.error[1], rel=1e-3)  # generators are exact at every size


def test_infinite_errors_agree_by_their_law():
    comparison = compare(INFINITE, replicates=60_000, tolerance=0.05, seed=5)
    assert np.isinf(comparison.prediction.error).all()
    assert comparison.verdicts == (AGREES, AGREES)


@pytest.mark.parametrize("rows", [4, 7])
def test_next_to_the_rank_no_mean_is_trusted(rows):
    chain = INFINITE.with_(rows=rows, generation=1)
    comparison = compare(chain, replicates=60_000, tolerance=0.05, seed=6)
    assert comparison.verdicts == (AGREES, AGREES)
    assert all("law" in judgement.rule for judgement in comparison.judgements)
    wrong = compare(chain, replicates=512, seed=6, prediction=Numbers(np.ones(2), (Kind.EXACT,) * 2))
    assert wrong.verdict is DISAGREES


def test_without_moments_and_without_a_law_nothing_is_claimed():
    comparison = compare(BELOW.with_(rows=10), replicates=256, seed=7)
    assert comparison.verdict is UNRESOLVED
    assert "10 noisy rows" in comparison.judgements[0].rule
    assert math.isinf(comparison.detectable_error)


def test_a_noise_free_chain_has_no_error():
    comparison = compare(OLS.with_(noise=0.0), replicates=256, seed=8)
    assert comparison.verdict is AGREES
    assert compare(OLS, replicates=256, prediction=Numbers(np.zeros(3), (Kind.EXACT,) * 3)).verdict is DISAGREES


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_five_percent_wrong_disagrees(factor):
    assert compare(OLS, replicates=8192, seed=1, prediction=scaled_numbers(OLS, factor)).verdict is DISAGREES


def test_six_percent_wrong_disagrees_on_a_ladder():
    wrong = scaled_numbers(GENERATED, 1.06)
    comparison = compare(GENERATED, replicates={1: 1500, 2: 1500, 4: 1000}, seed=2, prediction=wrong)
    assert comparison.verdicts == (DISAGREES, DISAGREES)


def proportional_limit(chain):
    """Least squares in the proportional limit, sum sigma^2 d / (T - d): a true equivalent, but not exact."""
    d = chain.population.dimension
    terms = [d * step.sources[0].noise ** 2 / (step.rows - d) for step in chain.generations]
    return Numbers(np.cumsum(terms), (Kind.EQUIVALENT,) * len(chain))


def test_a_limit_agrees_as_a_limit_and_not_as_an_exact_formula():
    chain = replace(Population(Isotropic(5), UniformTarget(1.7)), 1, 35, 0.4, MinimumNorm())
    counts = {1: 6000, 2: 6000, 4: 3000}
    as_limit = compare(chain, replicates=counts, seed=9, tolerance=0.03, prediction=proportional_limit)
    assert as_limit.verdict is AGREES
    assert as_limit.finite_size[0] == pytest.approx(1 / 30, abs=4 * as_limit.finite_size_error[0])
    as_exact = Numbers(proportional_limit(chain).error, (Kind.EXACT,))
    assert compare(chain, replicates=6000, seed=9, prediction=as_exact).verdict is DISAGREES


def test_an_infinite_candidate_of_a_finite_error_disagrees():
    assert compare(OLS, replicates=256, prediction=Numbers(np.full(3, np.inf), (Kind.EXACT,) * 3)).verdict is DISAGREES


MIXED = Chain(
    ROUND,
    (
        Generation((Source(20, 0.3),), Ridge(0.1)),
        Generation((Source(20, 0.3), Source(20, 0.3, PREVIOUS, weight=2.0)), MinimumNorm()),
    ),
)


def test_ones_own_formula_is_judged_where_the_book_has_none():
    with pytest.raises(NoTheorem):
        compare(MIXED, replicates=256)
    own = compare(MIXED, replicates=512, scales=(1,), prediction=Numbers(np.full(2, 9.9), (Kind.EXACT,) * 2))
    assert own.verdicts == (DISAGREES, DISAGREES)


def test_a_single_size_leaves_room_for_the_finite_size_gap():
    single = {"replicates": 4096, "scales": (1,), "tolerance": 0.08, "seed": 2}
    comparison = compare(GENERATED, **single)
    assert comparison.ladder is None
    assert comparison.finite_size[0] == 0.0
    assert np.isnan(comparison.finite_size[1])
    assert comparison.verdict is AGREES
    assert compare(GENERATED, **single, prediction=scaled_numbers(GENERATED, 1.5)).verdict is DISAGREES


def test_fixed_replicates_are_deterministic():
    first, second = (compare(OLS, replicates=512, seed=11) for _ in range(2))
    assert first.judgements == second.judgements
    assert compare(OLS, replicates=512, seed=12).judgements != first.judgements


def test_a_budget_of_time_is_left_when_all_is_decided():
    comparison = compare(OLS, seconds=120, seed=13)
    assert comparison.verdict is AGREES
    assert comparison.simulation.replicates < 100_000


def test_a_budget_that_is_too_small_decides_nothing():
    comparison = compare(OLS, seconds=1e-6, seed=13)
    assert comparison.verdict is UNRESOLVED
    assert comparison.simulation.replicates < 256
    assert "replicates" in comparison.judgements[0].rule


BAD = {
    "chain": {"chain": "chain"},
    "seconds": {"seconds": 0},
    "level": {"level": 1.0},
    "tolerance": {"tolerance": -0.1},
    "replicates": {"replicates": 255},
    "replicates ": {"replicates": {1: 300, 2: 300}, "chain": GENERATED},  # no entry for size 4
    "scales": {"scales": (1, 2)},
    "scales ": {"scales": (1, 2, 2)},
    "scales  ": {"scales": (0, 1, 2)},
    "seed": {"seed": -1},
    "prediction": {"prediction": Numbers(np.ones(2), (Kind.EXACT,) * 2)},
    "prediction ": {"prediction": Numbers(np.full(3, np.nan), (Kind.EXACT,) * 3)},
    "prediction  ": {"prediction": 3.0},
    "prediction   ": {"prediction": Numbers(np.ones(3), ("exact",) * 3)},
}


@pytest.mark.parametrize("field", BAD)
def test_impossible_arguments_are_named(field):
    with pytest.raises(SpecificationError) as failure:
        compare(**({"chain": OLS} | BAD[field]))
    assert failure.value.field == field.strip()


def test_a_comparison_reads_well_everywhere():
    for comparison in (least_squares(), generated()):
        table = json.loads(comparison.to_json())
        assert table["verdict"] == comparison.verdict.name
        assert len(table["judgements"]) == len(comparison.chain)
        assert "errors" not in table["simulation"]
        assert str(comparison).count("agrees") == len(comparison.chain) + 1
        assert comparison._repr_html_().count("<tr>") == len(comparison.chain) + 1
    blocked = compare(BELOW.with_(rows=10), replicates=256)
    assert json.loads(blocked.to_json())["judgements"][0]["detectable_error"] == "inf"


def test_the_front_door_is_the_same_function():
    assert mc.compare is compare
    assert mc.Verdict is Verdict


def test_the_figure_shows_theory_simulation_and_verdicts():
    comparison = least_squares()
    ax = comparison.plot()
    line = ax.get_lines()[0]
    assert line.get_ydata() == pytest.approx(comparison.prediction.error)
    assert [text.get_position()[0] for text in ax.texts] == [1, 2, 3]
    assert ax.figure.axes == [ax]
    assert comparison.plot(ax) is ax


@dataclass(frozen=True)
class Compared:
    simulation: Numbers
    judgements: tuple


@dataclass(frozen=True)
class Measured:
    mean: np.ndarray
    standard_error: np.ndarray


def compared(theory):
    standard = Standard(0.01, 0.02, len(theory), Once())
    judgements = tuple(unresolved(g, e, np.ones(3), standard, "") for g, e in enumerate(theory, start=1))
    return Compared(Measured(np.array(theory), 0.1 * np.ones(len(theory))), judgements)


@pytest.mark.parametrize(
    ("theory", "scale"),
    [((0.1, 4.0), "log"), ((1.0, 4.0), "linear"), ((0.0, 4.0), "linear"), ((math.inf,) * 2, "linear")],
)
def test_the_axis_fits_the_range_of_errors(theory, scale):
    ax = plot_comparison(compared(theory))
    assert ax.get_yscale() == scale
    assert np.isfinite(ax.get_lines()[0].get_ydata()).tolist() == np.isfinite(theory).tolist()
    ax.figure.savefig("/dev/null", format="png")  # lays it out; warnings would be errors
