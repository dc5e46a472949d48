"""Formulas against the raw program in exact fractions, at random values of the generators."""

import pytest

from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.reduction import reduced

from . import programs
from .witness import Witness


@pytest.mark.parametrize("name", programs.CERTIFIED)
def test_every_result_is_that_of_the_raw_program(name):
    witness = Witness(programs.derived(name), programs.reduction(name), seed=len(name))
    witness.check_nonlinear_equations()
    results = programs.reduction(name).results
    assert {target: witness.exact(results[target]) for target in results} == witness.targets()


def test_results_are_those_of_the_raw_program_where_rows_are_used_again():
    program = dyson(pencil(programs.accumulation(2).parts[1:]))  # the noises: the noise-free error takes seconds
    made = reduced(program)
    witness = Witness(program, made, seed=0)
    witness.check_nonlinear_equations()
    assert {target: witness.exact(value) for target, value in made.results.items()} == witness.targets()
    assert len(made.relations) == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_formula_is_caught(seed):
    made = programs.reduction("projection")
    witness = Witness(programs.derived("projection"), made, seed)
    margin = made.blocks[0].margins[0][1]
    assert witness.exact(made.results["e_1"].subs(margin, 2 * margin)) != witness.targets()["e_1"]
