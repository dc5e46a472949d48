"""Budgets feed at least one generation, funds buy whole rows, and what is used is counted once."""

import pytest

import modelcollapse as mc
from modelcollapse.theory.remedies import Budget, Count, Expense, Funds, Magnitude, Needs, Prices, Share
from modelcollapse.theory.remedies.budget import expense_of

POPULATION = mc.Population(mc.Isotropic(4), mc.UniformTarget())
BOTH, JUDGED = Needs(real=True), Needs(verifier=True)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Budget(), "synthetic_rows"),
        (lambda: Budget(real_rows=-1, synthetic_rows=5), "real_rows"),
        (lambda: Budget(synthetic_rows=2.5), "synthetic_rows"),
        (lambda: Budget(synthetic_rows=5, verifier_calls=-1), "verifier_calls"),
        (lambda: Budget(synthetic_rows=5, prices=3.0), "prices"),
        (lambda: Budget(synthetic_rows=5).scaled(0.0), "factor"),
        (lambda: Budget(synthetic_rows=5).scaled(0.01), "synthetic_rows"),
        (lambda: Prices(real_row=-1.0), "real_row"),
        (lambda: Funds(0.5, Prices()), "amount"),
        (lambda: Funds(-1.0, Prices()), "amount"),
        (lambda: Funds(5.0, Prices(synthetic_row=0.0)), "synthetic_row"),
        (lambda: Share("share", 0.5, 0.5), "high"),
        (lambda: Magnitude("penalty", 0.0, 1.0), "low"),
        (lambda: Count("rows", 3, 2), "high"),
    ],
)
def test_impossible_values_are_named(make, field):
    with pytest.raises(mc.SpecificationError) as refusal:
        make()
    assert refusal.value.field == field
    assert refusal.value.allowed


def test_rows_that_are_kept_or_stored_are_paid_once():
    kept = mc.retain_real(POPULATION, 3, rows=40, share=0.25, same_rows=True, estimator=mc.MinimumNorm())
    assert expense_of(kept) == Expense(10, 60, 0)  # the first generation sees the real rows alone
    assert expense_of(mc.accumulate(POPULATION, 3, rows=40)) == Expense(0, 120, 0)


def test_a_call_for_every_row_that_is_judged_and_for_every_try():
    window = mc.ResidualWindow(mc.UniformTarget(), -1.0, 1.0)
    mixed = mc.mix(POPULATION, 2, real_rows=10, synthetic_rows=30)
    assert expense_of(mc.verify(mixed, window)) == Expense(20, 60, 60)
    assert expense_of(mc.verify(mixed, mc.Resample(window, tries=3))).verifier_calls == 180


def test_funds_buy_whole_rows_and_the_calls_that_go_with_them():
    funds = Funds(100.0, Prices(real_row=7.0, synthetic_row=2.0, verifier_call=1.0))
    assert [one.name for one in funds.choices(BOTH)] == ["real rows"]
    assert funds.choices(JUDGED) == ()
    assert funds.provided(BOTH, (7.0,)) == Budget(7, 25, 0, funds.prices)
    assert funds.provided(JUDGED, ()) == Budget(0, 33, 33, funds.prices)
    assert funds.provided(Needs(real=True, synthetic=False), ()) == Budget(14, 0, 0, funds.prices)
    assert funds.scaled(2.0).amount == 200.0
    with pytest.raises(mc.NoTheorem, match="buy a row"):
        Funds(2.0, Prices(7.0, 2.0, 1.0)).provided(JUDGED, ())


def test_a_row_that_is_paid_is_bought():
    """.7/.1 is 6.999... in floating point."""
    assert Funds(0.7, Prices(0.1, 0.1, 0.1)).provided(Needs(), ()).synthetic_rows == 7
    assert Funds(0.69, Prices(0.1, 0.1, 0.1)).provided(Needs(), ()).synthetic_rows == 6
    assert Funds(12345.7, Prices(0.1, 0.1, 0.1)).provided(BOTH, (123454.0,)).synthetic_rows == 3


def test_both_kinds_are_bought_where_both_are_needed():
    """From one real row to as many as leave a synthetic one, with its call."""
    funds = Funds(30.0, Prices(real_row=10.0, synthetic_row=4.0, verifier_call=7.0))
    [real] = funds.choices(BOTH)
    assert (real.low, real.high) == (1, 2)
    judged = Needs(real=True, verifier=True)
    assert funds.choices(judged) == ()  # one real row, one judged one
    assert funds.provided(judged, ()) == Budget(1, 1, 1, funds.prices)
    assert Funds(13.0, funds.prices).provided(BOTH, ()).real_rows == 0  # and the remedy says what it lacks


def test_parameters_reach_both_ends():
    for parameter in (Share("a", 0.1, 0.7), Magnitude("b", 1e-7, 1e3), Count("c", 2, 90)):
        assert (parameter.at(0.0), parameter.at(1.0)) == (parameter.low, parameter.high)
        assert parameter.low < parameter.at(0.5) < parameter.high
