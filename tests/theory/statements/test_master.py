"""The master theorem in exact fractions: against the form with differences, typed anew, and its identities."""

from fractions import Fraction

import numpy as np
import pytest

from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.statements.master import (
    ALPHA,
    EFFECTIVE,
    RISK,
    RISK_BY_OFFSETS,
    eigenvalue,
    master_theorem,
    offset_product,
)

from ..interpreter import run, value

KAPPA, WIDTH = Fraction(3, 7), Fraction(9)
ROWS = [Fraction(5), Fraction(8), Fraction(3)]
NOISES = [Fraction(1, 2), Fraction(2, 3), Fraction(7, 5)]
SPECTRA = np.array(
    [
        [Fraction(7, 3), Fraction(5, 4), Fraction(2, 3), Fraction(0)],
        [Fraction(7, 3), Fraction(5, 4), Fraction(2, 3), Fraction(0)],
        [Fraction(1, 5), Fraction(3, 4), Fraction(9, 8), Fraction(4, 7)],
        [Fraction(2), Fraction(0), Fraction(1, 3), Fraction(5, 6)],
    ]
)  # of the population, then of the sources
TRUTH = np.array([Fraction(1), Fraction(-3, 4), Fraction(2, 5), Fraction(5, 3)])
OFFSETS = np.array(
    [
        [Fraction(0)] * 4,
        [Fraction(2, 7), Fraction(1, 3), Fraction(-4, 5), Fraction(1, 2)],
        [Fraction(1, 6), Fraction(-1), Fraction(0), Fraction(3, 8)],
    ]
)  # fixed vectors
DIRECTIONS = 4


class Instance:
    """Rational effective weights and ridge; the weights and the penalty are what makes them solutions."""

    def __init__(self, sources, scale=Fraction(1)):
        self.count, self.theorem = sources, master_theorem(sources)
        self.s = SPECTRA[: sources + 1]
        self.rows, self.total = ROWS[:sources], sum(ROWS[:sources]) + 2  # two rows have no weight
        self.a = [Fraction(1, 2), Fraction(2, 3), Fraction(3, 5)][:sources]
        self.mixed = sum(n * a / self.total * s for n, a, s in zip(self.rows, self.a, self.s[1:], strict=True))
        self.resolvent = 1 / (self.mixed + KAPPA)
        inner = [(s * self.resolvent).sum() / self.total for s in self.s[1:]]
        self.alpha = [1 / (1 / a - e) for a, e in zip(self.a, inner, strict=True)]
        self.penalty = KAPPA * (1 - (self.mixed * self.resolvent).sum() / WIDTH)
        assert min(*self.alpha, self.penalty) > 0
        self.vectors = np.array([TRUTH, *(scale * one for one in OFFSETS[:sources])])
        self.known = self._known()
        self.risks = self._risks()

    def _known(self):
        numbers = range(1, self.count + 1)
        known = {x.rows: self.total, x.width: WIDTH, x.penalty: self.penalty, x.kappa: KAPPA, x.s: self.s[0]}
        for k in numbers:
            known |= {x.at(x.rows, k): self.rows[k - 1], x.at(x.noise, k): NOISES[k - 1], eigenvalue(k): self.s[k]}
            known |= {x.at(ALPHA, k): self.alpha[k - 1], x.at(EFFECTIVE, k): self.a[k - 1]}
        for i in range(self.count + 1):
            known |= {offset_product(i, j): self.vectors[i] * self.vectors[j] for j in range(i, self.count + 1)}
        return run(self.theorem.definitions, known, DIRECTIONS)

    def of(self, expression):
        return value(expression, self.known, DIRECTIONS)

    def many(self, expressions):
        return [self.of(one) for one in expressions]

    def coupled(self, drive):
        """The risks r = drive + coupling (a r)."""
        coupling = [self.many(row) for row in self.theorem.coupling]
        matrix = [[int(j == k) - c * self.a[k] for k, c in enumerate(row)] for j, row in enumerate(coupling)]
        return solved(matrix, drive)

    def _risks(self):
        parts = (self.theorem.bias, self.theorem.collapse, self.theorem.variance)
        return self.coupled([sum(each) for each in zip(*(self.many(part.risks) for part in parts), strict=True)])

    @property
    def error(self):
        risks = {x.at(RISK, k): risk for k, risk in enumerate(self.risks, start=1)}
        return value(self.theorem.error.result, self.known | risks, DIRECTIONS)

    @property
    def zeta(self):
        added = self.coupled(self.many(self.theorem.collapse.risks))
        letters = {x.at(RISK_BY_OFFSETS, k): one for k, one in enumerate(added, start=1)}
        return value(self.theorem.zeta.result, self.known | letters, DIRECTIONS)


