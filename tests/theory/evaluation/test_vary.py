"""Predictions over a grid: equal to single predictions, labelled, and compiled once (twelve points, mostly)."""

import json
import logging

import jax
import numpy as np
import pytest

from modelcollapse.theory.evaluation.grid import vary
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    MinimumNorm,
    NoTheorem,
    Population,
    Ridge,
    Source,
    SpecificationError,
    replace,
)
from modelcollapse.theory.problem import TRUTH as REAL

from ..market import POWER_LAW, TRUTH

POPULATION = Population(Eigenvalues(POWER_LAW), Coefficients(TRUTH))


def build(penalty=0.1, rows=20, noise=0.3, generations=3, population=POPULATION):
    return replace(population, generations, rows=rows, noise=noise, estimator=Ridge(penalty))


def test_a_thousand_penalties_are_one_compilation(caplog):
    """Counted by JAX's own log, after a first grid has compiled what every process needs once."""
    penalties = np.geomspace(1e-8, 1e2, 1000)
    vary(build, {"penalty": penalties[:12]})
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        table = vary(build, {"penalty": penalties})
    compiled = [record.getMessage() for record in caplog.records if "Finished XLA compilation" in record.getMessage()]
    assert len(compiled) == 1
    single = [predict(build(penalty)).error for penalty in penalties]
    np.testing.assert_allclose(table.error, single, rtol=1e-12)


def test_equals_single_predictions_on_a_product_grid():
    grid = {"penalty": [0.01, 0.3], "rows": [7, 20, 90], "noise": (0.1, 0.6)}
    table = vary(build, grid)
    assert [name for name, _ in table.axes] == list(grid)
    assert table.error.shape == (2, 3, 2, 3)
    for index in np.ndindex(2, 3, 2):
        point = {name: values[i] for (name, values), i in zip(grid.items(), index, strict=True)}
        one, other = predict(build(**point)), table.predictions[index]
        for name in ("error", "bias", "variance", "effective_ridge", "degrees_of_freedom", "overlap", "norm"):
            np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-12)
        assert other.kind == one.kind
        assert other.sources == one.sources
        np.testing.assert_array_equal(table.bias[index], other.bias)
        np.testing.assert_array_equal(table.variance[index], other.variance)


def test_statements_may_differ_within_a_grid():
    table = vary(
        lambda estimator, noise: replace(POPULATION, 3, rows=(7, 30, 16), noise=noise, estimator=estimator),
        {"estimator": [MinimumNorm(), Ridge(1e-14), Ridge(0.2)], "noise": [0.0, 0.1, 0.2, 0.3]},
    )
    for prediction in table.predictions.ravel():
        np.testing.assert_allclose(prediction.error, predict(prediction.chain).error, rtol=1e-12)


def test_shapes_may_differ_within_a_grid():
    """Twelve and twenty-four directions; the equivalent is the same for both."""
    populations = [POPULATION, POPULATION.scaled(2)]

    def by_size(times, penalty):
        return build(penalty, rows=20 * times, population=populations[times - 1])

    errors = vary(by_size, {"times": [1, 2], "penalty": np.geomspace(1e-3, 1, 12)}).error
    np.testing.assert_allclose(errors[0], errors[1], rtol=1e-12)
    np.testing.assert_allclose(errors[0, 0], predict(build(1e-3)).error, rtol=1e-12)


def test_the_best_point_of_a_grid():
    table = vary(build, {"penalty": np.geomspace(1e-6, 1e3, 12)})
    point, prediction = table.best()
    assert prediction.error[-1] == table.error[:, -1].min()
    assert prediction.chain == build(point["penalty"])


def test_tables_are_plain_data():
    grid = {"penalty": [0.1, 0.2, 0.3], "rows": [20, 30, 40, 50]}
    table = vary(build, grid)
    data = json.loads(table.to_json())
    assert data["axes"] == grid
    np.testing.assert_array_equal(np.array(data["error"]), table.error)
    assert "penalty" in str(table)
    assert "<table>" in table._repr_html_()


def test_long_tables_are_printed_in_part():
    table = vary(build, {"penalty": np.geomspace(1e-6, 1e3, 102)})
    assert str(table).splitlines()[-1] == "and 2 more points"
    assert len(str(table).splitlines()) == 1 + 100 + 1
    page = table._repr_html_()
    assert page.count("<tr>") == 1 + 100
    assert "<li>and 2 more points</li>" in page
    assert table._repr_latex_().count(r"\\") == 1 + 100


@pytest.mark.parametrize("grid", [{}, None, [("penalty", [0.1])], {"penalty": []}, {"penalty": 0.1}, {3: [0.1]}])
def test_grids_without_points_are_refused(grid):
    with pytest.raises(SpecificationError) as caught:
        vary(build, grid)
    assert caught.value.field == "grid"


def test_impossible_chains_are_refused_before_anything_is_evaluated():
    with pytest.raises(SpecificationError) as caught:
        vary(build, {"penalty": [0.1, -0.1]})
    assert caught.value.field == "penalty"
    with pytest.raises(SpecificationError, match="chain_builder"):
        vary(lambda penalty: penalty, {"penalty": [0.1]})


@pytest.mark.parametrize("builder", [None, 3, "build"])
def test_builders_that_cannot_be_called_are_refused(builder):
    with pytest.raises(SpecificationError) as caught:
        vary(builder, {"penalty": [0.1]})
    assert caught.value.field == "chain_builder"


def test_what_no_statement_covers_is_refused():
    def mixed(penalty):
        plain = Generation((Source(20, 0.3, PREVIOUS),), Ridge(penalty))
        both = Generation((Source(20, 0.3, REAL), Source(20, 0.3, PREVIOUS, weight=2.0)), MinimumNorm())
        return Chain(POPULATION, (plain, both))

    with pytest.raises(NoTheorem):
        vary(mixed, {"penalty": [0.1]})
