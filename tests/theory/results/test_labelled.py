"""Columns over axes: the same numbers at the same labels in pandas and in xarray."""

import sys

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.results import Column, Labelled

VALUES = np.arange(6.0).reshape(2, 3)
TABLE = Labelled(
    {"rows": (30, 40), "generation": (1, 2, 3)},
    {"error": Column(VALUES, "label units squared"), "kind": Column(np.full((2, 3), "exact"))},
    {"sources": ["here"]},
    {"by_mode": Column(np.ones((3, 4)), "label units squared", ("generation", "mode"))},
)


def test_a_frame_has_one_row_for_each_point():
    frame = TABLE.to_pandas()
    assert list(frame.columns) == ["rows", "generation", "error", "kind"]
    assert (frame["rows"].dtype, frame["generation"].dtype, frame["error"].dtype) == ("int64", "int64", "float64")
    for i, rows in enumerate((30, 40)):
        for g in (1, 2, 3):
            [value] = frame[(frame["rows"] == rows) & (frame["generation"] == g)]["error"]
            assert value == VALUES[i, g - 1]
    assert frame.attrs == {"units": {"error": "label units squared", "kind": ""}, "sources": ["here"]}


def test_a_dataset_has_the_same_numbers_at_the_same_labels():
    data = TABLE.to_xarray()
    assert data["error"].dims == ("rows", "generation")
    assert float(data["error"].sel(rows=40, generation=3)) == 5.0
    assert data["by_mode"].dims == ("generation", "mode")
    assert data["mode"].values.tolist() == [1, 2, 3, 4]
    assert data["error"].attrs == {"units": "label units squared"}
    assert data.attrs == {"sources": ["here"]}


def test_an_axis_named_like_a_column_is_refused():
    with pytest.raises(mc.SpecificationError, match="axes"):
        Labelled({"error": (1, 2)}, {"error": Column(np.ones(2))}, {})


@pytest.mark.parametrize("library", ["pandas", "xarray"])
def test_a_missing_library_is_named(library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(mc.MissingExtra, match=rf"{library}.*modelcollapse\[tables\]"):
        getattr(TABLE, f"to_{library}")()
