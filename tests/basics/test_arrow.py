"""Arrays over a common x."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wandb_plot.basics.arrow import spread, union
from wandb_plot.model.history import FloatArray

X = arrays.arrays(np.float64, st.integers(0, 6), elements=st.integers(0, 9).map(float))


@given(st.lists(X, max_size=3), X)
def test_spread_keeps_every_value_at_its_x(others: list[FloatArray], x: FloatArray) -> None:
    """There is a null where it has none; of two at one x, the later counts."""
    onto = union([*others, x])
    assert onto.tolist() == sorted({*x.tolist(), *(one for other in others for one in other.tolist())})
    by_x = dict(zip(x.tolist(), range(len(x)), strict=True))
    found = spread(x, np.arange(float(len(x))), onto)
    assert found.to_pylist() == [by_x.get(at) for at in onto.tolist()]
