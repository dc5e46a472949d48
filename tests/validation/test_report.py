"""The report: self-contained, escaped, made of the numbers in its JSON file, and never measured twice."""

import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
import sklearn.datasets  # noqa: F401  it sets environment variables when first imported

from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.report import assembly, write_report
from modelcollapse.validation.report.document import escaped, latex_document
from modelcollapse.validation.report.mathml import display, inline, with_formulas
from modelcollapse.validation.report.page import number, page, signed_percent
from modelcollapse.validation.report.provenance import provenance
from modelcollapse.validation.report.regimes import Regime
from modelcollapse.validation.report.sentences import agreement_sentence, covariates_sentence
from modelcollapse.validation.report.store import read_finished, write_json
from modelcollapse.validation.theorem_book import ENTRIES
from modelcollapse.validation.theorem_book.table import Row, shown_gap

CLAIMED = ("limit of accumulation", "best contraction")
TINY = (Regime("digits", rows=80, penalty=0.1, generations=2, replicates=256),)


@pytest.fixture(scope="module", autouse=True)
def small_and_constant():
    """One statement to sabotage, and a package that nobody edits while the tests run."""
    made_with = provenance()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "provenance", lambda: made_with)
        patch.setattr(assembly, "statements_behind", lambda chain: LEAST_SQUARES.statements()[:1])
        patch.setattr(assembly, "ENTRIES", [entry for entry in ENTRIES if entry.name in CLAIMED])
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    write_report(out, regimes=TINY, progress=False)
    return out


@pytest.fixture(scope="module")
def report(folder):
    return json.loads((folder / "report.json").read_text())


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "index.html").read_text()


class Loads(HTMLParser):
    """Everything that a browser would fetch, and the identifiers of the page."""

    def __init__(self):
        super().__init__()
        self.fetched, self.identifiers, self.references = [], [], []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in {"src", "srcset", "data", "poster", "href", "xlink:href", "action"}:
                (self.references if value.startswith("#") else self.fetched).append(value)
            if name == "id":
                self.identifiers.append(value)
        assert tag not in {"script", "link", "iframe", "object", "embed", "base"}

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)


def test_the_page_loads_nothing(html):
    loads = Loads()
    loads.feed(html)
    assert loads.fetched == []
    assert "@import" not in html
    assert set(re.findall(r"url\((.)", html)) <= {"#"}


def test_identifiers_are_unique_and_references_lead_somewhere(html):
    loads = Loads()
    loads.feed(html)
    assert len(loads.identifiers) == len(set(loads.identifiers))
    assert {reference[1:] for reference in loads.references} <= set(loads.identifiers)
    assert set(re.findall(r"url\(#([^)]*)\)", html)) <= set(loads.identifiers)


def test_the_numbers_shown_are_those_of_the_json_file(report, html):
    (section,) = report["sections"]
    for row in section["verdicts"]:
        for shown in (number(row["theory"]), number(row["estimate"]), signed_percent(row["gap"])):
            assert f"<td>{shown}</td>" in html
    for value in section["ratio"]["value"]:
        assert f"{value:.3f}" in html
    assert section["covariates_in_words"] in html
    assert report["summary"]["agreement"] in html
    assert number(section["theory"]["effective_ridge"][0]) in html
    assert f"<td>{report['sabotage']['mutants']}</td>" in html
    for name, version in report["provenance"].items():
        assert f"{name} {version}" in html


def test_the_page_is_made_from_the_json_file_and_nothing_else(report, html):
    assert page(report) == html


def test_claims_stand_with_what_is_corrected_in_print(report, html):
    assert {row["name"] for row in report["claims"]} == set(CLAIMED)
    assert report["verdicts_on_claims"] == {"AGREES": 2, "DISAGREES": 0, "UNRESOLVED": 0}
    [corrected] = [row for row in report["claims"] if row["printed_verdict"]]
    assert corrected["printed_verdict"] == "DISAGREES"
    assert shown_gap(corrected["printed_gap"]) in html
    assert all(gap.replace("<", "&lt;") in html for gap in Row.read(corrected).gaps())
    assert "strict upper bound" in html


def test_figures_and_formulas_are_inside(html):
    assert html.count('<svg role="img" aria-label=') == 4
    assert html.count("<math") > 20
    assert "prefers-color-scheme: dark" in html
    assert "#0072b2" not in html.split("</style>")[1]


def test_text_is_escaped(report):
    changed = json.loads(json.dumps(report))
    changed["datasets"][0]["description"] = "<script>alert(1)</script>"
    changed["theorem"]["hypotheses"] = ["a < b & c"]
    rendered = page(changed)
    assert "<script>" not in rendered
    assert "a &lt; b &amp; c" in rendered


def test_the_latex_document_is_balanced_and_escaped(folder, report):
    text = (folder / "formulas.tex").read_text()
    opened, closed = re.findall(r"\\begin\{(\w+)\}", text), re.findall(r"\\end\{(\w+)\}", text)
    assert sorted(opened) == sorted(closed)
    assert text.rstrip().endswith(r"\end{document}")
    assert text.count(r"\[") == text.count(r"\]") == sum(len(s["equations"]) for s in report["theorem"]["steps"]) + 1
    prose = re.sub(r"\$[^$]*\$|\\\[.*?\\\]", "", text, flags=re.DOTALL)
    assert re.search(r"(?<!\\)[_&#%^~]", prose) is None


