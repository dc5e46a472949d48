"""The claims table: rows that survive their JSON file, a run that goes on where it stopped, and the command."""

import json
import math
from dataclasses import replace

import pytest

from modelcollapse.__main__ import main
from modelcollapse.theory.problem import SpecificationError
from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.report import claims
from modelcollapse.validation.report.claims import claims_table
from modelcollapse.validation.report.provenance import provenance
from modelcollapse.validation.theorem_book import ENTRIES, ClaimsTable
from modelcollapse.validation.theorem_book.table import LEGEND, Row

NAMES = ("collapse term of least squares", "best contraction", "limit of accumulation")
CHOSEN = [entry for entry in ENTRIES if entry.name in NAMES]


@pytest.fixture(scope="module", autouse=True)
def few_and_constant():
    """Three entries, and a package that nobody edits while the tests run."""
    made_with = provenance()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "provenance", lambda: made_with)
        patch.setattr(claims, "ENTRIES", CHOSEN)
        yield


@pytest.fixture(scope="module")
def table():
    return claims_table()


def test_a_row_holds_the_verdict_and_that_on_what_is_printed(table):
    row = next(row for row in table.rows if row.name == "limit of accumulation")
    assert (row.paper, row.verdict, row.printed_verdict) == ("G", "AGREES", "DISAGREES")
    assert row.gap < row.detectable < 1e-3 < row.printed_gap
    assert row.widest_gap < row.widest_detectable
    assert row.cases >= 1
    assert "pi" in row.printed
    assert row.source.startswith("derived in theory/statements/accumulation.py; cf. [G]")
    assert row.hypotheses
    assert row.witnesses
    assert table.sound
    assert table.counts == {"AGREES": 3, "DISAGREES": 0, "UNRESOLVED": 0}


def test_rows_are_read_back_from_json(table):
    stored = json.loads(table.to_json())
    again = ClaimsTable(tuple(map(Row.read, stored["rows"])))
    assert again.to_dict() == table.to_dict()
    assert math.isnan(again.rows[0].z)


def test_it_is_shown(table):
    text = str(table)
    assert text.startswith("3 statements: 3 agrees")
    assert "strict upper bound" in text
    assert all(name in table._repr_html_() for name in NAMES)
    assert all(line in text for line in LEGEND)


def test_a_row_shows_each_gap_below_what_its_own_witness_would_have_noticed(table):
    row = replace(table.rows[0], gap=1e-12, detectable=1e-9, widest_gap=0.0054, widest_detectable=0.02)
    assert row.gaps() == ("1e-10 % < 1e-07 %", "0.54 % < 2 %")
    assert replace(row, widest_gap=row.gap, widest_detectable=row.detectable).gaps() == ("1e-10 % < 1e-07 %", "")
    nothing = dict.fromkeys(("gap", "detectable", "widest_gap", "widest_detectable"), math.nan)
    assert replace(row, **nothing).gaps() == ("", "")


def test_a_table_with_anything_else_is_not_sound(table):
    first, *others = table.rows
    assert not ClaimsTable((replace(first, verdict=Verdict.UNRESOLVED.name), *others)).sound
    assert not ClaimsTable((*others, replace(first, printed_verdict=Verdict.AGREES.name))).sound


def test_an_interrupted_run_goes_on_where_it_stopped(table, tmp_path, monkeypatch, capsys):
    path, judged, judge = tmp_path / "deep" / "claims.json", [], Row.of

    def stopped(entry):
        judged.append(entry.name)
        if len(judged) == 2:
            raise KeyboardInterrupt
        return judge(entry)

    monkeypatch.setattr(Row, "of", stopped)
    with pytest.raises(KeyboardInterrupt):
        claims_table(path)
    assert claims_table(path).to_dict() == table.to_dict()
    assert judged == [CHOSEN[0].name, CHOSEN[1].name, CHOSEN[1].name, CHOSEN[2].name]
    claims_table(path)
    assert len(judged) == 4
    assert capsys.readouterr().err.count("(kept)") == 4
    claims_table(path, fresh=True)
    assert len(judged) == 7


def test_one_paper_alone():
    assert [row.paper for row in claims_table(papers=["G"]).rows] == ["G"]
    with pytest.raises(SpecificationError, match="papers"):
        claims_table(papers=["X"])


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(SpecificationError, match="out"):
        claims_table(tmp_path)


@pytest.mark.parametrize("text", ["a text of someone else", '{"sections": [{"fingerprint": "1", "mean": 2.0}]}'])
def test_a_file_of_something_else_stays_as_it_is(tmp_path, text):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(SpecificationError, match=r"^out: "):
        claims_table(path)
    assert path.read_text() == text


def test_one_paper_afresh_leaves_the_others_as_they_are(table, tmp_path, capsys):
    path = tmp_path / "claims.json"
    claims_table(path)
    claims_table(path, papers=["G"], fresh=True)
    capsys.readouterr()
    assert claims_table(path).to_dict() == table.to_dict()
    assert capsys.readouterr().err.count("(kept)") == len(table.rows)


def test_the_command_prints_the_table(table, tmp_path, capsys):
    words = ["claims", "--out", str(tmp_path / "claims.json")]
    assert main(words) == 0
    assert capsys.readouterr().out == f"{table}\n"
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == table.to_dict()
    assert main([*words, "--paper", "Q"]) == 2
