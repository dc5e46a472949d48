"""Maps of remedies, and their boundaries: closed forms against predicted errors from both sides, to 1e-6."""

import itertools

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.remedies import (
    AccumulateRows,
    AspectRatio,
    Budget,
    BudgetFactor,
    Funds,
    Mix,
    Noise,
    OnlyReal,
    Prices,
    RealShare,
    Replace,
    StartingError,
    VerifierError,
    VerifyShare,
    crossing,
    remedy_map,
)
from modelcollapse.theory.remedies.boundaries import closed_between, number, raw_second_moment
from modelcollapse.theory.remedies.crossing import least_error
from modelcollapse.theory.remedies.situation import Situation, squared_error
from modelcollapse.theory.rules.selection import KEPT, RAW
from modelcollapse.theory.statements.remedies import FRESH_SHARE, LARGEST_ASPECT_RATIO, NOISIEST_SYNTHETIC_ROWS
from modelcollapse.theory.statements.verification import LARGEST_DISAGREEMENT

HUGE = 10**12
MANY = 5 * 10**8
ONE, OTHER = mc.Coefficients([1.0, 0.0, 0.0]), mc.Coefficients([0.0, 1.0, 0.0])
SMALL = mc.Population(mc.Isotropic(3), mc.UniformTarget())
LARGER = mc.Population(mc.Isotropic(20), mc.UniformTarget())

