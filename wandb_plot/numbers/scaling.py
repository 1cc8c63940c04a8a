"""Powers of two that keep sums of the greatest floats within float64; they scale without rounding."""

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray

Exponents = npt.NDArray[np.int32]

# Sums of 2^100 values below 2 to this stay within float64.
SAFE_EXPONENT = 900


def exponents(values: FloatArray, axis: int | None = None) -> Exponents:
    """The least power of two above all magnitudes along `axis`; NaN counts for nothing."""
    found: Exponents = np.frexp(np.fmax.reduce(np.abs(values), axis=axis, initial=0.0))[1]
    return np.asarray(found)


def scaled(values: FloatArray, axis: int | None = None) -> tuple[FloatArray, Exponents]:
    """`values` brought down by a power of two where their sum along `axis` could overflow, and its exponent."""
    excess = np.maximum(exponents(values, axis) - SAFE_EXPONENT, 0)
    return (np.ldexp(values, -excess) if excess.any() else values), excess


def unscaled(values: FloatArray, excess: Exponents) -> FloatArray:
    """The opposite of `scaled`; what lies beyond float64 becomes its greatest number."""
    if not excess.any():
        return values
    with np.errstate(over="ignore"):
        unbounded = np.ldexp(values, excess)
    largest = np.finfo(np.float64).max
    return np.clip(unbounded, -largest, largest)