def solved(matrix, right):
    """Gauss in fractions."""
    rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        rows[i] = [entry / rows[i][i] for entry in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[-1] for row in rows]


def typed_anew(instance, shifted=True):
    """The theorem as printed, with differences: (error, risks)."""
    q, s, n, count = instance.resolvent, instance.s, instance.total, instance.count
    beta = KAPPA**2 / (WIDTH - (instance.mixed**2 * q**2).sum())

    def pairing(b, c):
        return (b * q * c * q).sum() + beta * (b * q**2).sum() * (c * q**2).sum()

    labellers = [TRUTH + (OFFSETS[k] if shifted else 0) for k in range(count)]
    shares = [instance.rows[k] * instance.a[k] / n * s[k + 1] for k in range(count)]
    mean = q * sum(share * w for share, w in zip(shares, labellers, strict=True))

    def drive(b, w):
        return (b * (w - mean) ** 2).sum() + beta * (b * q**2).sum() * (mean**2).sum()

    gain = [instance.rows[k] * instance.a[k] ** 2 / n**2 for k in range(count)]
    matrix = [[int(j == k) - gain[k] * pairing(s[j + 1], s[k + 1]) for k in range(count)] for j in range(count)]
    risks = solved(matrix, [NOISES[j] ** 2 + drive(s[j + 1], labellers[j]) for j in range(count)])
    error = drive(s[0], TRUTH) + sum(gain[k] * pairing(s[0], s[k + 1]) * risks[k] for k in range(count))
    return error, risks


@pytest.fixture(params=[1, 2, 3], ids="K = {}".format, scope="module")
def instance(request):
    return Instance(request.param)


def test_the_form_without_differences_equals_the_printed_one(instance):
    assert (instance.error, instance.risks) == typed_anew(instance)


def test_the_collapse_term_is_the_difference_to_true_labels(instance):
    assert instance.zeta == typed_anew(instance)[0] - typed_anew(instance, shifted=False)[0]


def test_the_collapse_term_is_a_quadratic_in_the_offsets(instance):
    """At 0, 1, 2, 3 times the offsets third differences vanish, and so does the term at 0."""
    at = [Instance(instance.count, scale=Fraction(c)).zeta for c in range(4)]
    assert at[0] == 0
    assert at[3] - 3 * at[2] + 3 * at[1] == 0


def test_the_rows_of_the_coupling_sum_to_the_margins(instance):
    for a, row, margin in zip(instance.a, instance.theorem.coupling, instance.theorem.margins, strict=True):
        assert 1 - a * sum(instance.many(row)) == instance.of(margin) > 0


def test_risks_are_those_of_the_risk_equations(instance):
    known = instance.known | {x.at(RISK, k): risk for k, risk in enumerate(instance.risks, start=1)}
    for equation in (*instance.theorem.risk_equations, *instance.theorem.equations):
        assert value(equation.lhs, known, DIRECTIONS) == value(equation.rhs, known, DIRECTIONS)


def test_the_risk_of_real_rows_is_noise_and_error(instance):
    """Source 1 has the population's covariance and the truth's labels."""
    assert instance.risks[0] - NOISES[0] ** 2 == instance.error


def test_shares_of_the_mean_model_and_what_is_lost_sum_to_one(instance):
    total = sum(instance.many(instance.theorem.shares)) + instance.of(x.p)
    assert total.tolist() == [1] * DIRECTIONS


def test_the_margin_of_one_source_is_that_of_the_projection_rule():
    """1 - df_2/n without a projection: here with all terms of the width, 1 - D_2/n."""
    one = Instance(1)
    q = one.mixed * one.resolvent
    spilled = (q - q**2).sum() / (WIDTH - (q**2).sum())
    freedom = (q**2).sum() + spilled * (q - q**2).sum()
    # Of the n rows of the objective, 1/n, only n_1 have a weight.
    assert one.of(one.theorem.margins[0]) == 1 - freedom / one.rows[0]


def test_the_statements_are_complete():
    theorem = master_theorem(2)
    assert theorem is master_theorem(2)
    assert theorem.error.kind is theorem.zeta.kind is Kind.EQUIVALENT
    assert "2410.04840" in str(theorem.error.source)
    unknown = {x.at(letter, k) for letter in (x.rows, x.noise, ALPHA, EFFECTIVE) for k in (1, 2)}
    unknown |= {x.rows, x.width, x.penalty, x.kappa, *map(eigenvalue, range(3))}
    unknown |= {offset_product(i, j) for i in range(3) for j in range(3)}
    for statement, letter in ((theorem.error, RISK), (theorem.zeta, RISK_BY_OFFSETS)):
        allowed = unknown | {x.at(letter, k) for k in (1, 2)}
        assert statement.expanded().free_symbols <= allowed
        assert r"M_{1,2} q_{1} q_{2}" in statement.latex()
