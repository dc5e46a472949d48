"""Sweeps from files, and from the command line."""

import json
from pathlib import Path

import pytest

import modelcollapse as mc
from modelcollapse.__main__ import main

from .cheap import CHAIN


def grid_file(tmp_path, quantity='"Predicting"', axes="penalty = [0.1, 0.2]"):
    path = tmp_path / "grid.toml"
    path.write_text(f"quantity = {quantity}\n{CHAIN.to_toml()}[axes]\n{axes}\n")
    return str(path)


def test_a_file_says_everything(tmp_path):
    axes = 'rows = [12]\nestimator = ["MinimumNorm", {class = "Ridge", penalty = 0.5}]\n'
    axes += 'population = [{spectrum = {class = "Isotropic", dimension = 4}, target = "UniformTarget"}]'
    quantity = '{class = "Simulating", replicates = 4, noise = "Integrated", sampler = "Naive"}'
    sweep = mc.Sweep.from_toml(Path(grid_file(tmp_path, quantity, axes)).read_text())
    assert sweep.quantity == mc.Simulating(4, noise=mc.INTEGRATED, sampler=mc.NAIVE)
    assert dict(sweep.points.axes)["estimator"] == (mc.MinimumNorm(), mc.Ridge(0.5))
    assert sweep.chains == CHAIN


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"axes": "row = [12]"}, "axes.row"),
        ({"axes": "rows = 12"}, "axes.rows"),
        ({"axes": "rows = []"}, "axes.rows"),
        ({"axes": ""}, "axes"),
        ({"axes": 'estimator = ["os.system"]'}, "axes.estimator[0].class"),
        ({"quantity": '"Guessing"'}, "quantity.class"),
        ({"quantity": "3"}, "quantity"),
        ({"quantity": '{class = "Simulating", replicate = 3}'}, "quantity.replicate"),
        ({"quantity": '{class = "Simulating", replicates = 1}'}, "quantity.replicates"),
        ({"quantity": '{class = "Simulating", noise = "Loud"}'}, "quantity.noise"),
        ({"quantity": '"Predicting"\nspeed = 3'}, "speed"),
    ],
)
def test_what_does_not_belong_into_a_file_is_named(parts, field, tmp_path):
    with pytest.raises(mc.SpecificationError) as refused:
        mc.Sweep.from_toml(Path(grid_file(tmp_path, **parts)).read_text())
    assert refused.value.field == field


def test_the_command_line(tmp_path, capsys):
    words = ["sweep", grid_file(tmp_path), "--out", str(tmp_path / "store")]
    assert main([*words, "--json"]) == 0
    printed = capsys.readouterr()
    expected = mc.Sweep(CHAIN, {"penalty": [0.1, 0.2]}).run()
    assert json.loads(printed.out) == expected.to_dict()
    assert "2" in printed.err
    assert main(words) == 2
    assert "unless the sweep is resumed" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0
    assert capsys.readouterr().out == f"{expected}\n"


def test_the_command_line_tells_an_interruption(tmp_path, capsys, monkeypatch):
    def interrupted(job):
        raise KeyboardInterrupt

    monkeypatch.setattr("modelcollapse.validation.sweep.execution.evaluate", interrupted)
    assert main(["sweep", grid_file(tmp_path), "--out", str(tmp_path / "store")]) == 130
    printed = capsys.readouterr()
    assert "2 points are not finished" in printed.out
    assert printed.err.endswith("what is finished is kept\n")
