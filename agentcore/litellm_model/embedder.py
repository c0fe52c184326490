"""One embedding model behind litellm. One call is one attempt: nothing is retried here."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from agentcore.errors import MalformedAnswer, ModelError, ModelUnavailable
from agentcore.litellm_model.failures import failure_of
from agentcore.litellm_model.keys import key_for
from agentcore.litellm_model.library import library, warm_up
from agentcore.model import Embeddings, Price, Usage, Vector
from agentcore.providers.catalog import embedding_price
from agentcore.providers.config import ProviderConfig


class LitellmEmbedder:
    """`Embedder` over litellm. Holds no connection."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._price = config.price or embedding_price(config.name)

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def price(self) -> Price | None:
        return self._price

    async def embed(self, texts: Sequence[str], *, within: float) -> Embeddings:
        outcome = await self._tried(texts, within)
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome

    async def _tried(self, texts: Sequence[str], within: float) -> Embeddings | ModelError:
        """The failure is returned, and raised outside of any `except`, so that it doesn't carry
        the provider's error, with the texts in it, along.
        """
        try:
            async with asyncio.timeout(within):
                await warm_up()
                response = await self._call(texts)
        except TimeoutError:
            return ModelUnavailable(f"{self.name} did not answer within {within:g} s")
        except Exception as error:  # noqa: BLE001 (whatever litellm raises is mapped)
            return failure_of(error, self.name, sent_tools=False)
        vectors = _vectors(getattr(response, "data", None), len(texts))
        if vectors is None:
            return MalformedAnswer(f"{self.name} sent something that is no vector for each text")
        return Embeddings(vectors, self._usage(getattr(response, "usage", None)))

    async def _call(self, texts: Sequence[str]) -> Any:
        return await library().aembedding(
            model=self.name,
            input=list(texts),
            encoding_format="float",
            api_key=key_for(self._config),
            api_base=self._config.api_base,
            # Constant: litellm keeps one connection pool for each value. The deadline is ours.
            timeout=self._config.timeout,
            num_retries=0,
            max_retries=0,
            drop_params=True,
        )

    def _usage(self, reported: Any) -> Usage:
        tokens = getattr(reported, "prompt_tokens", None)
        if not isinstance(tokens, int) or tokens <= 0:
            return Usage()
        cost = None if self._price is None else self._price.of(tokens, 0)
        return Usage(prompt_tokens=tokens, cost=cost)


def _vectors(data: Any, wanted: int) -> tuple[Vector, ...] | None:
    """The vectors in the texts' order; None if they aren't all there, or aren't vectors."""
    if not isinstance(data, list) or len(data) != wanted:
        return None
    found: dict[int, Vector] = {}
    for at, row in enumerate(data):
        held = row if isinstance(row, dict) else vars(row)
        index, vector = held.get("index"), held.get("embedding")
        if vector is None or not _is_vector(vector):
            return None
        found[at if index is None else index] = vector
    lengths = {len(vector) for vector in found.values()}
    if len(lengths) != 1 or set(found) != set(range(wanted)):
        return None
    return tuple(found[at] for at in range(wanted))


def _is_vector(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, int | float) and math.isfinite(each) for each in value)
    )
