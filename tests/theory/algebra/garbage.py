"""Values that mean nothing where a number, a letter or an expression is asked for."""

import numpy as np
import sympy
from hypothesis import strategies as st

NO_NUMBERS = [
    None,
    True,
    False,
    np.bool_(True),
    1j,
    0.5 + 2j,
    float("nan"),
    float("inf"),
    -float("inf"),
    np.float64("nan"),
    "",
    "  ",
    b"lambda",
    object(),
    [],
    [1.0],
    (1, 2),
    {"lambda": 1},
    {1},
    np.ones(3),
    np.ones((2, 2)),
    np.array(None),
    sympy.I,
    sympy.oo,
    sympy.nan,
    sympy.zoo,
    sympy.pi,
    sympy.sqrt(2),
    sympy.Symbol("x") ** 0.5,
    sympy.sin(sympy.Symbol("x")),
    sympy.true,
    sympy.Eq(sympy.Symbol("x"), 1),
    int,
    len,
]
GARBAGE = st.one_of(
    st.sampled_from(NO_NUMBERS),
    st.complex_numbers(min_magnitude=0.1).filter(lambda z: z.imag),
    st.binary(),
    st.lists(st.integers(), max_size=3),
    st.builds(object),
)