def test_prose_in_latex():
    assert escaped(r"50 % of a_b & c^2 \ {x} $ # ~ <>") == (
        r"50 \% of a\_b \& c\textasciicircum{}2 \textbackslash{} \{x\} \$ \# \textasciitilde{} "
        r"\textless{}\textgreater{}"
    )
    theorem = {"name": "a_b", "kind": "k", "hypotheses": ["x_y"], "steps": [], "result": "E", "letters": []}
    assert r"A\_b" in latex_document({**theorem, "sources": ["f_g"], "references": []}, "100 %")


def test_a_second_run_measures_nothing(folder, report, monkeypatch, capsys):
    for name in ("measure", "sabotage_table"):
        monkeypatch.setattr(assembly, name, lambda *_: pytest.fail("made again"))
    monkeypatch.setattr(Row, "of", lambda *_: pytest.fail("judged again"))
    before = (folder / "index.html").read_bytes()
    write_report(folder, regimes=TINY, progress=False)
    assert (folder / "index.html").read_bytes() == before
    assert "(kept)" in capsys.readouterr().err


def test_other_parameters_or_fresh_measure_again(folder, monkeypatch):
    def measured(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(assembly, "measure", measured)
    for options in ({"seed": 1}, {"fresh": True}, {"regimes": (Regime("digits", rows=81, penalty=0.1),)}):
        with pytest.raises(KeyboardInterrupt):
            write_report(folder, progress=False, **{"regimes": TINY, **options})


def test_an_interrupted_run_keeps_its_finished_sections(tmp_path, report, monkeypatch):
    """Two sections, interrupted in the second: the next run measures the second only."""
    regimes = (*TINY, Regime("digits", rows=90, penalty=0.1, generations=2, replicates=256))
    section = {key: value for key, value in report["sections"][0].items() if key != "fingerprint"}
    calls = []

    def measured(regime, *_):
        calls.append(regime.rows)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return {**section, "rows": regime.rows}

    monkeypatch.setattr(assembly, "measure", measured)
    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path, regimes=regimes, progress=False)
    assert len(read_finished(tmp_path / "report.json")) == 1
    write_report(tmp_path, regimes=regimes, progress=False)
    assert calls == [80, 90, 90]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["formulas.tex", "index.html", "report.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"sections": [1]}', '{"sections": {}}', "[" * 100_000, "\xff"])
def test_a_damaged_file_counts_as_empty(tmp_path, content):
    path = tmp_path / "report.json"
    path.write_bytes(content.encode("latin-1"))
    assert read_finished(path) == {}


def test_json_is_written_without_infinities(tmp_path):
    write_json(tmp_path / "x.json", {"value": float("inf"), "other": float("nan")})
    assert json.loads((tmp_path / "x.json").read_text()) == {"value": "inf", "other": "nan"}


def judgements(*pairs):
    return [{"generation": g, "verdict": v.name, "gap": gap} for g, (v, gap) in enumerate(pairs, start=1)]


def test_the_sentence_on_covariates_follows_the_verdicts():
    yes, no, open_ = Verdict.AGREES, Verdict.DISAGREES, Verdict.UNRESOLVED
    rows = judgements((no, 0.123), (no, 0.3), (open_, 0.05), (yes, 0.01), (yes, 0.0), (open_, -0.05), (no, -0.061))
    assert covariates_sentence("digits", rows, 0.05) == (
        "Digits: "
        "in generations 1 to 2 the error on the real rows is larger than Gaussian theory says, by 12 % to 30 %; "
        "the experiment does not decide whether it holds to within 5 % in generations 3 and 6; "
        "Gaussian theory holds on the real rows to within 5 % in generations 4 to 5; "
        "in generation 7 the error on the real rows is smaller than Gaussian theory says, by 6.1 %."
    )


def test_the_sentence_on_agreement_counts():
    rows = judgements(*[(Verdict.AGREES, 0.0)] * 3, (Verdict.DISAGREES, 1.0), (Verdict.UNRESOLVED, 0.1))
    assert agreement_sentence(rows) == "Of 5 numbers, 3 agree with theory, 1 disagrees and 1 is unresolved."


def test_formulas_become_mathml():
    assert display(r"\sum_{k=1}^{d} s_k").count("munderover") == 2
    assert str(display("\\begin{aligned} a &= b \\\\\n c &= d \\end{aligned}")).count("<mtr>") == 2
    assert "<mi>κ</mi>" in inline(r"\kappa")
    assert with_formulas("if $a$ < b").startswith("if <math")
    assert with_formulas("if $a$ < b").endswith("&lt; b")


def test_numbers_are_short():
    assert [number(x) for x in (0.0143519, 60.6742, 0.0, "inf")] == ["0.01435", "60.67", "0.000", "∞"]


def test_only_finished_experiments_are_stored(monkeypatch):
    from modelcollapse.validation.report import measurement

    half = SimpleNamespace(simulation=SimpleNamespace(interrupted=False), judgements=[SimpleNamespace(replicates=9)])
    with pytest.raises(KeyboardInterrupt):
        measurement._require_finished(half, 10)
