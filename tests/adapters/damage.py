"""Payloads of platforms, with some of their values replaced or left out."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from((-(2**63), 2**53, 0, 1)),
        st.floats(allow_nan=False),
        st.text(max_size=8),
        st.sampled_from(("\ud800", "\u202e\x00", "private", "channel", "kicked", "bold")),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=4,
)


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    return [place for key in keys for place in ((*at, key), *_places(value[key], (*at, key)))]


@st.composite
def damaged(
    draw: st.DrawFn,
    originals: Sequence[dict[str, Any]],
    junk: st.SearchStrategy[Any] = JUNK,
) -> dict[str, Any]:
    """One of these, damaged. `junk`: what stands in a place that is damaged."""
    payload: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(_places(payload)))
        holder: Any = payload
        for key in way:
            holder = holder[key]
        if draw(st.booleans()):
            holder[last] = draw(junk)
        else:
            del holder[last]
        if not _places(payload):
            break
    return payload