# Situation, axis, and the two remedies between which a statement has its line; one for each closed boundary.
LINES = {
    "one verified round": (
        Situation(SMALL, Budget(0, HUGE, HUGE), 1, noise=1.1, verifier=OTHER, initial=mc.Coefficients([0.6, 0.0, 0.0])),
        VerifierError((0.05, 8.0)),
        VerifyShare(0.4),
        Replace(),
    ),
    "verified for ever, against a store": (
        Situation(LARGER, Budget(0, 150, 150), 2, noise=1.1, verifier=mc.UniformTarget(), endless=True),
        VerifierError((0.001, 3.0)),
        VerifyShare(0.5),
        AccumulateRows(),
    ),
    "verified for ever, against real rows": (
        Situation(LARGER, Budget(40, 150, 150), 2, noise=1.1, verifier=mc.UniformTarget(), endless=True),
        VerifierError((0.001, 3.0)),
        VerifyShare(0.5),
        OnlyReal(),
    ),
    "noisy synthetic rows": (
        Situation(LARGER, Budget(40, 70, 0), 2, noise=0.5, real_noise=0.5, endless=True),
        Noise((0.1, 4.0)),
        Mix(every_row=True),
        OnlyReal(),
    ),
    "real rows or a store": (
        Situation(SMALL, Budget(MANY, MANY, 0), 2, noise=0.5, endless=True),
        RealShare((0.1, 0.6)),
        Mix(every_row=True),
        AccumulateRows(),
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_closed_boundaries_are_where_predicted_errors_cross(name):
    situation, axis, first, second = LINES[name]
    low, high = crossing(situation, axis, first, second)
    boundary = next(one for one, *_ in closed_between((first, second)) if not np.isnan(_excess(one, *LINES[name])))
    inside, outside = (boundary.excess(axis.at(situation, end), first, second) for end in axis.values)
    assert inside * outside < 0
    for value, side in ((low * (1 - 1e-6), inside), (high * (1 + 1e-6), outside)):
        here = axis.at(situation, value)
        assert boundary.excess(here, first, second) * side > 0  # the statement, a millionth to either side
        errors = [least_error(one, here) for one in (first, second)]
        assert (errors[0] < errors[1]) is (side > 0)


def _excess(boundary, situation, axis, first, second):
    return boundary.excess(axis.at(situation, axis.values[0]), first, second)


def test_synthetic_rows_of_equal_noise_always_pay_beside_fresh_real_ones():
    """The statement's ratio exceeds 1 for all sizes, and tends to 2."""
    for rank, real, synthetic in itertools.product((1, 5, 40), (2, 10, 300), (1, 20, 1000)):
        sizes = {x.rank: float(rank), x.rows: float(rank + real + synthetic), x.new_rows: float(synthetic)}
        assert number(NOISIEST_SYNTHETIC_ROWS, sizes) > 1
    sizes = {x.rank: 3.0, x.rows: 9e7, x.new_rows: 4e7}
    assert number(NOISIEST_SYNTHETIC_ROWS, sizes) == pytest.approx(2.0, abs=1e-6)


def test_what_has_no_boundary():
    """Accumulation is never worse than replacement; the same real rows are never helped by synthetic ones."""
    for rows, noise in itertools.product((30, 900), (0.2, 2.0)):
        for generations in (2, 5):
            errors = [
                mc.predict(policy(LARGER, generations, rows, noise, mc.MinimumNorm())).error[-1]
                for policy in (mc.accumulate, mc.replace)
            ]
            assert errors[0] < errors[1]
        for real in (24, rows):  # against the same equivalent of the real rows alone, whose exact error has 21 for 20
            kept = mc.retain_real(LARGER, 5, 2 * rows, noise, mc.MinimumNorm(), share=real / 2 / rows, same_rows=True)
            assert (mc.predict(kept).error[1:] > noise**2 * 20 / (real - 20)).all()


def test_the_largest_ratio_ends_where_the_steady_error_does():
    """2/3 for hardly any real rows, and the figures of the specification."""
    values = [number(LARGEST_ASPECT_RATIO, {FRESH_SHARE: share}) for share in (1e-9, 0.2, 0.3)]
    assert values == pytest.approx([2 / 3, 0.692, 0.708], abs=5e-4)


def test_fewer_rows_are_no_loss_below_the_largest_disagreement():
    """The variance of many rows on one direction: what a finite number adds to the error of endless ones."""
    population, rows, share, noise = mc.Population(mc.Isotropic(1), mc.UniformTarget()), 10**7, 0.6, 0.7
    raw = raw_second_moment(share)
    limit = number(LARGEST_DISAGREEMENT, {KEPT: share, RAW: raw})

    def loss(disagreement):
        verifier = mc.Coefficients([0.0])
        start = mc.Coefficients([(disagreement * noise**2) ** 0.5])

        def variance(judged):
            found = []
            for count in (rows, 10**15):
                plain = mc.replace(population, 1, count, noise, mc.MinimumNorm())
                chain = mc.Chain(population, plain.generations, start)
                found.append(mc.predict(mc.verify(chain, mc.TopShare(verifier, share)) if judged else chain).error[0])
            return found[0] - found[1]

        return variance(True) - variance(False)

    assert loss(limit * (1 - 1e-3)) < 0 < loss(limit * (1 + 1e-3))


def test_a_map_tells_winners_gaps_and_lines():
    axes = {"x": StartingError((0.1, 0.5, 1.2)), "y": VerifierError((0.05, 0.4, 3.0))}
    found = remedy_map(
        SMALL, Budget(0, HUGE, HUGE), 1, [Replace(), VerifyShare(0.3)], **axes, noise=1.0, verifier=OTHER, initial=ONE
    )
    assert found.winner.tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 0]]
    assert (found.at(0, 0), found.at(0, 2)) == ("verify, 0.3 kept", "replace")
    assert sum(found.wins.values()) == pytest.approx(1.0)
    assert (found.gap >= 0).all()
    [line] = found.curves
    assert list(line.x) == [0.1, 0.5, 1.2]
    for start, worst in zip(line.x, line.y, strict=True):
        situation = axes["x"].at(found.situation, start)
        low, high = crossing(situation, VerifierError((0.01, 9.0)), VerifyShare(0.3), Replace())
        assert low == pytest.approx(worst, rel=1e-6)
        assert high == pytest.approx(worst, rel=1e-6)


