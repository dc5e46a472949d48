"""Policies refuse bad values by the name of their own argument, given once or for one generation of several."""

import jax
import pytest

from modelcollapse.theory.problem import (
    SpecificationError,
    accumulate,
    accumulate_subsample,
    blend_labels,
    inject_noise,
    mix,
    regenerate_covariates,
    rephrase,
    retain_real,
)

from .bad_values import (
    POPULATION,
    complaint,
    not_concrete_sizes,
    not_flags,
    not_nonnegative,
    not_objects,
    not_positive,
    not_shares,
    not_sizes,
    picture,
    without,
)


def optional(values):
    return lambda: without(values(), None)


def perhaps_none():
    return not_sizes(least=0)


COMMON = {"rows": not_sizes, "noise": not_nonnegative, "estimator": not_objects}
SIMPLE = {
    "generations": lambda: [*not_concrete_sizes(), 10**12],
    "population": lambda: without(not_objects(), POPULATION),
}
REAL_NOISE = {"real_noise": optional(not_nonnegative)}
FITTED = {"rescale": not_positive, "shrink": not_shares, "rank": optional(not_concrete_sizes)}

# policy: (arguments that it needs, arguments that may differ between generations, arguments that may not)
POLICIES = {
    accumulate: ({}, COMMON, {"same_rows": not_flags}),
    accumulate_subsample: ({}, COMMON, {}),
    retain_real: (
        {},
        {**COMMON, **REAL_NOISE, "share": not_shares},
        {"same_rows": not_flags, "start_full": lambda: [*not_flags(), True]},
    ),
    mix: (
        {"real_rows": 4, "synthetic_rows": 5},
        {
            "real_rows": perhaps_none,
            "synthetic_rows": perhaps_none,
            "noise": not_nonnegative,
            "estimator": not_objects,
            "synthetic_weight": not_positive,
            **REAL_NOISE,
        },
        {},
    ),
    blend_labels: ({}, {**COMMON, **REAL_NOISE, "real_share": not_shares}, {"same_rows": not_flags}),
    rephrase: (
        {"synthetic_share": 0.5},
        {**COMMON, "synthetic_share": not_shares, "extra_noise": not_nonnegative},
        {},
    ),
    inject_noise: ({}, {**COMMON, "label": not_nonnegative, "input": not_nonnegative}, {}),
    regenerate_covariates: ({}, {**COMMON, "real_share": not_shares, **FITTED}, {}),
}
CASES = [
    (policy, field, values, once)
    for policy, (_, varying, fixed) in POLICIES.items()
    for once, arguments in ((True, {**varying, **fixed, **SIMPLE}), (False, varying))
    for field, values in arguments.items()
]


def call(policy, field, once):
    """The policy with a value for one argument: for all generations, or for the second of two."""
    needed, _, _ = POLICIES[policy]
    usual = {"population": POPULATION, "generations": 2, **needed}
    good = {"rows": 5, "noise": 0.1, "estimator": retain_real(POPULATION, 1).generations[0].estimator}
    good |= {"real_rows": 4, "synthetic_rows": 5, "rank": None}
    return lambda value: policy(**{**usual, field: value if once else [good.get(field, 0.5), value]})


@pytest.mark.parametrize(
    ("policy", "field", "values", "once"), CASES, ids=lambda part: getattr(part, "__name__", str(part))
)
def test_bad_values_are_refused_by_name(policy, field, values, once):
    complaints = [(picture(value), complaint(call(policy, field, once), field, value)) for value in values()]
    assert [entry for entry in complaints if entry[1]] == []


@pytest.mark.parametrize(("field", "bad"), [("share", not_shares), ("real_noise", optional(not_nonnegative))])
@pytest.mark.parametrize("full", [False, True])
def test_kept_rows_check_their_values(field, bad, full):
    def retain(value):
        return retain_real(POPULATION, 2, rows=5, **{"share": 0.5, field: value}, same_rows=True, start_full=full)

    complaints = [(picture(value), complaint(retain, field, value)) for value in bad()]
    assert [entry for entry in complaints if entry[1]] == []


@pytest.mark.parametrize("length", [0, 1, 3])
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_sequences_of_another_length_are_refused(policy, length):
    needed, varying, _ = POLICIES[policy]
    for field in varying:
        with pytest.raises(SpecificationError, match="one per generation") as caught:
            policy(POPULATION, 2, **{**needed, field: [0.5] * length})
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("policy", "field"), [(retain_real, "share"), (regenerate_covariates, "real_share")], ids=["retain", "regenerate"]
)
def test_shares_that_count_rows_are_never_traced(policy, field):
    with pytest.raises(SpecificationError, match="cannot be traced") as caught:
        jax.grad(lambda share: (policy(POPULATION, 2, **{field: share}), share)[1])(0.5)
    assert caught.value.field == field


def test_the_table_is_large():
    cases = {(p.__name__, field, once, picture(value)) for p, field, values, once in CASES for value in values()}
    assert len(cases) >= 5000
