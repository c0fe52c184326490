"""What every embedder must do: one body of tests for all of them.

Subclass `EmbedderContract` in a test module, name the class `Test…`, and give it a `connect`
fixture: a function from what is to go wrong first (or None) to an `Embedder` that then answers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import pytest

from agentcore.errors import ContextOverflow, MalformedAnswer, ModelRefused, ModelUnavailable
from agentcore.model import Embedder, Vector

Trouble = Literal["slow", "down", "refused", "too long", "garbled"]
Connect = Callable[[Trouble | None], Embedder]

MARKER = "xyzzy-secret-words"


def nearest(query: Vector, vectors: Sequence[Vector]) -> int:
    def likeness(vector: Vector) -> float:
        product = sum(a * b for a, b in zip(query, vector, strict=True))
        return product / (math.hypot(*query) * math.hypot(*vector))

    return max(range(len(vectors)), key=lambda at: likeness(vectors[at]))


class EmbedderContract:
    """The tests. `connect` is the subclass's."""

    async def test_each_text_has_a_vector_in_the_order_given(self, connect: Connect) -> None:
        texts = ["a red boat", "my sister Clara", "leek soup with cream"]
        embedder = connect(None)
        found = await embedder.embed(texts, within=5)
        assert len(found.vectors) == len(texts)
        assert len({len(vector) for vector in found.vectors}) == 1
        for at, text in enumerate(texts):
            (alone,) = (await embedder.embed([text], within=5)).vectors
            assert nearest(alone, found.vectors) == at

    async def test_texts_of_any_script_are_taken(self, connect: Connect) -> None:
        texts = ["我住在里斯本", "👋", '" NEAR( *', "two\nlines", "é" * 1_000]
        assert len((await connect(None).embed(texts, within=5)).vectors) == len(texts)

    async def test_it_tells_what_was_read_and_what_that_cost(self, connect: Connect) -> None:
        embedder = connect(None)
        usage = (await embedder.embed(["one two three"], within=5)).usage
        assert usage.prompt_tokens == 3
        assert embedder.price is not None
        assert usage.cost == embedder.price.of(3, 0)

    @pytest.mark.parametrize(
        ("trouble", "error"),
        [
            ("slow", ModelUnavailable),
            ("down", ModelUnavailable),
            ("refused", ModelRefused),
            ("too long", ContextOverflow),
            ("garbled", MalformedAnswer),
        ],
    )
    async def test_a_failure_is_one_of_ours_without_the_texts_and_not_tried_again(
        self, connect: Connect, trouble: Trouble, error: type[Exception]
    ) -> None:
        embedder = connect(trouble)
        with pytest.raises(error) as caught:
            await embedder.embed([MARKER], within=0.5)
        assert MARKER not in str(caught.value)
        assert caught.value.__cause__ is None
        if trouble != "slow":
            assert len((await embedder.embed(["again"], within=5)).vectors) == 1
