"""Files made to break the reader: each is refused by name, at once, and nothing in them is run."""

import copy
import datetime
import math
import time
import tracemalloc

import pytest
import tomli_w

from modelcollapse.theory.problem import SpecificationError, load

DOCUMENT = {
    "format": 1,
    "population": {
        "spectrum": {"class": "Levels", "values": [2.0, 0.5], "multiplicities": [2, 4]},
        "target": {"class": "GaussianTarget", "variances": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]},
    },
    "initial": {"class": "UniformTarget", "norm_squared": 0.5},
    "generations": [
        {
            "count": 1,
            "sources": [
                {
                    "class": "Source",
                    "rows": 50,
                    "noise": 0.3,
                    "weight": 0.5,
                    "labels": {"class": "Shifted", "offset": {"class": "UniformTarget", "norm_squared": 2.0}, "tag": 3},
                    "covariance": {"class": "Isotropic", "dimension": 6, "scale": 2.0},
                    "covariates": "Fresh",
                }
            ],
            "estimator": {"class": "RandomProjection", "width": 4, "penalty": 0.1, "redraw": True},
            "selection": {
                "class": "TopShare",
                "verifier": {"class": "UniformTarget", "norm_squared": 0.1},
                "share": 0.5,
            },
            "memory": {"class": "Subsample", "rows": 20},
        },
        {
            "count": 2,
            "sources": [
                {"class": "Kept", "generation": 1, "source": 0, "weight": 0.5},
                {
                    "class": "Source",
                    "rows": 30,
                    "noise": 0.1,
                    "labels": {
                        "class": "Blend",
                        "parts": [["Truth", 0.25], [{"class": "LabelledBy", "generation": 1}, 0.75]],
                    },
                    "covariates": {
                        "class": "Refitted",
                        "generation": 1,
                        "source": 0,
                        "rescale": 1.1,
                        "shrink": 0.2,
                        "rank": 3,
                    },
                },
            ],
            "estimator": {"class": "Ridge", "penalty": 0.1},
        },
    ],
}
GOOD = tomli_w.dumps(DOCUMENT)
SIZES = {"dimension", "multiplicities", "rows", "width", "tag", "generation", "source", "rank", "count", "format"}
FLAGS = {"redraw"}

CODE = [
    "__import__('os').system('touch canary')",
    "os.system('touch canary')",
    "open('canary', 'w')",
    "!!python/object/apply:os.system ['touch canary']",
    "{{ cycler.__init__.__globals__.os.system('touch canary') }}",
    "$(touch canary)",
    "`touch canary`",
    "\\input{canary}",
    "\\immediate\\write18{touch canary}",
    "cos\nsystem\n(S'touch canary'\ntR.",
    "lambda: open('canary', 'w')",
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    "file:///etc/passwd",
    "canary",
    "Chain.__init__.__globals__",
    "builtins.eval",
    "numpy.load",
    "Source.__class__",
    "eval",
    "Chain",
    "Generation",
    "Population",
    "SpecificationError",
    "source",
    "",
    " Ridge",
    "Ridge\0",
    "Rіdge",  # with a Cyrillic letter
    "x" * 100_000,
]
KEYS = [
    "__class__",
    "__init__",
    "__import__",
    "__proto__",
    "eval",
    "Class",
    "class ",
    "",
    "\0",
    "noise\x1b[2J",
    "k" * 10_000,
]
WRONG = [math.nan, math.inf, -math.inf, 10**400, -(10**18), [], [[]], {}, [1.0, [2.0]]]
DATES = [datetime.date(2024, 1, 1), datetime.time(1, 2), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)]


