"""Every result is shown, converted, saved and cited."""

import importlib
import inspect
import json
import pkgutil
import re
import typing
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
import sympy

import modelcollapse as mc
from modelcollapse.numerics.designs import ResampledRows
from modelcollapse.theory import Model, ridge, risk
from modelcollapse.theory.asymptotics import Demystified, optimal_penalty, scaling_law
from modelcollapse.theory.asymptotics.wording import Fitted
from modelcollapse.theory.remedies import AccumulateRows, Noise, RealShare, Replace
from modelcollapse.theory.results import Result, Tabled
from modelcollapse.theory.rules.blend import LOST, SPREAD
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.validation import calibration, contest, monitor, real_data, selftest
from modelcollapse.validation.catalogue import VERIFIED
from modelcollapse.validation.check import check
from modelcollapse.validation.laws import check_formula, check_spectrum, check_target
from modelcollapse.validation.strategies import least_squares_chains
from modelcollapse.validation.theorem_book import ENTRIES, ClaimsTable
from modelcollapse.validation.theorem_book.table import Row

POPULATION = mc.Population(mc.PowerLaw(6, 1.2), mc.SourceCondition(0.4))
CHAIN = mc.replace(POPULATION, generations=3, rows=20, noise=0.3, estimator=mc.Ridge(0.1))
LEAST = CHAIN.with_(estimator=mc.MinimumNorm())
INFINITE = LEAST.with_(rows=7)
ROWS = np.linspace(-1, 1, 36).reshape(12, 3) ** np.array([1, 2, 3])
RESPONSE = ROWS @ [1.0, 2.0, 3.0] + np.cos(np.arange(12))

SHIFTED = mc.Shifted(mc.GaussianTarget([0.1] * 6))
MIXTURE = (mc.Source(10, 0.3), mc.Source(10, 0.3, SHIFTED))

FAMILY = Demystified(exponent=1.5, source=0.5, penalty=0.4, generator_ratio=0.5)


def mixture(estimator):
    return mc.Chain(POPULATION, (mc.Generation(MIXTURE, estimator),))


CLASSES = mc.ClassificationChain(
    mc.GaussianMixture(1.5, 12), 80, mc.LinearLabels(0.6), mc.LinearVerifier(0.7, 0.2), mc.Ridge(0.1)
)
REMEDIES = [Replace(), AccumulateRows()]
RIDGE_VALUES = {"T": 12, "sigma": 0.5, "lambda": 0.3, "theta": np.full(8, 1 / 8)}


def ridge_risk():
    m = Model()
    design = m.design("X", rows="T")
    return risk(ridge(design, design @ m.truth + m.noise("sigma"), "lambda"))


MADE = {
    "prediction": lambda: mc.predict(CHAIN),
    "prediction, infinite": lambda: mc.predict(INFINITE),
    "prediction of classes": lambda: mc.predict(CLASSES),
    "table": lambda: mc.vary(lambda noise: CHAIN.with_(noise=noise), {"noise": [0.1, 0.2]}),
    "table, user's text": lambda: mc.vary(lambda name: CHAIN, {"name": ["<script>", "&"]}),
    "sweep": lambda: mc.Sweep(CHAIN, {"noise": [0.1, 0.2]}).run(),
    "sweep, user's text": lambda: mc.Sweep({"<script>": CHAIN, "&": CHAIN}, quantity=mc.Simulating(5)).run(),
    "derivation": lambda: mc.derive(CHAIN),
    "simulation": lambda: mc.simulate(CHAIN, 5),
    "tuned simulation": lambda: mc.simulate_tuned(CHAIN, mc.HeldOut(9, 0.3), [0.1, 0.2], 5),
    "simulation of classes": lambda: mc.simulate(CLASSES, 5),
    "comparison of classes": lambda: mc.compare(CLASSES, replicates=256, scales=(1,)),
    "comparison": lambda: mc.compare(LEAST, replicates=256),
    "sabotage": lambda: mc.sabotage(LEAST_SQUARES.noise),
    "sabotage of a book": lambda: mc.sabotage_book([LOST, SPREAD]),
    "arms": lambda: mc.compare_arms({"<script>": CHAIN, "lazy": CHAIN.with_(penalty=0.2)}, 5),
    "laws": lambda: check_formula(lambda chain: [2.0], least_squares_chains(), laws=["replacement by least squares"]),
    "widths": lambda: mc.collapse_versus_width(mixture(mc.RandomProjection(4)), [4, 20, 30]),
    "widths, tuned": lambda: mc.collapse_versus_width(mixture(mc.RandomProjection(4)), [4, 20], tuned=True),
    "mixture of sources": lambda: mc.mixture_of_sources(mixture(mc.Ridge(0.1))),
    "verifier study": lambda: mc.when_does_it_help(VERIFIED["a window"]),
    "schedule": lambda: mc.optimise_schedule(CHAIN, mc.SHARED),
    "claims": lambda: ClaimsTable(tuple(Row.of(one) for one in ENTRIES if "accumulat" in one.name and one.correction)),
    "calibration": lambda: calibration.committed(),
    "contest": lambda: contest.committed(),
    "policies": lambda: mc.best_policy(POPULATION, mc.Budget(synthetic_rows=20), 2, noise=0.5),
    "map of remedies": lambda: mc.remedy_map(
        POPULATION, mc.Budget(20, 20), 2, REMEDIES, x=Noise((0.1, 0.2)), y=RealShare((0.2, 0.4)), noise=0.1
    ),
    "derivation of an expression": lambda: mc.derive(ridge_risk()),
    "check": lambda: check(mc.derive(ridge_risk()), mc.Isotropic(8), RIDGE_VALUES, replicates=256),
    "scaling law": lambda: scaling_law(FAMILY),
    "scaling law, symbols": lambda: scaling_law(replace(FAMILY, source=sympy.Symbol("r", positive=True))),
    "best penalty of a law": lambda: optimal_penalty(FAMILY),
    "monitors": lambda: monitor(LEAST, 4, samples=10),
    "monitors, partly without theory": lambda: monitor(
        mc.retain_real(POPULATION, 2, rows=30, share=0.5, same_rows=True, estimator=mc.MinimumNorm()), 4, samples=10
    ),
    "real data": lambda: real_data.read_data(ROWS, RESPONSE, names=["a", "<script>", "%"]),
}
FORMULAS = (
    "prediction",
    "prediction of classes",
    "prediction, infinite",
    "derivation",
    "derivation of an expression",
    "sabotage",
)

