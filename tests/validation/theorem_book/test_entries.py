"""The theorem book is complete, its fast entries hold, and a wrong formula in the place of a right one fails."""

import dataclasses
import math
from functools import cache

import numpy as np
import pytest

from modelcollapse.theory.asymptotics.book import LAWS
from modelcollapse.theory.problem import Chain
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.bibliography import PAPERS
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.statement import Statement
from modelcollapse.theory.statements import published
from modelcollapse.theory.statements.book import BOOK
from modelcollapse.theory.statements.subsample import LIMIT_OF_SUBSAMPLES
from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.claims import CLAIMS
from modelcollapse.validation.equivalence import why_equivalent
from modelcollapse.validation.evaluated import after
from modelcollapse.validation.mutants import mutants
from modelcollapse.validation.named_check import Check, agree
from modelcollapse.validation.theorem_book import ENTRIES
from modelcollapse.validation.theorem_book.entry import Case, Entry, Finding
from modelcollapse.validation.theorem_book.witnesses import CHECKED, Computed, Simulated, compared

# Judged by checks alone, none of which simulates chains or compiles programs: milliseconds each.
SLOW = {
    "test error of a chain",
    "training residual",
    "kept real rows",
    "random projections",
    "drawn again",
    "tolerance",
}
FAST = [entry for entry in ENTRIES if entry.witnesses == (CHECKED,) and not any(words in entry.name for words in SLOW)]
NAMES = [entry.name for entry in ENTRIES]


def called(name):
    return next(entry for entry in ENTRIES if entry.name == name)


def name_of(entry):
    return entry.name


def test_the_book_is_complete():
    assert len([entry for entry in ENTRIES if entry.paper is not None]) >= 40
    assert {entry.paper for entry in ENTRIES} == {*PAPERS, None}
    assert len(set(NAMES)) == len(NAMES)
    for paper in PAPERS:
        assert len([entry for entry in ENTRIES if entry.paper is paper]) >= 5


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_every_entry_says_what_holds_where_and_why(entry):
    assert entry.sentence.endswith(".")
    assert entry.hypotheses
    assert all(text.strip() for text in entry.hypotheses)
    assert "derived in" in entry.source or "computed in" in entry.source
    assert entry.paper is None or f"[{entry.paper.letter}]" in entry.source
    assert entry.formula in (*BOOK, *LAWS, *CLAIMS)
    assert entry.witnesses
    described = [text for witness in entry.witnesses for text in witness.described(entry.formula)]
    assert described
    assert all(text.endswith(".") or text.startswith("grid") for text in described)


@pytest.mark.parametrize(
    ("name", "cited"),
    [
        ("collapse term of a mixture", "[S] Theorem 1"),
        ("transition of verified labels", "cf. [V]"),
        ("revised labels", "cf. arXiv 2510.16657 (regression), the counterpart of [V]"),
        ("optimal real share of blended labels", "cf. arXiv 2509.22341"),
        ("variance over draws of the error of least squares", "(second inverse Wishart moments)"),
    ],
)
def test_a_source_tells_theorems_from_counterparts(name, cited):
    place, _, paper = called(name).source.partition("; ")
    assert place.startswith("derived in theory/")
    assert (paper or place).endswith(cited)


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_a_correction_is_another_formula_or_another_reading(entry):
    correction = entry.correction
    if correction is not None:
        assert correction.remark.endswith(".")
        if correction.printed is not None:
            assert correction.printed.name == entry.name
            assert correction.printed != entry.formula or correction.witnesses


def test_all_published_formulas_are_judged():
    printed = [entry.correction.printed for entry in ENTRIES if entry.correction]
    for name, formula in vars(published).items():
        if isinstance(formula, Statement) and formula not in BOOK:
            assert formula in printed, name
    assert [formula for formula in printed if formula is not None and formula.name not in NAMES] == []


def test_all_scaling_laws_are_claimed():
    assert {law.name for law in LAWS} <= set(NAMES)


@cache
def finding(entry):
    return entry.judged()


@pytest.mark.parametrize("entry", FAST, ids=name_of)
def test_fast_entries_agree(entry):
    found = finding(entry)
    assert found.verdict is Verdict.AGREES
    assert found.numbers >= 1
    assert found.sharpest.gap <= found.sharpest.detectable <= found.widest.detectable <= 0.05
    assert found.widest.gap <= found.widest.detectable