def places(value, path=()):
    """The paths of everything in the document, tables and arrays included."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


PLACES = list(places(DOCUMENT))


def inside(document, path):
    for key in path:
        document = document[key]
    return document


def field_of(path):
    return next(key for key in reversed(path) if isinstance(key, str))


def changed(path, value):
    document = copy.deepcopy(DOCUMENT)
    inside(document, path[:-1])[path[-1]] = value
    return tomli_w.dumps(document)


def without(path):
    document = copy.deepcopy(DOCUMENT)
    del inside(document, path[:-1])[path[-1]]
    return tomli_w.dumps(document)


def is_table(path):
    return isinstance(inside(DOCUMENT, path), dict)


def code_everywhere():
    """Every place holds every string once in a while, and the strings of code everywhere."""
    for number, path in enumerate(PLACES):
        for text in (CODE[0], CODE[number % len(CODE)], CODE[(7 * number + 3) % len(CODE)]):
            yield changed(path, text)
    yield from (changed(("generations", 1, "estimator"), text) for text in CODE)
    yield from (changed(("generations", 1, "estimator", "class"), text) for text in CODE)


def wrong_values_everywhere():
    for number, path in enumerate(PLACES):
        field = field_of(path)
        yield from (changed(path, value) for value in (math.nan, math.inf, 10**400, DATES[number % 3]))
        if path not in [("initial",)]:
            yield from (changed(path, value) for value in (WRONG[number % len(WRONG)],) if value is not None)
        if field not in FLAGS:
            yield changed(path, True)
        if field in SIZES:
            yield from (changed(path, value) for value in (-1, 2.5, 2**53, 10**18))


def keys_everywhere():
    tables = [(), *(path for path in PLACES if is_table(path))]
    for number, path in enumerate(tables):
        for key in (KEYS[0], KEYS[number % len(KEYS)]):
            yield changed((*path, key), CODE[0])
    yield from (changed(("population", key), 1) for key in KEYS)
    yield from (changed(("generations", 1, "class"), name) for name in ("Generation", "Ridge", "os"))


def what_is_needed_left_out():
    optional = {"initial", "scale", "norm_squared", "weight", "covariance", "covariates", "labels", "tag", "count"}
    optional |= {"redraw", "selection", "memory", "source", "rescale", "shrink", "rank", "penalty"}
    for path in PLACES:
        if isinstance(path[-1], str) and path[-1] not in optional:
            yield without(path)
    yield without(("generations", 1, "estimator", "penalty"))


def broken_texts():
    deep = 100_000
    texts = ["", " ", "\n" * 10, "null", "{}", "[]", "format = 1", "format = 1.0", "format = true", 'format = "1"']
    texts += ["format = 2", "format = -1", "format = 1\nformat = 1", "\ufeff" + GOOD, GOOD + "\0", "\0" + GOOD]
    texts += [GOOD.replace("\n", "\r"), GOOD.replace("=", ":"), GOOD[: len(GOOD) // 2] + "[", GOOD + GOOD]
    texts += [
        GOOD + "\n[population]\n[population]\n",
        GOOD + "\n[population.spectrum]\nclass = 'Isotropic'\n",
        GOOD.replace("0.3", "0.3 + 1"),
    ]
    texts += [
        GOOD.replace("0.3", number) for number in ("1e400", "9" * 5000, "nan", "+inf", "0x" + "f" * 5000, "1e-310")
    ]
    texts += [
        GOOD.replace("0.3", number)
        for number in ("1_0_", "00.3", "3j", "0.3f", "½", "٣", "1,5", "$x", "x", "os.system")
    ]
    texts += ["a = " + "[" * deep, "a = " + "[" * deep + "]" * deep, "a = " + "{a = " * deep, "[" * deep, "[[" * deep]
    texts += [".".join("a" * deep) + " = 1", "[" + ".".join("a" * deep) + "]", " . ".join(["'a'"] * deep) + " = 1"]
    texts += [".".join([r'"\""'] * deep) + " = 1", "a" * deep * 9, '"' * deep * 9, "'" * deep * 9, "#" * 10_000_000]
    texts += [
        GOOD + "#" * 10_000_000,
        "a = [" + "0," * 5_000_000 + "]",
        "".join(f"k{n} = 1\n" for n in range(deep // 10)),
    ]
    texts += ["".join("a." * 30 + f"k{number} = 1\n" for number in range(7_000))]
    texts += ["[[generations]]\n" * (deep // 10), '"""' + "\\\n" * deep, "a = '''" + "\n" * deep]
    texts += [GOOD.replace("count = 2", f"count = {count}") for count in (0, -1, 10**6, 10**9, 2**63, "1e99", "true")]
    source = "{class = 'Source', rows = 1, noise = 0}"
    runs = f"\n[[generations]]\ncount = 999_999\nsources = [{source}]\nestimator = 'MinimumNorm'\n"
    texts += [GOOD + runs, GOOD + "[population.spectrum.base]\nclass = 'Isotropic'\n"]
    base = "{class = 'Repeated', times = 2, base = "
    population = "[population]\ntarget = 'UniformTarget'\nspectrum = "
    nested = base * 40 + "{class = 'Isotropic', dimension = 1}" + "}" * 40
    texts += [f"format = 1\n{population}{nested}\n{runs}", f"format = 1\n{population}{base}'Repeated'}}\n{runs}"]
    return texts


