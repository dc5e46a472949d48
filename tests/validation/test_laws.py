"""Laws: wrong formulas are caught by name, right ones pass, and a finding can be replayed."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import modelcollapse as mc
from modelcollapse.__main__ import main
from modelcollapse.validation import strategies
from modelcollapse.validation.laws import (
    LAWS,
    PROFILES,
    About,
    Holding,
    LawBroken,
    Violation,
    check_formula,
    check_spectrum,
    check_target,
    expression_of,
    law_named,
    replay,
)
from modelcollapse.validation.selftest import selftest

UNIT = "the unit of the labels does not matter"
FIRST = "the first generation of least squares"
FIRST_RIDGE = "the first generation of ridge"
REPLACEMENT = "replacement by least squares"


def ranks_rows_noises(chain):
    s = np.asarray(chain.population.spectrum.eigenvalues())
    noises = np.array([step.generated[0].noise for step in chain.generations])
    return np.count_nonzero(s), np.array([float(step.rows) for step in chain.generations]), noises


def least_squares_alone(chain):
    """Chains that the closed forms below speak of: one source each, labelled by the model before."""
    rank = chain.population.spectrum.rank()
    return all(
        len(step.sources) == 1
        and isinstance(step.estimator, mc.MinimumNorm)
        and isinstance(step.memory, mc.Forget)
        and step.generated[0].labels == mc.PREVIOUS
        and step.generated[0].covariates == mc.FRESH
        and step.rows >= rank + 2
        for step in chain.generations
    )


def right(chain):
    rank, rows, noises = ranks_rows_noises(chain)
    return np.cumsum(noises**2 * rank / (rows - rank - 1))


def with_a_factor_of_two(chain):
    return 2 * right(chain)


def with_n_minus_d(chain):
    rank, rows, noises = ranks_rows_noises(chain)
    return np.cumsum(noises**2 * rank / (rows - rank))


def with_the_noise_itself(chain):
    rank, rows, noises = ranks_rows_noises(chain)
    return np.cumsum(noises * rank / (rows - rank - 1))


def of_the_last_generation_alone(chain):
    rank, rows, noises = ranks_rows_noises(chain)
    return noises**2 * rank / (rows - rank - 1)


def with_the_first_noise_throughout(chain):
    rank, rows, noises = ranks_rows_noises(chain)
    return np.cumsum(noises[0] ** 2 * rank / (rows - rank - 1))


def with_the_dimension_for_the_rank(chain):
    _, rows, noises = ranks_rows_noises(chain)
    d = chain.population.dimension
    return np.cumsum(noises**2 * d / np.abs(rows - d - 1.5))


def with_the_trace_of_the_covariance(chain):
    """Right where all eigenvalues are 1."""
    return right(chain) * np.mean(np.asarray(chain.population.spectrum.eigenvalues()))


WRONG = {
    with_a_factor_of_two: "the first generation of least squares",
    with_n_minus_d: "the first generation of least squares",
    with_the_noise_itself: "the unit of the labels does not matter",
    of_the_last_generation_alone: "noise is felt in every later generation",
    with_the_first_noise_throughout: "errors grow with the noise",
    with_the_dimension_for_the_rank: "directions without variance do not matter",
    with_the_trace_of_the_covariance: "least squares sees only the rank",
}


@pytest.mark.parametrize("formula", WRONG, ids=lambda formula: formula.__name__)
def test_a_wrong_formula_is_caught_by_name(formula):
    report = check_formula(formula, least_squares_alone, laws=[WRONG[formula]])
    with pytest.raises(LawBroken) as caught:
        report.raise_if_broken()
    assert WRONG[formula] in str(caught.value)
    assert [finding.law.name for finding in report.broken] == [WRONG[formula]]


def test_a_right_formula_passes():
    report = check_formula(right, least_squares_alone).raise_if_broken()
    assert len(report.tried) >= 15


def textbook_ridge(chain, orders=(1, 2)):
    """One generation of ridge regression; `orders` are those of the degrees of freedom in kappa and in the error."""
    (step,) = chain.generations
    s = np.asarray(chain.population.spectrum.eigenvalues())
    truth, n = chain.population.target.second_moments(chain.population.spectrum), step.rows
    penalty = step.estimator.penalty / step.generated[0].weight
    textbook = lambda kappa: penalty / kappa + np.sum((s / (s + kappa)) ** orders[0]) / n - 1  # noqa: E731
    kappa = brentq(textbook, penalty / 2, penalty + np.sum(s) / n + 1, xtol=1e-300, rtol=1e-14)
    freedom = np.sum((s / (s + kappa)) ** orders[1])
    noise = step.generated[0].noise ** 2
    return [(kappa**2 * np.sum(s * truth / (s + kappa) ** 2) + noise * freedom / n) / (1 - freedom / n)]


def one_ridge(chain):
    return (
        len(chain) == 1
        and len(chain.generations[0].sources) == 1
        and isinstance(chain.generations[0].estimator, mc.Ridge)
        and not isinstance(chain.generations[0].generated[0].labels, mc.Shifted)
    )


def test_one_order_of_the_degrees_of_freedom_for_another_is_caught():
    report = check_formula(lambda chain: textbook_ridge(chain, (1, 1)), one_ridge, laws=[FIRST_RIDGE])
    assert [finding.law.name for finding in report.broken] == [FIRST_RIDGE]


def test_the_textbook_formula_of_ridge_passes():
    assert check_formula(textbook_ridge, one_ridge).raise_if_broken().tried


def test_what_is_exact_at_finite_size_is_not_held_to_the_laws_of_equivalents():
    report = check_formula(textbook_ridge, one_ridge, exact=True, laws=[FIRST_RIDGE, UNIT])
    assert [finding.law.name for finding in report.findings] == [UNIT]


def test_the_smallest_case_replays():
    (finding,) = check_formula(with_n_minus_d, least_squares_alone, laws=[FIRST]).broken
    assert finding.replay == f'replay("{finding.law.name}", formula, {finding.counterexample})'
    script = f"""
