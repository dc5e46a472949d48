"""Pictures as files, and the command that writes them."""

import pytest

import modelcollapse as mc
from modelcollapse.__main__ import main
from modelcollapse.validation.gallery import GALLERY
from modelcollapse.validation.gallery.files import FORMATS, write_picture, write_pictures

from .small import SMALL

PLATEAU = SMALL["plateau"]
STARTS = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_suffix_is_the_format(tmp_path, suffix):
    path = tmp_path / "new folder" / f"picture.{suffix}"
    write_picture(PLATEAU, path)
    assert path.read_bytes().startswith(STARTS[suffix])
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_same_picture_is_the_same_file(tmp_path):
    for name in ("a.svg", "b.svg"):
        write_picture(PLATEAU, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert PLATEAU.title in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["gif", ""])
def test_other_formats_are_refused_before_any_work(tmp_path, suffix, capsys):
    with pytest.raises(mc.SpecificationError, match="svg or pdf or png"):
        write_picture(PLATEAU, tmp_path / f"picture.{suffix}")
    with pytest.raises(mc.SpecificationError, match="svg or pdf or png"):
        next(write_pictures([PLATEAU], tmp_path, suffix))
    assert capsys.readouterr().err == ""
    assert list(tmp_path.iterdir()) == []


def test_what_is_finished_is_kept_when_interrupted(tmp_path, monkeypatch, capsys):
    def interrupted(*arguments, **named):
        raise KeyboardInterrupt

    written = write_pictures([PLATEAU, PLATEAU], tmp_path)
    first = next(written)
    monkeypatch.setattr(type(PLATEAU), "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(written)
    assert [file.name for file in tmp_path.iterdir()] == [first.name] == ["plateau.svg"]
    assert "1 of 2: plateau" in capsys.readouterr().err


def test_the_command_names_its_pictures(capsys):
    assert main(["figure", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(GALLERY)


def test_an_unknown_picture_is_answered_with_the_known_ones(capsys):
    assert main(["figure", "figure-1"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "picture: got 'figure-1'" in captured.err
    assert "scaling-law" in captured.err


@pytest.mark.parametrize("words", [[], ["plateau", "--all"], ["--all", "--list"]])
def test_one_picture_or_all_of_them(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["figure", *words])
    assert stopped.value.code == 2
    assert "usage: modelcollapse figure" in capsys.readouterr().err


@pytest.mark.parametrize("out", ["here.png", "folder"])
def test_a_picture_goes_to_a_file_or_to_a_folder(tmp_path, monkeypatch, capsys, out):
    monkeypatch.setattr("modelcollapse.validation.gallery.GALLERY", SMALL)
    assert main(["figure", "plateau", "--out", str(tmp_path / out)]) == 0
    captured = capsys.readouterr()
    (written,) = (file for file in tmp_path.rglob("*.*"))
    assert captured.out == f"{written}\n"
    assert written.name in {"here.png", "plateau.svg"}
    assert "plateau" in captured.err


def test_all_go_to_a_folder_in_one_format(tmp_path, monkeypatch, capsys):
    two = {name: SMALL[name] for name in ("plateau", "overparameterised")}
    monkeypatch.setattr("modelcollapse.validation.gallery.GALLERY", two)
    assert main(["figure", "--all", "--out", str(tmp_path), "--format", "pdf"]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / f"{name}.pdf") for name in two]


def test_a_file_has_the_format_of_its_name(tmp_path, capsys):
    assert main(["figure", "plateau", "--out", str(tmp_path / "a.png"), "--format", "svg"]) == 2
    assert "--format" in capsys.readouterr().err
