"""Formulas by generations where letters, metrics and noises are unusual: against the fixed point of the whole."""

import numpy as np
import pytest
import sympy

import modelcollapse as mc
from modelcollapse.theory import Model, derive, ridge, risk
from modelcollapse.theory.evaluation.fixed_point.precision import reliable
from modelcollapse.theory.evaluation.formulas import GenerationsFormula
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.problem.errors import SpecificationError

DIMENSION = 9
K = np.arange(1, DIMENSION + 1)
SPECTRAL = {
    "s": 2.0 / K,
    "s_2": np.linspace(0.4, 1.3, DIMENSION),
    "c": np.linspace(1.6, 0.3, DIMENSION),
    "u": np.linspace(0.2, 0.9, DIMENSION) ** 2,
    "theta": np.linspace(0.3, 0.1, DIMENSION),
    "theta_1": np.linspace(0.05, 0.15, DIMENSION),
}
SCALARS = {"T": 12, "d": DIMENSION, "n": 7, "lambda": 0.07, "sigma": 0.35, "sigma_2": 0.2, "kappa": 0.07, "q": 0.35}
SCALARS |= {"D_T": 0.35, "Q_1": 0.35, "B_4": 0.35, "kappa_1": 0.07, "P_2": 0.35, "a": 1.7, "U_1": 0.35}


def chain(generations=4, rows="T", penalty="lambda", noise="sigma", model=None, offset=None, more=None):
    m = model or Model()
    w = m.truth
    off = None if offset is None else m.offset(offset, "theta_1")
    for g in range(generations):
        X = m.design(f"X_{g}", rows)
        said = w if off is None else w + off
        if more == "noise on the model":
            said = m.noise("sigma_2") + said
        w = ridge(X, X @ said + m.noise(noise), penalty)
        if more == "noise after the fit":
            w = w + m.noise("sigma_2")
    return w


def averaged():
    """Two fits to the truth, averaged, then a chain."""
    m = Model()
    rows = m.design("A", "T"), m.design("B", "n")
    first, second = (ridge(X, X @ m.truth + m.noise("sigma"), "lambda") for X in rows)
    w = 0.5 * first + 0.5 * second
    for g in range(3):
        X = m.design(f"X_{g}", "T")
        w = ridge(X, X @ w + m.noise("sigma"), "lambda")
    return w


UNUSUAL = {
    "as many rows as dimensions, by letter": lambda: risk(chain(rows="d")),
    "a metric that no design has": lambda: risk(chain(), Model().spectrum("c")),
    "a metric that no design has, three generations": lambda: risk(chain(3), Model().spectrum("Sigma_2")),
    "a direction for a metric": lambda: risk(chain(), Model().direction("u")),
    "another name of the covariance": lambda: risk(chain(model=Model("d", "c")), Model("d", "c").metric),
    "noise on the model": lambda: risk(chain(more="noise on the model")),
    "noise after the fit": lambda: risk(chain(more="noise after the fit")),
    "an average of two, and a chain": lambda: risk(averaged()),
    "an offset called xi": lambda: risk(chain(offset="xi")),
    "a penalty called kappa": lambda: risk(chain(penalty="kappa")),
}
NAMED = {
    "a penalty called kappa_1": lambda: risk(chain(penalty="kappa_1")),
    "a noise called D_T": lambda: risk(chain(noise="D_T")),
    "a noise called q": lambda: risk(chain(noise="q")),
    "a noise called Q_1": lambda: risk(chain(noise="Q_1")),
    "a noise called B_4": lambda: risk(chain(noise="B_4")),
}


def numbers_for(derived):
    return {letter: {**SCALARS, **SPECTRAL}[letter] for letter in derived.letters}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_changes_no_number(name):
    derived = derive(UNUSUAL[name]())
    assert isinstance(derived.formula, GenerationsFormula)
    numbers = numbers_for(derived)
    whole = reliable(derived.program, derived.setting(numbers)).targets
    found = derived(**numbers)
    assert found == pytest.approx({part: float(whole[part]) for part in found}, rel=1e-10)
    with mc.precise():
        total = derived.compile()(**numbers)
    assert float(total) == pytest.approx(sum(found.values()), rel=1e-10)


@pytest.mark.parametrize("name", [*UNUSUAL, *NAMED])
def test_every_symbol_in_print_has_one_meaning(name):
    """What is defined is defined once, is no letter of the user's, and every symbol is one or the other."""
    derived = derive({**UNUSUAL, **NAMED}[name]())
    given = set(derived.letters)
    defined = [symbol for symbol, _ in derived.definitions if symbol.name not in given]
    names = [symbol.name for symbol in defined]
    assert len(set(names)) == len(names)
    sizes = {size for block in derived.formula.blocks for size, _ in block.margins}
    unknown = {symbol.name for block in derived.formula.blocks for symbol in block.ridges}
    unknown |= {margin.name for block in derived.formula.blocks for _, margin in block.margins}
    assert not unknown & given
    assert {size.name for size in sizes} <= given
    used = set().union(*(body.free_symbols for _, body in derived.definitions))
    used = used.union(*(part.free_symbols for part in derived.parts.values()))
    assert {symbol.name for symbol in used} <= given | set(names) | unknown
    spectral = {letter for letter in given if letter in SPECTRAL}
    assert all(isinstance(symbol, x.Spectral) == (symbol.name in spectral) for symbol in used if symbol.name in given)


def test_a_metric_of_its_own_stays_inside_the_traces():
    """Weights are relative to c: B_{g-1} c = q^2 B_g c + s p^2 ... with c in every trace of B."""
    derived = derive(risk(chain(), Model().spectrum("c")))
    (step,) = (step for step in derived.steps if step.rule == "weight of the model before a fit")
    ((_, right),) = step.after
    c, after = x.spectral("c"), x.at(x.weight, "g")
    traces = [trace for trace in right.atoms(sympy.Function) if trace.has(after)]
    assert traces
    assert all(trace.has(c) for trace in traces)


@pytest.mark.parametrize("letter", ["s", "theta"])
def test_a_number_is_no_eigenvalue_in_a_later_generation(letter):
    m = Model()
    w = m.truth
    for g in range(4):
        X = m.design(f"X_{g}", "T")
        w = ridge(X, X @ w + m.noise("sigma"), letter if g == 2 else "lambda")
    with pytest.raises(SpecificationError, match="one meaning"):
        derive(risk(w))


def test_tau_is_taken():
    for refused in (
        lambda: Model("d", "tau").metric,
        lambda: Model().spectrum("tau"),
        lambda: Model().direction("tau"),
        lambda: Model().offset("delta", "tau"),
    ):
        with pytest.raises(SpecificationError, match="tau stands for s theta"):
            refused()


@pytest.mark.parametrize("name", ["e_1", "delta one", ""])
def test_names_of_offsets_are_words_that_noises_do_not_have(name):
    with pytest.raises(SpecificationError):
        Model().offset(name, "theta_1")


def test_impossible_penalties_are_named_whatever_they_are_called():
    for penalty in ("lambda", "kappa"):
        derived = derive(risk(chain(penalty=penalty)))
        with pytest.raises(SpecificationError, match=penalty):
            derived(**{**numbers_for(derived), penalty: -0.1})