@pytest.mark.parametrize("entry", FAST, ids=name_of)
def test_a_wrong_formula_fails(entry):
    """Mistakes from all over the formula, one at a time; what does not disagree is no mistake, as SymPy proves."""
    changed, found = mutants(entry.formula), 0
    for mutant in changed[:: max(1, len(changed) // 4)]:
        if entry.judged(mutant.statement).verdict is Verdict.DISAGREES:
            found += 1
        else:
            assert why_equivalent(entry.formula, mutant.statement) is not None, mutant.description
    assert found or not changed


@pytest.mark.parametrize(
    "entry", [one for one in FAST if one.correction and one.correction.printed is not None], ids=name_of
)
def test_what_is_printed_disagrees(entry):
    found = entry.judged_as_printed(entry.correction.printed)
    assert found.verdict is Verdict.DISAGREES
    assert found.widest.gap > 0.01


def test_the_published_sum_is_off_by_what_the_specification_says():
    """Fresh rows 1.811, repeated rows 2.182, at 10 dimensions, 18 rows, 8 generations and unit noise."""
    entry = called("test error of least squares on accumulated rows")
    sizes = {x.rows: 18.0, x.rank: 10.0, x.noise: 1.0}
    fresh, same = (after(8, one, sizes) for one in (entry.formula, entry.correction.printed))
    assert fresh == pytest.approx(1.811, abs=5e-4)
    assert same == pytest.approx(2.182, abs=5e-4)
    [simulated] = [one for one in entry.witnesses if isinstance(one, Simulated)]
    [right], [printed] = simulated.cases(entry.formula), simulated.cases(entry.correction.printed)
    assert (right.verdict, printed.verdict) == (Verdict.AGREES, Verdict.DISAGREES)
    assert printed.z > 10


def test_a_linear_verifier_turns_where_the_specification_says():
    entry = called("transition of verified labels")
    gaps = [case.gap for case in entry.judged_as_printed(entry.correction.printed).cases]
    noted = [(0.560, 0.721), (0.618, 0.869), (0.674, 0.948)]
    assert gaps == pytest.approx([1 - star / turned for star, turned in noted], abs=2e-3)


def test_the_golden_ratio_is_what_is_printed():
    assert float(published.GOLDEN_RATIO.result) == pytest.approx(2 / (1 + 5**0.5))


def test_a_wrong_function_fails_a_computed_claim():
    claim = called("accumulate is bounded, replace is not").formula
    grows = dataclasses.replace(claim, formula=lambda chain: Grows(chain))
    assert Computed().cases(grows)[0].verdict is Verdict.DISAGREES


class Grows:
    """Whatever is done, the error grows for ever."""

    def __init__(self, chain: Chain):
        self.error, self.limit = np.arange(1.0, len(chain) + 1), math.inf


def vague(statement):
    """Something is about as large as something else."""
    return agree(1.0, 1.1, 0.2)


def test_a_check_that_would_notice_nothing_decides_nothing(monkeypatch):
    from modelcollapse.validation.theorem_book import witnesses

    monkeypatch.setattr(witnesses, "CHECKS", (Check.of(vague, LIMIT_OF_SUBSAMPLES),))
    found = Entry(None, LIMIT_OF_SUBSAMPLES, (CHECKED,)).judged()
    assert found.verdict is Verdict.UNRESOLVED
    assert found.widest.gap == pytest.approx(0.1 / 1.1)


def test_one_disagreement_outweighs_all_agreement():
    yes, no = Case(Verdict.AGREES, 3, 0.01, 0.5, 0.02), Case(Verdict.DISAGREES, 1, 0.2, 7.0)
    assert Finding((yes, yes)).verdict is Verdict.AGREES
    assert Finding((yes, yes)).numbers == 6
    found = Finding((yes, no))
    assert (found.verdict, found.widest.gap, found.z, found.numbers) == (Verdict.DISAGREES, 0.2, 7.0, 1)
    assert Finding(()).verdict is Verdict.UNRESOLVED
    assert compared(1.0, 1.1, 0.01).verdict is Verdict.DISAGREES


def test_a_gap_is_told_beside_what_its_own_witness_would_have_noticed():
    identity = Case(Verdict.AGREES, 3, 1e-12, detectable=1e-9)
    simulated = Case(Verdict.AGREES, 1, 0.01, 0.5, 0.02)
    on_a_grid = Case(Verdict.AGREES, 5, math.nan)
    found = Finding((simulated, identity, on_a_grid))
    assert (found.sharpest, found.widest, found.z) == (identity, simulated, 0.5)
    alone = Finding((on_a_grid,))
    assert math.isnan(alone.sharpest.gap)
    assert math.isnan(alone.widest.detectable)
    undecided = Case(Verdict.UNRESOLVED, 1, 0.3, detectable=1e-12)
    assert Finding((undecided, simulated)).sharpest is simulated


def test_a_check_gives_its_numbers_only_when_asked():
    check = Check.of(vague, LIMIT_OF_SUBSAMPLES)
    passed, heard = check.evidence(LIMIT_OF_SUBSAMPLES)
    assert passed
    assert [float(one.values) for one in heard] == [1.0]
    assert check.passes(LIMIT_OF_SUBSAMPLES)
    assert len(heard) == 1


def test_kinds_are_those_of_the_statements():
    assert {entry.formula.kind for entry in ENTRIES if isinstance(entry.formula, Statement)} == set(Kind)
