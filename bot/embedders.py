"""The embedding model of this service, made from settings: measured, and paid from the day's budget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agentcore.clock import SECOND, Clock
from agentcore.errors import (
    BudgetSpent,
    ContextOverflow,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.litellm_model import LitellmConfig, LitellmEmbedder
from agentcore.loop.window import estimate_text
from agentcore.model import Embedder, Embeddings, Price
from agentcore.spending import Spending
from bot.budgeted_model import Budget, settle
from bot.measured_model import outcome_of
from bot.measures import CallFigures, CallOutcome, Measures
from bot.models import DOLLAR, background_cap
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
        LitellmConfig(
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
        started, made = self._clock.now(), None
        outcome: CallOutcome = "unavailable"
        try:
            made = await self._embedder.embed(texts, within=within)
            outcome = "answered"
        except ModelError as error:
            outcome = outcome_of(error)
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            seconds = (self._clock.now() - started) / SECOND
            usage = None if made is None else made.usage
            self._measures.model_called(CallFigures(self.name, outcome, seconds, usage=usage))
        return made


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
        price = self.price or DEAR
        amount = price.of(sum(map(estimate_text, texts)), 0)
        if not amount:
            return await self._embedder.embed(texts, within=within)
        held = await self._budget.spending.reserve(amount, cap=self._budget.cap)
        if held is None:
            msg = f"a call of {self.name} might cost more than is left of today's budget"
            raise BudgetSpent(msg)
        spent, kept = 0, amount
        try:
            made = await self._embedder.embed(texts, within=within)
            cost = made.usage.cost
            # What was read may be known where its price isn't.
            spent, kept = (cost, 0) if cost is not None else (0, _guess(made, price, amount))
        except (ModelUnavailable, ModelRefused, ContextOverflow):
            kept = 0  # there was no answer to pay for
            raise
        finally:
            await settle(self._budget, held, spent=spent, kept=kept, name=self.name)
        return made


def _guess(made: Embeddings, price: Price, amount: int) -> int:
    return price.of(made.usage.prompt_tokens, 0) or amount


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
