"""Vectors as they are stored, and how alike they are: the one place that knows numpy, which is
loaded when it is first needed.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Sequence


def packed(vector: Sequence[float]) -> bytes:
    """A vector of length 1 in the same direction, as little-endian float32."""
    length = math.hypot(*vector) or 1.0
    numbers = array("f", (each / length for each in vector))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def warm_up() -> None:
    """Load now what the first comparison would otherwise wait for: a tenth of a second."""
    import numpy  # noqa: F401, PLC0415


def likenesses(query: bytes, vectors: Sequence[bytes]) -> list[float | None]:
    """How alike each of these packed vectors is to the query's, up to 1; None for one of another
    size, which another model has made.
    """
    import numpy as np  # noqa: PLC0415 (see `warm_up`)

    fitting = [vector for vector in vectors if len(vector) == len(query)]
    if not fitting:
        return [None] * len(vectors)
    table = np.frombuffer(b"".join(fitting), dtype="<f4").reshape(len(fitting), -1)
    found = iter((table @ np.frombuffer(query, dtype="<f4")).tolist())
    return [next(found) if len(vector) == len(query) else None for vector in vectors]