def references():
    """References to itself, to the future, to nothing, and to what is no source."""
    kept, refitted = ("generations", 1, "sources", 0), ("generations", 1, "sources", 1, "covariates")
    labeller = ("generations", 1, "sources", 1, "labels", "parts", 1, 0)
    for path in (kept, refitted, labeller):
        yield from (changed((*path, "generation"), number) for number in (0, 2, 3, 4, 10**15))
    yield from (changed((*path, "source"), number) for path in (kept, refitted) for number in (1, 7, 10**15, -1))
    yield from (changed(path, {"class": "Blend", "parts": [["Truth", 1.0]]}) for path in (labeller, kept, refitted))
    yield changed((*labeller[:-1],), [["Truth", 0.5], ["Truth", 0.5]])
    yield changed(("generations", 1, "sources", 0), DOCUMENT["generations"][1])
    yield changed(("population", "spectrum"), DOCUMENT["population"])


def bytes_that_are_no_text():
    good = GOOD.encode()
    for broken in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf", b"\x80"):
        yield good + broken
        yield good.replace(b"Ridge", b"Ri" + broken)
    yield from (GOOD.encode(coding) for coding in ("utf-16", "utf-32", "utf-16-le"))
    yield from (b"\x80\x04\x95.", b"PK\x03\x04", b"SQLite format 3\0", b"\x93NUMPY\x01\0", b"\x1f\x8b\x08", b"\x7fELF")


CORPUS = {
    maker.__name__: maker
    for maker in (
        code_everywhere,
        wrong_values_everywhere,
        keys_everywhere,
        what_is_needed_left_out,
        broken_texts,
        references,
        bytes_that_are_no_text,
    )
}


def complaint(content, folder):
    """What went wrong in refusing a file; empty where it was refused as it should be."""
    path = folder / "chain.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    start = time.process_time()
    try:
        load(path)
    except SpecificationError as error:
        found = "" if error.field and len(str(error)) < 1000 and str(error).isprintable() else f"said {str(error)!r}"
    except Exception as error:
        found = f"raised {type(error).__name__}: {error}"
    else:
        found = "accepted"
    if time.process_time() - start > 1:
        found += " slowly"
    return found + (" and ran it" if (folder / "canary").exists() else "")


def test_the_document_itself_is_read(tmp_path):
    assert complaint(GOOD, tmp_path) == "accepted"


@pytest.mark.parametrize("kind", CORPUS)
def test_hostile_files_are_refused(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complaints = [(str(content)[-300:], complaint(content, tmp_path)) for content in CORPUS[kind]()]
    assert [entry for entry in complaints if entry[1]] == []


def test_the_corpus_is_large():
    files = {content for make in CORPUS.values() for content in make()}
    assert len(files) >= 800


def test_refusing_takes_little_memory(tmp_path):
    for content in broken_texts():
        tracemalloc.start()
        complaint(content, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 200e6
