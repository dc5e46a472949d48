"""Citations: exactly the papers used, as the citation file of the project has them."""

import re
from pathlib import Path

import pytest

import modelcollapse as mc
from modelcollapse.theory.rules.bibliography import PAPERS, SOFTWARE, VERSION
from modelcollapse.theory.statements.book import BOOK

from ..market import MARKET

CITATION = (Path(__file__).parents[3] / "CITATION.cff").read_text()
POPULATION = mc.Population(mc.PowerLaw(12, 1.2), mc.SourceCondition(0.4))


def keys(bibtex):
    return re.findall(r"^@\w+\{(\w+),$", bibtex, re.MULTILINE)


def test_every_reference_of_the_book_resolves():
    assert {paper for statement in BOOK for paper in statement.source.papers} <= set(PAPERS)
    for statement in BOOK:
        assert not re.search(r"arXiv|\[[A-Z]\]", statement.source.place)  # papers are entries, not free text


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.key)
def test_papers_are_those_of_the_citation_file(paper):
    [entry] = [text for text in CITATION.split("  - type: article\n")[1:] if paper.arxiv in text]
    assert re.search(r'title: "?([^"\n]*)', entry).group(1) == paper.title
    names = re.findall(r"given-names: (.*), family-names: (.*)}", entry)
    assert tuple(" ".join(name) for name in names) == paper.authors
    assert f"year: {paper.year}" in entry
    assert f"https://arxiv.org/abs/{paper.arxiv}" in paper.bibtex()


def test_the_software_is_that_of_the_citation_file():
    assert mc.__version__ == VERSION
    assert f"version: {VERSION}" in CITATION
    title = re.search(r'^title: "(.*)"', CITATION, re.MULTILINE).group(1)
    assert title in SOFTWARE
    assert SOFTWARE.count("{") == SOFTWARE.count("}")


def test_keys_are_unique():
    assert len({paper.key for paper in PAPERS} | {paper.letter for paper in PAPERS}) == 2 * len(PAPERS)


def test_a_chain_of_generators_cites_its_papers():
    chain = mc.demystified(
        POPULATION, generators=2, generator_rows=30, generator_noise=0.2, rows=25, noise=0.3, estimator=mc.Ridge(0.1)
    )
    cited = ["modelcollapse", "dohmatob2024demystified", "dohmatob2024strong"]
    assert keys(mc.predict(chain).cite()) == cited
    assert keys(mc.derive(chain).cite()) == cited


def test_accumulation_cites_its_paper():
    chain = mc.accumulate(POPULATION, generations=3, rows=20, noise=0.3, estimator=mc.MinimumNorm())
    assert "gerstgrasser2024inevitable" in keys(mc.predict(chain).cite())
    assert "dohmatob2024strong" not in keys(mc.predict(chain).cite())


def test_what_no_paper_states_cites_the_software_only():
    chain = mc.mix(POPULATION, generations=3, real_rows=20, synthetic_rows=30, noise=0.3, estimator=mc.MinimumNorm())
    assert keys(mc.predict(chain).cite()) == ["modelcollapse"]


@pytest.mark.parametrize("problem", MARKET)
def test_every_entry_is_well_formed(problem):
    text = mc.predict(MARKET[problem].chain).cite()
    assert text.count("{") == text.count("}")
    assert len(keys(text)) == text.count("@")