import numpy as np, modelcollapse as mc
from modelcollapse.validation.laws import Violation, replay
def formula(chain):
    rank = chain.population.spectrum.rank()
    return np.cumsum([step.generated[0].noise**2 * rank / (step.rows - rank) for step in chain.generations])
try:
    {finding.replay}
except Violation as violation:
    print(violation)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == finding.reason


def test_answers_that_are_no_errors_are_told():
    for answer in ("none", [0.1] * 7, np.nan):
        chains = strategies.least_squares_chains()
        report = check_formula(lambda chain, answer=answer: answer, chains, laws=[LAWS[0].name])
        assert report.broken[0].law.name == "errors are numbers that are not negative"
        assert "the answer is " in report.broken[0].reason


def test_an_error_inside_a_formula_breaks_the_law():
    report = check_formula(lambda chain: 1 / 0, strategies.least_squares_chains(), laws=[UNIT, FIRST])
    assert {finding.reason for finding in report.broken} == {"ZeroDivisionError: division by zero"}


def test_a_formula_that_covers_nothing_is_refused():
    with pytest.raises(mc.SpecificationError, match="covers"):
        check_formula(right, lambda chain: False, laws=[UNIT, FIRST])


@pytest.mark.parametrize("value", [None, 3, "formula"])
def test_what_is_no_formula_is_refused(value):
    with pytest.raises(mc.SpecificationError, match="formula"):
        check_formula(value)


class Halves(mc.Spectrum):
    """s_k = 2^-k, with an error of choice."""

    def __init__(self, dimension, error=""):
        self.dimension, self.error = dimension, error

    def eigenvalue(self, k):
        values = 0.5 ** (1.0 * k)
        if self.error == "negative":
            return values - 0.3
        if self.error == "one by one" and isinstance(k, int):
            return 2 * values
        return values

    def levels(self):
        blocks = [0.5 ** (1.0 * k) for k in range(1, self.dimension + 1)], (1,) * self.dimension
        return ([2.0 * s for s in blocks[0]], blocks[1]) if self.error == "levels" else blocks

    def rank(self):
        return self.dimension - (self.error == "rank")

    def __eq__(self, other):
        return isinstance(other, Halves) and self.dimension == other.dimension and self.error != "equality"

    def __hash__(self):
        return hash(self.dimension)


def test_a_spectrum_of_ones_own_passes():
    assert len(check_spectrum(Halves(6)).raise_if_broken().tried) == 7  # it has no field that could be traced


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("negative", "eigenvalues are finite and some are positive"),
        ("one by one", "eigenvalues can be asked for one by one"),
        ("levels", "levels are the eigenvalues"),
        ("rank", "the rank counts positive eigenvalues"),
        ("equality", "spectra are equal by content"),
    ],
)
def test_a_wrong_spectrum_is_caught_by_name(error, name):
    assert name in [finding.law.name for finding in check_spectrum(Halves(6, error)).broken]


class Rising(mc.Target):
    """w_k = k, with a variance that may be wrong."""

    def __init__(self, spread=0.0):
        self.spread = spread

    def mean(self, k, spectrum):
        return 1.0 * k

    def variance(self, k, spectrum):
        return self.spread * (0.0 * k + 1.0)

    def __eq__(self, other):
        return isinstance(other, Rising) and self.spread == other.spread

    def __hash__(self):
        return hash(self.spread)


