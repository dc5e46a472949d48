"""Chains survive the way through a file: equal, to the last bit, and short."""

import dataclasses
import os
import sys
import tomllib
import typing

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory import problem
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    Isotropic,
    Kept,
    MinimumNorm,
    MissingExtra,
    Perturbed,
    Population,
    PowerLaw,
    RandomProjection,
    Repeated,
    Ridge,
    Source,
    SpecificationError,
    Spectrum,
    Subsample,
    Target,
    TooLarge,
    UniformTarget,
    load,
    replace,
    retain_real,
    save,
)
from modelcollapse.theory.problem.interchange.classes import PACKAGED

from .everything import POPULATION, one_of_each


@pytest.mark.parametrize("chain", one_of_each(), ids=lambda chain: type(chain.population.spectrum).__name__)
def test_every_class_comes_back_equal(chain):
    twin = Chain.from_toml(chain.to_toml())
    assert twin == chain
    assert hash(twin) == hash(chain)
    assert twin.to_toml() == chain.to_toml()


def test_the_chains_above_hold_every_class():
    texts = "".join(chain.to_toml() for chain in one_of_each())
    assert [name for name in PACKAGED if f'"{name}"' not in texts] == []


def test_every_class_of_the_specification_can_be_written():
    unions = (problem.Labels, problem.Covariates, problem.Memory, problem.Estimator, problem.Selection)
    members = {member for union in unions for member in typing.get_args(union)} | {Source, Kept}
    families = {
        value
        for value in vars(problem).values()
        if isinstance(value, type) and issubclass(value, Spectrum | Target) and value not in (Spectrum, Target)
    }
    assert set(PACKAGED.values()) == members | families


def test_equal_generations_are_written_once():
    long = retain_real(POPULATION, 100_000, same_rows=True)
    assert len(long.to_toml()) < 1000
    assert Chain.from_toml(long.to_toml()) == long
    assert [table["count"] for table in tomllib.loads(long.to_toml())["generations"]] == [1, 99_999]


def test_a_person_may_leave_out_defaults():
    text = """
    format = 1
    population.spectrum = {class = "PowerLaw", dimension = 6, exponent = 1.5}
    population.target = {class = "SourceCondition", exponent = 0.5}
    [[generations]]
    count = 2
    sources = [{class = "Source", rows = 40, noise = 0, labels = "Previous"}]
    estimator = {class = "MinimumNorm"}
    """
    assert Chain.from_toml(text) == replace(POPULATION, 2, 40, 0, MinimumNorm())
    assert Chain.from_toml(text.replace("\n", "\r\n")) == Chain.from_toml(text)


positive = st.floats(1e-300, 1e300)
share = st.floats(0.001, 0.999)


@st.composite
def populations(draw):
    dimension = draw(st.integers(1, 4))
    vectors = st.lists(st.floats(0, 1e300, allow_subnormal=False), min_size=dimension, max_size=dimension)
    spectrum = draw(
        st.one_of(
            st.builds(Isotropic, st.just(dimension), positive),
            st.builds(PowerLaw, st.just(dimension), st.floats(0, 100, allow_subnormal=False), st.floats(1, 1e300)),
            st.builds(Eigenvalues, vectors.filter(any)),
        )
    )
    return Population(spectrum, draw(st.one_of(st.builds(UniformTarget, positive), st.builds(Coefficients, vectors))))


@st.composite
def sources(draw):
    labels = st.sampled_from([TRUTH, PREVIOUS]) | st.builds(lambda p: Blend(((TRUTH, p), (PREVIOUS, 1 - p))), share)
    covariates = st.sampled_from([problem.FRESH]) | st.builds(Perturbed, positive)
    return Source(draw(st.integers(1, 2**53 - 1)), draw(positive), draw(labels), draw(positive), None, draw(covariates))


estimators = st.one_of(
    st.builds(Ridge, positive),
    st.just(MinimumNorm()),
    st.builds(RandomProjection, st.integers(1, 2**53 - 1), st.none() | positive),
)
steps = st.builds(
    lambda rows, estimator, memory: Generation(tuple(rows), estimator, memory=memory),
    st.lists(sources(), min_size=1, max_size=3),
    estimators,
    st.sampled_from([problem.FORGET, ACCUMULATE, Subsample(1)]),
)
chains = st.builds(
    lambda population, runs: Chain(population, tuple(step for step, count in runs for _ in range(count))),
    populations(),
    st.lists(st.tuples(steps, st.integers(1, 3)), min_size=1, max_size=4),
)


