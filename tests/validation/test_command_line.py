"""The command line: results on standard output, errors in words, and never a traceback."""

import json

import numpy as np
import pytest
import sklearn.datasets  # noqa: F401  it sets environment variables when first imported

import modelcollapse as mc
from modelcollapse.__main__ import main
from modelcollapse.validation.real_data import diabetes

POWER_LAW = ["--dimension", "12", "--exponent", "1.2", "--source-exponent", "0.4", "--generations", "2"]
CHAIN = [*POWER_LAW, "--rows", "30", "--noise", "0.5", "--penalty", "0.1"]


def chain():
    population = mc.Population(mc.PowerLaw(12, 1.2), mc.SourceCondition(0.4))
    return mc.replace(population, generations=2, rows=30, noise=0.5, estimator=mc.Ridge(0.1))


def output(capsys, *words):
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_predict_prints_what_predict_gives(capsys):
    printed = json.loads(output(capsys, "predict", *CHAIN, "--json"))
    np.testing.assert_allclose(printed["error"], mc.predict(chain()).error)
    assert output(capsys, "predict", *CHAIN) == f"{mc.predict(chain())}\n"


def test_isotropic_minimum_norm(capsys):
    words = ["--spectrum", "isotropic", "--dimension", "10", "--rows", "31", "--noise", "2", "--minimum-norm"]
    printed = json.loads(output(capsys, "predict", *words, "--generations", "2", "--json"))
    np.testing.assert_allclose(printed["error"], [2.0, 4.0])  # 4 * 10 / (31 - 10 - 1) for each generation


def test_a_data_set_brings_its_noise(capsys):
    printed = json.loads(
        output(capsys, "predict", "--data", "diabetes", "--rows", "40", "--generations", "3", "--json")
    )
    data = diabetes()
    expected = mc.replace(data.population, generations=3, rows=40, noise=data.noise, estimator=mc.Ridge(1e-3))
    np.testing.assert_allclose(printed["error"], mc.predict(expected).error)


def test_simulate_prints_results_on_stdout_and_progress_on_stderr(capsys):
    assert main(["simulate", *CHAIN, "--replicates", "20", "--seed", "3", "--json"]) == 0
    captured = capsys.readouterr()
    np.testing.assert_allclose(json.loads(captured.out)["mean"], mc.simulate(chain(), 20, seed=3).mean)
    assert "20" in captured.err


def test_compare_prints_verdicts(capsys):
    words = ["--spectrum", "isotropic", "--dimension", "4", "--rows", "40", "--minimum-norm", "--generations", "2"]
    printed = json.loads(output(capsys, "compare", *words, "--replicates", "4096", "--json"))
    assert [judgement["verdict"] for judgement in printed["judgements"]] == ["AGREES"] * 2
    assert printed["simulation"]["replicates"] == 4096


def test_derive_prints_latex(capsys):
    latex = output(capsys, "derive", *CHAIN)
    assert latex.startswith("\\begin{aligned}")
    named = json.loads(output(capsys, "derive", *CHAIN, "--json"))
    assert named["latex"] == latex.strip()
    assert named["hypotheses"] == list(mc.derive(chain()).hypotheses)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["predict", "--dimension", "10", "--rows", "-3"], "rows"),
        (["predict", "--rows", "10"], "--dimension"),
        (["predict", "--penalty", "1"], "--rows"),
        (["predict", "--spec", "no_such_file.toml"], "path"),
        (["simulate", *CHAIN, "--replicates", "1"], "replicates"),
        (["derive", "--dimension", "10", "--rows", "10", "--penalty", "-1"], "penalty"),
    ],
)
def test_impossible_values_are_explained_and_exit_with_2(capsys, words, field):
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"modelcollapse: {field}: got ")


@pytest.mark.parametrize("words", [[], ["collapse"], ["predict", "--rows", "x"]])
def test_unknown_words_exit_with_2(capsys, words):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "usage: modelcollapse" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"modelcollapse {mc.__version__}\n"


@pytest.mark.parametrize("command", ["predict", "derive"])
def test_a_file_gives_the_whole_chain(capsys, tmp_path, command):
    mc.save(chain(), tmp_path / "chain.toml")
    assert output(capsys, command, "--spec", str(tmp_path / "chain.toml")) == output(capsys, command, *CHAIN)


@pytest.mark.parametrize(
    "words", [["--rows", "30"], ["--generations", "6"], ["--penalty", "0.001"], ["--minimum-norm"], ["--noise", "0"]]
)
def test_options_beside_a_file_are_refused(capsys, tmp_path, words):
    mc.save(chain(), tmp_path / "chain.toml")
    assert main(["predict", "--spec", str(tmp_path / "chain.toml"), *words]) == 2
    assert words[0] in capsys.readouterr().err


def test_an_unwritable_folder_is_named(capsys, tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("")
    assert main(["report", "--out", str(occupied)]) == 2
    assert str(occupied) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["--data", "diabetes", "--dimension", "9"], "--dimension"),
        (["--data", "diabetes", "--exponent", "1.3"], "--exponent"),
        (["--spectrum", "isotropic", "--dimension", "9", "--source-exponent", "0.4"], "--source-exponent"),
    ],
)
def test_options_that_would_go_unread_are_refused(capsys, words, option):
    assert main(["predict", *words, "--rows", "30"]) == 2
    assert option in capsys.readouterr().err


def test_a_sampler_can_be_asked_for(capsys):
    words = ["simulate", "--spectrum", "isotropic", "--dimension", "40", "--rows", "90", "--replicates", "64", "--json"]
    for name in ("banded", "naive"):
        assert json.loads(output(capsys, *words, "--sampler", name))["sampler"].endswith("as asked for")
    assert main([*words, "--sampler", "least-squares-walk"]) == 2
    assert "models are penalised" in capsys.readouterr().err