def test_a_target_of_ones_own_passes():
    assert len(check_target(Rising(0.3), mc.PowerLaw(6, 1.2)).raise_if_broken().tried) == 5


def test_a_wrong_target_is_caught_by_name():
    broken = check_target(Rising(-0.3), mc.PowerLaw(6, 1.2)).broken
    assert "second moments are mean squared plus variance" in [finding.law.name for finding in broken]


ANY = settings(max_examples=50, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))


def test_expressions_can_be_pasted():
    seen = []
    with pytest.raises(Exception, match="No examples found"):
        find(strategies.chains(), lambda chain: bool(seen.append(chain)), settings=ANY)
    chains = seen[:10]
    listed = ", ".join(expression_of(chain) for chain in chains)
    script = f"import modelcollapse as mc\nprint([c.to_toml() for c in [{listed}]])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([chain.to_toml() for chain in chains])


def test_laws_have_names_and_statements_of_their_own():
    assert len({law.name for law in LAWS}) == len(LAWS) >= 55
    assert len({law.statement for law in LAWS}) == len(LAWS)
    assert all(law.statement.endswith(".") for law in LAWS)
    assert {law.about for law in LAWS} == set(About)


def test_the_selftest_tries_and_holds():
    names = ["replacement by least squares", "files give back the chain", "the rank counts positive eigenvalues"]
    report = selftest(laws=names)
    assert [finding.law.name for finding in report.findings] == names
    assert {finding.holding for finding in report.findings} == {Holding.HOLDS}
    assert min(finding.cases for finding in report.findings) >= 20
    assert report.raise_if_broken() is report


def test_reports_convert():
    report = check_formula(with_a_factor_of_two, strategies.least_squares_chains(), laws=[UNIT, FIRST])
    table = json.loads(report.to_json())
    assert table["broken"] == [finding.law.name for finding in report.broken]
    assert table["findings"][0]["cases"] == report.findings[0].cases
    assert FIRST in report._repr_html_()
    assert "laws hold" in str(report)


def test_the_command_line_tells_by_its_status(capsys, monkeypatch):
    assert main(["selftest", "--law", "levels are the eigenvalues", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] == []
    monkeypatch.setattr(mc.Levels, "rank", lambda spectrum: 1)
    assert main(["selftest", "--law", "the rank counts positive eigenvalues"]) == 1
    printed = capsys.readouterr().out
    assert (
        'replay: modelcollapse selftest --profile ci --seed 0 --law "the rank counts positive eigenvalues"' in printed
    )
    assert "smallest case: mc.Levels(" in printed


def test_a_law_about_something_else_is_refused():
    with pytest.raises(mc.SpecificationError, match="about formulas"):
        check_formula(right, least_squares_alone, laws=["forwards is backwards"])


def test_an_unknown_law_is_refused(capsys):
    assert main(["selftest", "--law", "gravity"]) == 2
    assert "the rank counts positive eigenvalues" in capsys.readouterr().err


def test_the_same_seed_tries_the_same_cases():
    first, second = (
        check_formula(with_n_minus_d, least_squares_alone, profile="dev", seed=7, laws=[FIRST]) for _ in range(2)
    )
    assert [one.counterexample for one in first.broken] == [one.counterexample for one in second.broken]
    assert PROFILES["dev"].max_examples < PROFILES["thorough"].max_examples


def test_replay_is_silent_where_a_law_holds():
    chain = find(strategies.least_squares_chains(), lambda chain: True)
    replay("replacement by least squares", right, chain)
    with pytest.raises(Violation):
        replay("replacement by least squares", with_a_factor_of_two, chain)


def test_a_strategy_says_what_is_covered_too():
    isotropic = st.builds(lambda n: mc.replace(POPULATION, 3, n, 0.4, mc.MinimumNorm()), st.integers(9, 40))
    broken = check_formula(of_the_last_generation_alone, isotropic, laws=[REPLACEMENT]).broken
    assert [finding.law.name for finding in broken] == [REPLACEMENT]


POPULATION = mc.Population(mc.Isotropic(6), mc.UniformTarget(1.3))


def test_the_laws_are_collected_by_pytest(tmp_path):
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "--pyargs"]
    done = subprocess.run(
        [*command, "modelcollapse.validation.laws"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert f"{len(LAWS)} tests collected" in done.stdout, done.stdout + done.stderr


def test_without_pytest_the_extra_is_named():
    script = """
import sys
sys.modules["pytest"] = None
import modelcollapse.validation.laws.test_laws
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "running the laws as tests needs pytest: pip install 'modelcollapse[test]'" in done.stderr


def test_a_law_is_found_by_name():
    assert law_named("forwards is backwards").about is About.PREDICTION