@given(chains)
def test_any_chain_comes_back_equal(chain):
    twin = Chain.from_toml(chain.to_toml())
    assert twin == chain
    assert repr(twin) == repr(chain)  # every digit of every number


@dataclasses.dataclass(frozen=True)
class Own(Spectrum):
    dimension: int = 6

    def eigenvalue(self, k):
        return 1.0 / k


Impostor = dataclasses.make_dataclass("Isotropic", [("dimension", int, 6)], bases=(Own,), frozen=True)


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (lambda: replace(POPULATION, 2, rows=sympy.Symbol("n")), "generations[0].sources[0].rows"),
        (lambda: replace(POPULATION, 2, noise=[0.1, sympy.Symbol("s")]), "generations[1].sources[0].noise"),
        (lambda: replace(POPULATION, 2, estimator=Ridge(sympy.Rational(1, 3))), "generations[0].estimator.penalty"),
        (lambda: replace(Population(Own(), UniformTarget()), 2), "population.spectrum"),
        (lambda: replace(Population(Impostor(), UniformTarget()), 2), "population.spectrum"),
        (lambda: replace(Population(Repeated(Own(3), 2), UniformTarget()), 2), "population.spectrum.base"),
    ],
)
def test_what_a_file_cannot_hold_is_named(build, where):
    with pytest.raises(SpecificationError, match="classes of the package") as caught:
        build().to_toml()
    assert caught.value.field == where


def test_traced_values_cannot_be_written():
    import jax

    def write(noise):
        with pytest.raises(SpecificationError) as caught:
            replace(POPULATION, 2, noise=noise).to_toml()
        assert caught.value.field == "generations[0].sources[0].noise"
        return noise

    jax.jit(write)(0.5)


def test_writing_needs_its_library_and_reading_does_not(monkeypatch):
    text = replace(POPULATION, 2).to_toml()
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    assert len(Chain.from_toml(text)) == 2
    with pytest.raises(MissingExtra, match=r"modelcollapse\[report\]"):
        Chain.from_toml(text).to_toml()


def test_a_saved_chain_is_loaded_and_replaced_in_one_step(tmp_path):
    path = tmp_path / "chain.toml"
    for chain in one_of_each():
        save(chain, path)
        assert load(path) == load(str(path)) == chain
    assert os.listdir(tmp_path) == ["chain.toml"]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "chain.toml"
    save(replace(POPULATION, 2), path)
    with pytest.raises(SpecificationError):
        save(replace(POPULATION, 2, noise=sympy.Symbol("s")), path)
    assert load(path) == replace(POPULATION, 2)


@pytest.mark.parametrize(
    "path", ["", "\0", "a\0b", "..", "no folder/chain.toml", "x" * 5000, None, 3, b"chain.toml", True]
)
def test_impossible_paths_are_named(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for use in (load, lambda where: save(replace(POPULATION, 2), where)):
        with pytest.raises(SpecificationError) as caught:
            use(path)
        assert caught.value.field == "path"
    assert os.listdir(tmp_path) == []


def test_folders_pipes_and_missing_files_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing.toml", "/dev/zero"):
        with pytest.raises(SpecificationError) as caught:
            load(path)
        assert caught.value.field == "path"


@pytest.mark.parametrize("chain", [None, "format = 1", POPULATION, {}])
def test_only_chains_are_saved(chain, tmp_path):
    with pytest.raises(SpecificationError) as caught:
        save(chain, tmp_path / "chain.toml")
    assert caught.value.field == "chain"


def test_a_chain_may_nest_as_deep_as_a_file():
    chain = replace(POPULATION, 2)
    for _ in range(29):
        chain = chain.scaled(2)
    assert Chain.from_toml(chain.to_toml()) == chain
    with pytest.raises(SpecificationError, match="deep"):
        chain.scaled(2).to_toml()


def test_the_size_of_a_text_is_bounded(tmp_path):
    chain = replace(POPULATION, 2)
    text = chain.to_toml()
    assert Chain.from_toml(text, largest=len(text)) == chain
    with pytest.raises(TooLarge):
        Chain.from_toml(text, largest=len(text) - 1)
    save(chain, tmp_path / "chain.toml")
    with pytest.raises(TooLarge):
        load(tmp_path / "chain.toml", largest=len(text) - 1)
