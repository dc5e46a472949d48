"""Verified labels: theory against simulation on a ladder of sizes; a formula that counts generated rows is refused."""

import dataclasses

import pytest

import modelcollapse as mc
from modelcollapse.validation.agreement import Verdict

MIXTURE, ROWS, PENALTY = mc.GaussianMixture(1.5, 16), 96, mc.Ridge(0.2)
REPLICATES = {1: 4096, 2: 2048, 4: 1024}
# Accuracies below one half vary more, relative to themselves: the same 5 % takes more replicates to be seen.
TIMES = {"flips, kept beyond the transition": 4, "flips, wrong ones preferred": 4}

# Cases of one kind share their compilations.
CASES = {
    "flips, everything kept": (mc.Flips(0.2), None),
    "flips, kept below the transition": (mc.Flips(0.3), mc.KeepRates(0.8, 0.4)),
    "flips, kept near the transition": (mc.Flips(0.6), mc.KeepRates(0.9, 0.4)),
    "flips, kept beyond the transition": (mc.Flips(0.8), mc.KeepRates(0.7, 0.5)),
    "flips, wrong ones preferred": (mc.Flips(0.4), mc.KeepRates(0.3, 0.9)),
    "flips, weak linear verifier": (mc.Flips(0.3), mc.LinearVerifier(0.2)),
    "flips, good linear verifier": (mc.Flips(0.4), mc.LinearVerifier(0.8)),
    "flips, hostile linear verifier": (mc.Flips(0.1), mc.LinearVerifier(-0.3)),
    "linear labels, everything kept": (mc.LinearLabels(0.5), None),
    "linear labels, kept at rates": (mc.LinearLabels(0.6), mc.KeepRates(0.8, 0.4)),
    "linear labels, wrong ones preferred": (mc.LinearLabels(0.7), mc.KeepRates(0.4, 0.8)),
    "linear labels and verifier": (mc.LinearLabels(0.6), mc.LinearVerifier(0.8, 0.3)),
    "linear labels and verifier, independent": (mc.LinearLabels(0.6), mc.LinearVerifier(0.8, 0.0)),
    "linear labels and verifier, alike": (mc.LinearLabels(0.6), mc.LinearVerifier(0.6, 0.9)),
    "linear labels and verifier, weak labels": (mc.LinearLabels(0.3), mc.LinearVerifier(0.9, 0.27)),
    "linear labels and verifier, at odds": (mc.LinearLabels(0.5), mc.LinearVerifier(0.4, -0.4)),
}


@pytest.mark.parametrize("name", CASES)
def test_theory_agrees_with_simulation(name):
    generator, verifier = CASES[name]
    chain = mc.ClassificationChain(MIXTURE, ROWS, generator, verifier, PENALTY)
    replicates = {scale: count * TIMES.get(name, 1) for scale, count in REPLICATES.items()}
    comparison = mc.compare(chain, level=1e-3, tolerance=0.05, replicates=replicates, seed=25)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES


def test_a_formula_that_counts_generated_rows_is_refused():
    """n is the number of kept rows."""
    generator, verifier = CASES["flips, kept below the transition"]
    chain = mc.ClassificationChain(MIXTURE, ROWS, generator, verifier, PENALTY)

    def wrong(at):
        return mc.predict(dataclasses.replace(at, rows=round(at.rows / 0.68)))

    comparison = mc.compare(chain, replicates=REPLICATES, seed=25, prediction=wrong)
    assert comparison.verdict is Verdict.DISAGREES
