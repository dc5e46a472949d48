"""Every result is shown, converted, saved and cited."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.numerics.designs import ResampledRows
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.validation.sabotage import sabotage

POPULATION = mc.Population(mc.PowerLaw(6, 1.2), mc.SourceCondition(0.4))
CHAIN = mc.replace(POPULATION, generations=3, rows=20, noise=0.3, estimator=mc.Ridge(0.1))
LEAST = CHAIN.with_(estimator=mc.MinimumNorm())
INFINITE = LEAST.with_(rows=7)

RESULTS = {
    "prediction": mc.predict(CHAIN),
    "prediction, infinite": mc.predict(INFINITE),
    "table": mc.vary(lambda noise: CHAIN.with_(noise=noise), {"noise": [0.1, 0.2]}),
    "table, user's text": mc.vary(lambda name: CHAIN, {"name": ["<script>", "&"]}),
    "derivation": mc.derive(CHAIN),
    "simulation": mc.simulate(CHAIN, 5),
    "comparison": mc.compare(LEAST, replicates=256),
    "sabotage": sabotage(LEAST_SQUARES.noise),
}


class Tags(HTMLParser):
    """Open tags must close in the order of their opening."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def refused(constant):
    raise AssertionError(f"{constant} is not JSON")


@pytest.fixture(params=RESULTS)
def result(request):
    return RESULTS[request.param]


def test_html_is_well_formed_and_text_is_escaped(result):
    page = Tags()
    page.feed(result._repr_html_())
    page.close()
    assert page.open == []
    assert "script" not in page.seen
    assert page.seen & {"table", "ol"}


def test_text_has_lines(result):
    assert len(str(result).splitlines()) > 1


def test_json_is_the_plain_values(result):
    assert json.loads(result.to_json(), parse_constant=refused) == result.to_dict()
    assert result.to_dict()["result"] == type(result).__name__


def test_a_result_is_saved_in_one_step(result, tmp_path):
    result.save(tmp_path / "result.json")
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]
    assert (tmp_path / "result.json").read_text() == result.to_json()
    with pytest.raises(mc.SpecificationError, match="path"):
        result.save(tmp_path / "nowhere" / "result.json")


def test_frames_and_datasets_hold_the_same_numbers(result):
    frame, data, table = result.to_pandas(), result.to_xarray(), result.labelled()
    assert list(frame.columns) == [*table.axes, *table.columns]
    assert len(frame) == np.prod([len(labels) for labels in table.axes.values()])
    assert set(frame.attrs["units"]) == set(table.columns)
    for name in table.columns:
        np.testing.assert_array_equal(data[name].values.ravel(), frame[name].to_numpy())
        assert (frame[name].dtype.kind in "fi") == bool(table.columns[name].unit)


@pytest.mark.parametrize("name", ["prediction", "prediction, infinite", "simulation"])
def test_what_is_saved_comes_back_bit_for_bit(name, tmp_path):
    result = RESULTS[name]
    result.save(tmp_path / "result.json")
    back = mc.load_result(tmp_path / "result.json")
    assert type(back) is type(result)
    assert back.chain == result.chain
    assert back.to_json() == result.to_json()
    if name == "simulation":
        assert back == result
    else:
        np.testing.assert_array_equal(back.error, result.error)
        assert back.statements == result.statements
        np.testing.assert_array_equal(back.by_mode, result.by_mode)


def test_a_simulation_read_back_is_extended():
    first = mc.Simulation.from_json(mc.simulate(CHAIN, 4, seed=3).to_json())
    both = first.extended(mc.simulate(CHAIN, 3, seed=3, start=4))
    np.testing.assert_array_equal(both.errors, mc.simulate(CHAIN, 7, seed=3).errors)


def test_a_simulation_on_rows_of_data_comes_back():
    rows = np.random.default_rng(1).normal(size=(40, 6))
    simulation = mc.simulate(CHAIN, 4, noise=mc.INTEGRATED, design=ResampledRows(rows))
    assert mc.Simulation.from_json(simulation.to_json()) == simulation


def changed(name, value, of):
    record = of.to_dict() | {name: value}
    return type(of).from_json, json.dumps(record)


@pytest.mark.parametrize(
    ("of", "name", "value"),
    [
        ("prediction", "toml", None),
        ("prediction", "toml", "format = 1"),
        ("prediction", "error", [1.0]),
        ("prediction", "kind", ["true", "true", "true"]),
        ("prediction", "kind", ["exact at finite size"]),
        ("prediction", "statements", []),
        ("prediction", "statements", ["no such theorem"]),
        ("simulation", "errors", [[1.0, 2.0]]),
        ("simulation", "errors", [1.0, 2.0, 3.0]),
        ("simulation", "seed", -1),
        ("simulation", "noise", "Loud"),
        ("simulation", "design", ["Gaussian"]),
        ("simulation", "sampler", 3),
        ("simulation", "interrupted", 0),
    ],
)
def test_a_changed_file_is_refused_by_the_name_of_its_field(of, name, value):
    read, text = changed(name, value, RESULTS[of])
    with pytest.raises(mc.SpecificationError):
        read(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"result": 3}', '{"result": "Comparison"}', "[" * 100_000])
def test_other_files_are_refused(text, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(mc.SpecificationError, match="path"):
        mc.load_result(path)


def test_large_files_are_not_read(tmp_path):
    RESULTS["prediction"].save(tmp_path / "result.json")
    with pytest.raises(mc.TooLarge, match="100 bytes"):
        mc.load_result(tmp_path / "result.json", largest=100)


def test_a_chain_of_ones_own_class_is_kept_as_text_only(tmp_path):
    class Own(mc.Target):
        def mean(self, k, spectrum):
            return 1.0 + 0 * k

        def variance(self, k, spectrum):
            return 0 * k

    prediction = mc.predict(CHAIN.with_(population=mc.Population(mc.Isotropic(6), Own())))
    assert prediction.to_dict()["toml"] is None
    with pytest.raises(mc.SpecificationError, match="toml"):
        mc.Prediction.from_json(prediction.to_json())


def test_a_dataset_of_a_prediction_splits_its_error():
    data, prediction = RESULTS["prediction"].to_xarray(), RESULTS["prediction"]
    np.testing.assert_allclose(data["by_mode"].sum("mode"), prediction.error, rtol=1e-12)
    np.testing.assert_allclose(data["by_generation"].sum("injected_by"), prediction.variance, rtol=1e-12)
    assert data.attrs["assumptions"] == list(prediction.assumptions)


@pytest.mark.parametrize("name", ["prediction", "table", "derivation", "comparison"])
def test_results_cite(name):
    assert RESULTS[name].cite().startswith("@software{modelcollapse")


@pytest.mark.parametrize("name", ["prediction", "derivation"])
def test_results_with_formulas_print_them(name):
    assert r"\begin{aligned}" in RESULTS[name]._repr_latex_()