def test_steep_lines_are_found_from_row_to_row():
    found = remedy_map(
        LARGER,
        Budget(100, 100),
        2,
        [Mix(every_row=True), OnlyReal()],
        x=Noise((0.3, 0.6, 1.0)),
        y=BudgetFactor((1.0, 2.0, 4.0)),
        noise=0.5,
        real_noise=0.5,
        endless=True,
    )
    [line] = found.curves
    assert list(line.y) == [1.0, 2.0, 4.0]
    assert ((line.x > 0.6) & (line.x < 1.0)).all()


def test_lines_of_many_rows_are_drawn_where_the_errors_cross():
    """With few rows least squares has nothing to spare for a verifier, whatever the limit says."""
    given = {"noise": 1.0, "verifier": OTHER, "initial": ONE}
    axes = {"x": StartingError((0.3, 0.6, 1.2)), "y": VerifierError((0.05, 0.4, 3.0))}
    few = remedy_map(SMALL, Budget(0, 12, 12), 1, [Replace(), VerifyShare(0.3)], **axes, **given)
    many = remedy_map(SMALL, Budget(0, HUGE, HUGE), 1, [Replace(), VerifyShare(0.3)], **axes, **given)
    assert (few.winner == few.titles.index("replace")).all()
    assert few.curves == ()
    assert len(many.curves) == 1


def test_maps_of_funds_have_no_lines_of_rows():
    remedies = [Mix(every_row=True), OnlyReal(), VerifyShare(0.5), AccumulateRows()]
    found = remedy_map(
        SMALL,
        Funds(400.0, Prices()),
        2,
        remedies,
        x=Noise((0.1, 2.0)),
        y=BudgetFactor((1.0, 2.0)),
        noise=0.5,
        verifier=mc.UniformTarget(),
        endless=True,
    )
    assert found.curves == ()
    assert np.isfinite(found.errors).any()


def test_a_map_tells_why_a_remedy_has_no_number_and_how_far_it_came():
    axes = {"x": Noise((0.3, 0.6)), "y": BudgetFactor((1.0, 2.0))}
    told = []

    def report(done, total):
        told.append((done, total))
        if len(told) == 9:
            raise KeyboardInterrupt

    given = {"noise": 0.5, "verifier": OTHER, "progress": report}
    whole = remedy_map(SMALL, Budget(0, 60), 2, [Replace(), VerifyShare(0.5)], **axes, **given)
    assert told == [(done, 4) for done in range(5)]
    assert whole.refused == {"verify, 0.5 kept": "needed: the budget has verifier calls"}
    assert "verify, 0.5 kept: needed:" in str(whole)
    assert not whole.interrupted
    part = remedy_map(SMALL, Budget(0, 60), 2, [Replace(), VerifyShare(0.5)], **axes, **given)
    assert part.interrupted
    assert part.curves == ()
    assert np.isnan(part.errors).sum(axis=(1, 2)).tolist() == [1, 1]
    assert "interrupted: 1 points are missing" in str(part)
    np.testing.assert_array_equal(part.errors[0].T.ravel()[:3], whole.errors[0].T.ravel()[:3])
    assert part.winner.T.ravel().tolist() == [0, 0, 0, -1]


def test_all_packaged_remedies_compete_unless_some_are_named():
    axes = {"x": Noise((0.3, 0.6)), "y": BudgetFactor((1.0, 2.0))}
    found = remedy_map(mc.Population(mc.Isotropic(1), mc.UniformTarget()), Budget(9, 20), 1, **axes, noise=0.5)
    assert {"replace", "real rows only, one penalty", "the same real rows for ever"} <= set(found.titles)
    assert not any("verif" in title for title in found.titles)
    assert {"noise", "budget_factor"} < set(found.labelled().axes)


