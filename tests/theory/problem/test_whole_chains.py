"""Chains with every part there is: what scaling and `with_` do to each, and how they read."""

import dataclasses
import html

import jax
import numpy as np
import pytest
import sympy

from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Generation,
    Isotropic,
    Kept,
    MinimumNorm,
    Population,
    RandomProjection,
    Ridge,
    Source,
    Spectrum,
    Subsample,
    UniformTarget,
    accumulate_subsample,
    blend_labels,
    inject_noise,
    mix,
    rephrase,
    replace,
    retain_real,
)

from .everything import POPULATION, one_of_each

WHOLE = one_of_each()[0]


def leaves(value, path=()):
    """Every field inside a specification, with its path."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, tuple):
        for number, entry in enumerate(value):
            yield from leaves(entry, (*path, number))
    else:
        yield path, value


def test_scaling_multiplies_sizes_and_nothing_else():
    """Rows, widths and ranks times 3; offsets and covariances move one level down, under what repeats them.

    The slope of a window falls by sqrt(3), as the norm of a row grows by it.
    """
    scaled = [
        (tuple(key for key in path if key != "base"), value)
        for path, value in leaves(WHOLE.scaled(3).generations)
        if path[-1] != "times"
    ]
    expected = [
        (path, 3 * value if path[-1] in {"rows", "width", "rank"} else value / 3**0.5 if path[-1] == "slope" else value)
        for path, value in leaves(WHOLE.generations)
    ]
    assert [path for path, _ in scaled] == [path for path, _ in expected]
    for (path, found), (_, value) in zip(scaled, expected, strict=True):
        assert np.array_equal(found, value) if isinstance(value, np.ndarray) else found == value, path


def test_scaling_shares_offsets_out_and_repeats_covariances():
    large = WHOLE.scaled(3)
    source, first = large.generations[0].sources[1], WHOLE.generations[0].sources[1]
    np.testing.assert_array_equal(source.covariance.eigenvalues(), np.repeat(first.covariance.eigenvalues(), 3))
    spectrum = large.population.spectrum
    offsets = [
        (source.labels.offset, first.labels.offset),
        (large.generations[0].selection.verifier, WHOLE.generations[0].selection.verifier),
        (large.initial, WHOLE.initial),
    ]
    for big, small in offsets:
        energy = WHOLE.population.spectrum.eigenvalues() @ small.second_moments(WHOLE.population.spectrum)
        np.testing.assert_allclose(spectrum.eigenvalues() @ big.second_moments(spectrum), energy, rtol=1e-14)


def test_scaling_multiplies_the_rows_of_every_fit():
    assert WHOLE.rows == (90, 90, 170, 60, 20, 20, 20)  # 50 + 40; 50 + 40 kept; 50 + 40 + 50 + 30 in the store; ...
    assert WHOLE.scaled(3).rows == tuple(3 * rows for rows in WHOLE.rows)


def test_noise_changes_in_every_source_and_nowhere_else():
    changed = dict(leaves(WHOLE.with_(noise=0.77)))
    for path, value in leaves(WHOLE):
        is_noise = path[-1] == "noise"
        assert changed[path] is value or changed[path] == (0.77 if is_noise else value)
    assert [source.noise for step in WHOLE.with_(noise=0.77).generations for source in step.generated] == [0.77] * 8


def test_a_penalty_keeps_random_features():
    found = [step.estimator for step in WHOLE.with_(penalty=0.5).generations]
    assert found == [RandomProjection(4, 0.5), RandomProjection(4, 0.5, False), *[Ridge(0.5)] * 5]


@pytest.mark.parametrize("generation", range(1, 8))
def test_another_estimator_leaves_everything_else(generation):
    changed = WHOLE.with_(generation=generation, estimator=MinimumNorm())
    for number, (old, new) in enumerate(zip(WHOLE.generations, changed.generations, strict=True), start=1):
        assert new == (dataclasses.replace(old, estimator=MinimumNorm()) if number == generation else old)
    assert (changed.initial, changed.population) == (WHOLE.initial, WHOLE.population)


def test_rows_change_where_there_is_one_source():
    changed = WHOLE.with_(generation=3, rows=33)
    assert changed.rows == (90, 90, 173, 60, 20, 20, 20)


def test_subsamples_as_large_as_a_generation_follow_its_rows():
    chain = accumulate_subsample(POPULATION, 2, rows=20).with_(rows=30)
    assert (chain.rows, chain.generations[1].memory) == ((30, 30), Subsample(30))


def test_a_chain_reads_as_what_makes_it():
    step, other = Generation((Source(5, 0.1),), Ridge(0.1)), Generation((Kept(1),), MinimumNorm())
    chain = Chain(POPULATION, (step, other, other), UniformTarget())
    said = f"Chain({POPULATION!r}, ({step!r},) + ({other!r},) * 2, initial=UniformTarget(norm_squared=1.0))"
    assert repr(chain) == said
    assert len(repr(replace(POPULATION, 10**6))) < 500


@dataclasses.dataclass(frozen=True)
class Hostile(Spectrum):
    """A spectrum that writes markup into a notebook."""

    dimension: int = 6

    def eigenvalue(self, k):
        return 1.0 / k

    def __repr__(self):
        return "<script>alert('&')</script>"


def test_notebooks_show_every_part_and_escape_it():
    shown = WHOLE._repr_html_()
    for part in ("Shifted", "Blend", "Recorded", "Lottery", "Refitted", "Perturbed", "again", "Subsample", "TopShare"):
        assert part in shown
    assert "model 0 off by UniformTarget" in shown
    symbol = sympy.Symbol("<b>n</b>", positive=True)
    source = Source(sympy.Min(symbol, 7), 0.1, PREVIOUS, covariance=Hostile())
    found = Chain(Population(Hostile(), UniformTarget()), (Generation((source,), Ridge(0.1)),))._repr_html_()
    assert "<script" not in found
    assert "<b>" not in found
    assert html.escape("Min(7, <b>n</b>) rows by Previous(), covariance=<script>alert('&')</script>") in found


def test_equal_generations_are_one_row():
    shown = retain_real(POPULATION, 1000, same_rows=True)._repr_html_()
    assert shown.count("<tr>") == 3  # the head, generation 1, generations 2 to 1000
    assert "2–1000" in shown


FLAT = Population(Isotropic(5), UniformTarget())
BUILDERS = {
    "weight": lambda t: mix(FLAT, 2, real_rows=5, synthetic_rows=6, synthetic_weight=t),
    "real noise": lambda t: retain_real(FLAT, 2, real_noise=t, same_rows=True),
    "share": lambda t: blend_labels(FLAT, 2, real_share=t),
    "rephrased": lambda t: rephrase(FLAT, 2, synthetic_share=t, extra_noise=t),
    "disturbed": lambda t: inject_noise(FLAT, 2, label=t, input=t),
}


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("transform", [jax.jit, jax.grad, lambda f: lambda x: jax.vmap(f)(jax.numpy.array([x]))])
def test_policies_are_built_inside_transforms(name, transform):
    def total(t):
        made = BUILDERS[name](t)
        return sum((source.noise + source.weight) * t for step in made.generations for source in step.generated)

    assert np.all(np.isfinite(transform(total)(0.4)))


def test_the_noise_of_a_blend_differentiates():
    """d/dp sqrt(p^2 a^2 + (1 - p)^2 b^2) = (p a^2 - (1 - p) b^2) / sqrt(...); at a = 3, b = 4, p = 1/2: -3.5 / 2.5."""

    def deviation(share):
        chain = blend_labels(FLAT, 2, noise=4.0, real_noise=3.0, real_share=share)
        return chain.generations[1].sources[0].noise

    np.testing.assert_allclose(jax.grad(deviation)(0.5), -1.4, rtol=1e-6)


def test_symbols_of_a_blend_stay_symbols():
    a, s = sympy.symbols("a s", positive=True)
    step = Generation((Source(5, s, Blend(((TRUTH, 1 - a), (PREVIOUS, a))), weight=s),), Ridge(s), memory=ACCUMULATE)
    assert Chain(FLAT, (step,)).scaled(2).generations[0].sources[0].labels == step.sources[0].labels
