"""Values that nobody expects, for any place in a payload."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def nested(depth: int, inner: Any = 1) -> Any:
    """A value in so many lists and objects."""
    for at in range(depth):
        inner = [inner] if at % 2 else {"a": inner}
    return inner


TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(), max_size=12),  # halves of surrogate pairs among them
    st.sampled_from(
        (
            "",
            "\x00",
            "a\x00b",
            "\ud800",
            "\udc00\ud83d",
            "\u202e\u2066evil\u2069",
            "\U0001f3f4\u200d\u2620\ufe0f" * 3,
            "\u0627\u0644\u0633\u0644\u0627\u0645",
            "a\u0300" * 500,
            "x" * 5_000,
            "\U0001f600" * 4_097,
            "\n" * 5_000,
            "/stop@familiar_bot",
            "/forget about " + "a" * 3_000,
            "/start " + "x" * 300,
            "' OR 1=1 --",
            "../../etc/passwd",
            "%s%n{0}{x}",
            "<script>alert(1)</script>",
            "javascript:alert(1)",
            "*" * 3_000,
            "[" * 3_000,
            "> " * 1_500,
        )
    ),
)

NUMBERS = st.one_of(
    st.integers(),
    st.sampled_from(
        (0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400)
    ),
    st.floats(),
)

ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.builds(nested, st.just(90))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