def test_points_without_any_remedy():
    found = remedy_map(
        LARGER,
        Budget(0, 100, 100),
        2,
        [VerifyShare(0.1)],
        x=BudgetFactor((1.0, 8.0)),
        y=Noise((0.3, 0.6)),
        noise=0.5,
        verifier=mc.UniformTarget(0.1),
    )
    assert found.winner.tolist() == [[-1, 0], [-1, 0]]
    assert (found.at(0, 0), found.at(1, 0)) == ("", "verify, 0.1 kept")


def test_axes_change_what_they_name():
    situation = Situation(
        LARGER, Budget(30, 90, 90), 2, 0.5, verifier=mc.UniformTarget(0.3), initial=mc.UniformTarget()
    )
    assert AspectRatio((0.1, 0.2)).at(situation, 0.1).budget == Budget(50, 150, 150)
    assert RealShare((0.1, 0.2)).at(situation, 0.5).budget == Budget(60, 60, 90)
    assert BudgetFactor((1.0, 2.0)).at(situation, 2.0).budget == Budget(60, 180, 180)
    assert Noise((0.1, 0.2)).at(situation, 0.7).noise == 0.7
    again = VerifierError((0.1, 0.2)).at(VerifierError((0.1, 0.2)).at(situation, 0.7), 0.2)
    assert squared_error(again.verifier, LARGER) == pytest.approx(0.2)
    assert squared_error(StartingError((0.1, 0.2)).at(situation, 0.4).initial, LARGER) == pytest.approx(0.4)
    funds = situation.with_(budget=Funds(10.0, Prices()))
    assert BudgetFactor((1.0, 2.0)).at(funds, 3.0).budget.amount == 30.0
    with pytest.raises(mc.SpecificationError, match="a Budget, for an axis of rows"):
        AspectRatio((0.1, 0.2)).at(funds, 0.1)


@pytest.mark.parametrize("values", [(0.1,), (0.2, 0.1), (-0.1, 0.1), "ab", 0.1, (0.1, 0.1)])
def test_impossible_axes_are_refused(values):
    with pytest.raises(mc.SpecificationError, match="values"):
        Noise(values)


def test_impossible_maps_are_refused():
    given = {"population": LARGER, "budget": Budget(0, 100), "generations": 2, "remedies": [Replace()], "noise": 0.5}
    noises = Noise((0.1, 0.2))
    with pytest.raises(mc.SpecificationError, match="another axis than x"):
        remedy_map(**given, x=noises, y=noises)
    with pytest.raises(mc.SpecificationError, match="an axis that does not set the rows"):
        remedy_map(**given, x=AspectRatio((0.1, 0.2)), y=BudgetFactor((1.0, 2.0)))
    with pytest.raises(mc.SpecificationError, match="an Axis"):
        remedy_map(**given, x=noises, y=(0.1, 0.2))
    with pytest.raises(mc.SpecificationError, match="whose direction the axis keeps"):
        remedy_map(**given, x=noises, y=VerifierError((0.1, 0.2)))
    with pytest.raises(mc.NoTheorem, match=r"a finite error at 0\.1"):
        crossing(Situation(LARGER, Budget(0, 40), 2, 0.5), noises, OnlyReal(), Mix())
    with pytest.raises(mc.SpecificationError, match="axis"):
        crossing(Situation(LARGER, Budget(0, 40), 2, 0.5), "x", OnlyReal(), Mix())
    with pytest.raises(mc.SpecificationError, match="remedies"):
        crossing(Situation(LARGER, Budget(0, 40), 2, 0.5), noises, OnlyReal(), "mix")
    with pytest.raises(mc.NoTheorem, match="different remedies win"):
        crossing(Situation(LARGER, Budget(0, 100), 2, 0.5), noises, AccumulateRows(), Replace())


def test_what_a_share_keeps():
    """The figures of the specification."""
    found = [raw_second_moment(share) for share in (0.125, 0.3, 0.5, 0.7, 0.9)]
    assert found == pytest.approx([0.0082, 0.0485, 0.1427, 0.310, 0.623], abs=5e-4)
