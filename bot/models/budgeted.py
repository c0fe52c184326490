"""A model whose calls are paid from the day's budget: no call begins that might exceed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import anyio
import structlog

from agentcore.errors import (
    BudgetSpent,
    ContextOverflow,
    ModelRefused,
    ModelUnavailable,
    StoreError,
)
from agentcore.loop.window import estimate
from agentcore.model import (
    Capabilities,
    Embeddings,
    Emit,
    Model,
    ModelAnswer,
    ModelCatalog,
    ModelRequest,
    Price,
    Usage,
)
from agentcore.store.spending import Reservation, Spending

T = TypeVar("T", ModelAnswer, Embeddings)

_log = structlog.get_logger(__name__)

DEAR = Price(15, 75)
"""What a model counts as whose price isn't known: as much as the dearest that are in common use."""
LONG_ANSWER = 4_096
"""Tokens of answer that are set aside for; few are longer."""
SHORT_PROMPT = 2_000
"""Tokens of a prompt with hardly any conversation in it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most to spend in a UTC day, in millionths of a US dollar, and the book it is kept in."""

    cap: int
    spending: Spending

    def most_before_a_call(self, ladder: Sequence[Model]) -> int | None:
        """How much may be gone so that one of these models may still be asked; None if one that
        is free always may.
        """
        least = least_cost(ladder)
        return self.cap - least if least else None


class PaidModels:
    """`ModelCatalog` around another one: all its models are paid from one budget."""

    def __init__(self, models: ModelCatalog, budget: Budget) -> None:
        self._models = models
        self._budget = budget

    def ladder(self, name: str | None) -> Sequence[Model]:
        """See `ModelCatalog.ladder`."""
        return [BudgetedModel(model, self._budget) for model in self._models.ladder(name)]


def least_cost(ladder: Sequence[Model]) -> int:
    """What the cheapest of these models may cost for one short call."""
    prices = [model.capabilities.price or DEAR for model in ladder]
    return min(price.of(SHORT_PROMPT, LONG_ANSWER) for price in prices)


class BudgetedModel:
    """`Model` around another one. A model that is known to be free always passes."""

    def __init__(self, model: Model, budget: Budget) -> None:
        self._model = model
        self._budget = budget

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def capabilities(self) -> Capabilities:
        return self._model.capabilities

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        return await self._paid(request, lambda: self._model.complete(request))

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        return await self._paid(request, lambda: self._model.stream(request, emit))

    async def _paid(
        self, request: ModelRequest, call: Callable[[], Awaitable[ModelAnswer]]
    ) -> ModelAnswer:
        tokens = estimate(request.prompt, request.tools), self._longest_answer(request)
        return await pay_for(call, self.name, self.capabilities.price or DEAR, tokens, self._budget)

    def _longest_answer(self, request: ModelRequest) -> int:
        return min(request.max_output or self.capabilities.max_output or LONG_ANSWER, LONG_ANSWER)


async def pay_for(
    call: Callable[[], Awaitable[T]],
    name: str,
    price: Price,
    tokens: tuple[int, int],
    budget: Budget,
) -> T:
    """Make a call of a model that takes and gives so many tokens at most.

    What it may cost is set aside before it and replaced by what it did cost. Where that can't be
    known (no price, a call cut off, an answer that broke off), it stays set aside: unknown is never
    nothing.

    Raises:
        BudgetSpent: it might cost more than is left.
    """
    amount = price.of(*tokens)
    if not amount:
        return await call()
    held = await budget.spending.reserve(amount, cap=budget.cap)
    if held is None:
        msg = f"a call of {name} might cost more than is left of today's budget"
        raise BudgetSpent(msg)
    spent, kept = 0, amount
    try:
        answer = await call()
        spent, kept = _bill(answer.usage, price, amount)
    except (ModelUnavailable, ModelRefused, ContextOverflow) as error:
        if not error.begun:
            kept = 0  # there was no answer to pay for
        raise
    finally:
        await _settle(budget, held, spent=spent, kept=kept, name=name)
    return answer


async def _settle(budget: Budget, held: Reservation, *, spent: int, kept: int, name: str) -> None:
    """Put what a call of a model has cost in the place of what was set aside, whatever happens."""
    with anyio.CancelScope(shield=True):
        try:
            await budget.spending.settle(held, spent=spent, kept=kept)
        except StoreError as error:  # it stays set aside; the answer is there and mustn't be lost
            _log.warning("what a call cost could not be noted", model=name, error=str(error))


def _bill(usage: Usage, price: Price, amount: int) -> tuple[int, int]:
    """What a call has cost, and what may have been spent on top."""
    if usage.cost is not None:
        return usage.cost, 0
    tokens = price.of(usage.prompt_tokens, usage.completion_tokens)
    return 0, tokens or amount