# What computes something: the front door, and what is public in the folders.
FUNCTIONS = [value for name in mc.__all__ if inspect.isfunction(value := getattr(mc, name))]
FUNCTIONS += [check_formula, check_spectrum, check_target, selftest.selftest, calibration.calibrate]
FUNCTIONS += [monitor, check, real_data.read_data, real_data.digits, real_data.diabetes]


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


@cache
def made(name):
    return MADE[name]()


@pytest.fixture(params=MADE)
def result(request):
    return made(request.param)


def classes_of_the_package():
    for module in pkgutil.walk_packages(mc.__path__, "modelcollapse."):
        if not module.name.endswith(("__main__", "test_laws")):  # the one runs, the other makes tests
            found = vars(importlib.import_module(module.name)).values()
            yield from (one for one in found if inspect.isclass(one) and one.__module__ == module.name)


def types_in(annotation):
    """The classes that an annotation names: itself, or those of a union, a tuple, a function that is returned."""
    inner = annotation if isinstance(annotation, list) else typing.get_args(annotation)
    return {one for part in inner for one in types_in(part)} or {annotation}


def test_every_kind_of_result_is_tried_here():
    """So that what holds of `MADE` below holds of all."""
    kinds = {type(made(name)) for name in MADE}
    shown = {one for one in classes_of_the_package() if hasattr(one, "_repr_html_") or hasattr(one, "to_json")}
    assert shown == {*kinds, Result, Tabled, Fitted, mc.Chain}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_what_is_computed_is_a_specification_or_a_result(function):
    """Or arrays with names, where all points of a grid, or all modes of a loop, come at once."""
    named = filter(inspect.isclass, types_in(typing.get_type_hints(function)["return"]))
    homes = {one: one.__module__ + "." for one in named}
    specifications = {one for one, home in homes.items() if home.startswith("modelcollapse.theory.problem.")}
    computed = {one for one, home in homes.items() if home.startswith("modelcollapse.")} - specifications
    named_arrays = {one for one in computed if issubclass(one, tuple) and hasattr(one, "_fields")}
    assert computed - named_arrays <= {type(made(name)) for name in MADE}


def test_html_is_well_formed_and_text_is_escaped(result):
    page = Tags()
    page.feed(result._repr_html_())
    page.close()
    assert page.open == []
    assert "script" not in page.seen
    assert page.seen & {"table", "ol"}


def test_latex_is_displayed_and_balanced(result):
    text = result._repr_latex_()
    assert text.startswith("$$\n")
    assert text.endswith("\n$$")
    assert text.count("{") == text.count("}")
    assert text.count(r"\begin{") == text.count(r"\end{") >= 1
    assert not re.search(r"(?<!\\)[#%]", text)


@pytest.mark.parametrize("name", FORMULAS)
def test_results_with_formulas_print_them(name):
    assert r"\begin{aligned}" in made(name)._repr_latex_()


def test_text_has_lines(result):
    assert len(str(result).splitlines()) > 1
    assert repr(result) == str(result)


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
    result = made(name)
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
    read, text = changed(name, value, made(of))
    with pytest.raises(mc.SpecificationError):
        read(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"result": 3}', '{"result": "Comparison"}', "[" * 100_000])
def test_other_files_are_refused(text, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(mc.SpecificationError, match="path"):
        mc.load_result(path)


def test_large_files_are_not_read(tmp_path):
    made("prediction").save(tmp_path / "result.json")
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
    data, prediction = made("prediction").to_xarray(), made("prediction")
    np.testing.assert_allclose(data["by_mode"].sum("mode"), prediction.error, rtol=1e-12)
    np.testing.assert_allclose(data["by_generation"].sum("injected_by"), prediction.variance, rtol=1e-12)
    assert data.attrs["assumptions"] == list(prediction.assumptions)


@pytest.mark.parametrize("name", ["prediction", "prediction of classes", "table", "derivation", "comparison", "claims"])
def test_results_cite(name):
    assert made(name).cite().startswith("@software{modelcollapse")
