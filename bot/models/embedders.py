"""The embedding model of this service, made from settings: measured, and paid from the day's budget."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.clock import Clock
from agentcore.litellm_model import LitellmEmbedder
from agentcore.loop.window import estimate_text
from agentcore.model import Embedder, Embeddings, Price
from agentcore.providers import ProviderConfig
from agentcore.store.spending import Spending
from bot.measures import Measures
from bot.models.allowed import DOLLAR, background_cap
from bot.models.budgeted import Budget, pay_for
from bot.models.measured import measure
from config.settings import Settings

DEAR = Price(0.2, 0)
"""What an embedding model counts as whose price isn't known: as much as the dearest in common use."""


def embedder_of(settings: Settings) -> Embedder | None:
    """The embedding model, bare; None where none is set. Imports no library yet."""
    name = settings.embedding_model
    if name is None:
        return None
    key, price = settings.api_key(name), settings.embedding_price
    return LitellmEmbedder(
        ProviderConfig(
            name=name,
            api_base=settings.embedding_base_url,
            api_key=None if key is None else key.get_secret_value(),
            price=None if price is None else Price(float(price), 0),
        )
    )


class MeasuredEmbedder:
    """`Embedder` around another one; it changes nothing about its calls."""

    def __init__(self, embedder: Embedder, measures: Measures, clock: Clock) -> None:
        self._embedder = embedder
        self._measures = measures
        self._clock = clock

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def price(self) -> Price | None:
        return self._embedder.price

    async def embed(self, texts: Sequence[str], *, within: float) -> Embeddings:
        return await measure(
            lambda: self._embedder.embed(texts, within=within),
            self.name,
            self._measures,
            self._clock,
        )


class PaidEmbedder:
    """`Embedder` around another one, whose calls are paid from a budget as a model's are: no call
    begins that might exceed it. One that is known to be free always passes.
    """

    def __init__(self, embedder: Embedder, budget: Budget) -> None:
        self._embedder = embedder
        self._budget = budget

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def price(self) -> Price | None:
        return self._embedder.price

    async def embed(self, texts: Sequence[str], *, within: float) -> Embeddings:
        return await pay_for(
            lambda: self._embedder.embed(texts, within=within),
            self.name,
            self.price or DEAR,
            (sum(map(estimate_text, texts)), 0),
            self._budget,
        )


def paid(
    embedder: Embedder, settings: Settings, spending: Spending, *, background: bool
) -> Embedder:
    """The embedder, paid from the day's budget if there is one; in the background, from what work
    that nobody waits for may use of it.
    """
    if settings.daily_budget_usd is None:
        return embedder
    cap = int(settings.daily_budget_usd * DOLLAR)
    return PaidEmbedder(embedder, Budget(background_cap(cap) if background else cap, spending))
