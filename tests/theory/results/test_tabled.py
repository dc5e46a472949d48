"""A result that is one table says head, rows, caption and notes; all of its prints are made from them."""

from dataclasses import FrozenInstanceError, dataclass
from typing import final

import pytest

from modelcollapse.theory.results import Column, Labelled, Result, Tabled


class Plain(Tabled):
    """The least that a table says."""

    __slots__ = ()
    _head = ("rows", "error")

    def _rows(self):
        return [("7", "0.5 %"), ("70", "<b>")]

    def to_dict(self):
        return {"result": type(self).__name__}

    def labelled(self):
        return Labelled({"rows": [7, 70]}, {"error": Column([0.5, 0.25])}, {})


class Captioned(Plain):
    __slots__ = ()

    def _caption(self):
        return "Errors & rows"


class Noted(Captioned):
    __slots__ = ()
    _details_title = "as long as"

    def _notes(self):
        return ["a < b", "c"]


class Telling(Noted):
    __slots__ = ()

    def _details(self):
        return ["more"]


class Quiet(Telling):
    __slots__ = ()

    def _details(self):
        return []


@final
@dataclass(frozen=True, slots=True, repr=False)
class Slotted(Tabled):
    """Frozen, without a dictionary, with a head that depends on its fields."""

    names: tuple[str, ...]

    @property
    def _head(self):
        return self.names

    def _rows(self):
        return [tuple("1" for _ in self.names)]

    def to_dict(self):
        return {"result": "Slotted"}

    def labelled(self):
        return Labelled({}, {}, {})


TABLE = "rows  error\n   7  0.5 %\n  70    <b>"
CELLS = (
    "<thead><tr><th>rows</th><th>error</th></tr></thead><tbody>"
    "<tr><td>7</td><td>0.5 %</td></tr><tr><td>70</td><td>&lt;b&gt;</td></tr></tbody></table>"
)
CAPTION = "<caption>Errors &amp; rows</caption>"
NOTES = "<details><summary>as long as</summary><ul><li>a &lt; b</li><li>c</li></ul></details>"
MORE = "<details><summary>as long as</summary><ul><li>more</li></ul></details>"


@pytest.mark.parametrize(
    ("kind", "text", "page"),
    [
        (Plain, TABLE, f"<table>{CELLS}"),
        (Captioned, f"Errors & rows\n{TABLE}", f"<table>{CAPTION}{CELLS}"),
        (Noted, f"Errors & rows\n{TABLE}\na < b\nc", f"<table>{CAPTION}{CELLS}{NOTES}"),
        (Telling, f"Errors & rows\n{TABLE}\na < b\nc", f"<table>{CAPTION}{CELLS}{MORE}"),
        (Quiet, f"Errors & rows\n{TABLE}\na < b\nc", f"<table>{CAPTION}{CELLS}"),
    ],
)
def test_one_table_in_every_print(kind, text, page):
    result = kind()
    assert str(result) == repr(result) == text
    assert result._repr_html_() == page
    cells = [r"\text{rows} & \text{error} \\", r"\hline", r"\text{7} & \text{0.5 \%} \\", r"\text{70} & \text{<b>} \\"]
    assert result._repr_latex_().splitlines() == ["$$", r"\begin{array}{rr}", *cells, r"\end{array}", "$$"]


def test_a_frozen_class_with_slots():
    result = Slotted(("a", "bc"))
    assert not hasattr(result, "__dict__")
    assert f"{result}" == repr(result) == "a  bc\n1   1"
    assert result == Slotted(("a", "bc"))
    assert hash(result) == hash(Slotted(("a", "bc")))
    with pytest.raises(FrozenInstanceError):
        result.names = ("b",)


@pytest.mark.parametrize("left_out", ["_head", "_rows", "to_dict", "labelled"])
def test_what_a_table_must_say(left_out):
    said = {name: vars(Plain)[name] for name in ("_head", "_rows", "to_dict", "labelled") if name != left_out}
    kind = type("Unfinished", (Tabled,), said)
    with pytest.raises(TypeError, match=left_out):
        kind()


def test_a_print_of_its_own_is_also_how_it_is_represented():
    class Own(Plain):
        def __str__(self):
            return "own"

    assert repr(Own()) == "own"
    assert Own()._repr_html_() == Plain()._repr_html_()
    assert isinstance(Own(), Result)
