"""No call of a model begins that the day's budget might not cover, and each is accounted for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio
import pytest

from agentcore.errors import (
    BudgetSpent,
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    StoreError,
)
from agentcore.model import Capabilities, ModelAnswer, ModelRequest, Price, Usage, UserPrompt
from agentcore.store.spending import Reservation
from agentcore.testing import ScriptedModel
from bot.models.budgeted import DEAR, LONG_ANSWER, Budget, BudgetedModel, least_cost

REQUEST = ModelRequest((UserPrompt("Hello"),))
CHEAP = Capabilities(window=100_000, price=Price(1, 1))
UNKNOWN = Capabilities(window=100_000)


@dataclass
class Book:
    """`Spending` that keeps what is noted in it."""

    noted: list[tuple[int, int, int]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    full: bool = False
    broken: bool = False

    async def reserve(self, amount: int, *, cap: int) -> Reservation | None:
        self.asked.append(amount)
        return None if self.full else Reservation(1, amount)

    async def settle(self, reservation: Reservation, *, spent: int, kept: int = 0) -> None:
        if self.broken:
            msg = "the disk is full"
            raise StoreError(msg)
        self.noted.append((reservation.amount, spent, kept))


def paid(
    book: Book, *script: ModelAnswer | ModelError, capabilities: Capabilities = CHEAP
) -> BudgetedModel:
    return BudgetedModel(ScriptedModel(*script, capabilities=capabilities), Budget(100, book))


def answer(cost: int | None, prompt: int = 100, completion: int = 10) -> ModelAnswer:
    return ModelAnswer("Hi.", usage=Usage(prompt, completion, cost=cost))


async def test_what_a_call_may_cost_gives_way_to_what_it_did_cost() -> None:
    book = Book()
    model = paid(book, answer(30), answer(40))
    assert (await model.complete(REQUEST)).text == "Hi."
    assert (await model.stream(REQUEST, lambda _piece: None)).text == "Hi."
    assert [(spent, kept) for _, spent, kept in book.noted] == [(30, 0), (40, 0)]
    assert all(amount > LONG_ANSWER for amount in book.asked)
    assert (model.name, model.capabilities) == ("scripted", CHEAP)


async def test_a_long_prompt_and_a_long_answer_are_set_aside_for() -> None:
    book = Book()
    model = paid(book, answer(1), answer(1))
    await model.complete(REQUEST)
    await model.complete(ModelRequest((UserPrompt("long " * 4_000),), max_output=100))
    assert book.asked[0] > LONG_ANSWER
    assert 4_000 < book.asked[1] < 12_000


async def test_nothing_is_asked_for_when_too_little_is_left() -> None:
    inner = ScriptedModel(capabilities=CHEAP)
    with pytest.raises(BudgetSpent, match="scripted"):
        await BudgetedModel(inner, Budget(100, Book(full=True))).complete(REQUEST)
    assert inner.requests == []


async def test_a_free_model_is_asked_however_little_is_left() -> None:
    book = Book(full=True)
    free = paid(book, answer(0), capabilities=Capabilities(window=100_000, price=Price(0, 0)))
    assert (await free.complete(REQUEST)).text == "Hi."
    assert (book.asked, book.noted) == ([], [])


@pytest.mark.parametrize("error", [ModelUnavailable, ModelRefused, ContextOverflow])
async def test_a_call_without_an_answer_costs_nothing(error: type[ModelError]) -> None:
    book = Book()
    with pytest.raises(error):
        await paid(book, error("no")).complete(REQUEST)
    assert [(spent, kept) for _, spent, kept in book.noted] == [(0, 0)]


@pytest.mark.parametrize("error", [ModelUnavailable, ModelRefused, ContextOverflow])
async def test_an_answer_that_broke_off_may_have_cost_all_of_it(error: type[ModelError]) -> None:
    book, broken = Book(), error("it broke off")
    broken.begun = True
    with pytest.raises(error):
        await paid(book, broken).stream(REQUEST, lambda _piece: None)
    assert book.noted == [(book.asked[0], 0, book.asked[0])]


async def test_an_answer_that_can_t_be_read_was_paid_for_all_the_same() -> None:
    book = Book()
    with pytest.raises(MalformedAnswer):
        await paid(book, MalformedAnswer("{")).complete(REQUEST)
    assert book.noted == [(book.asked[0], 0, book.asked[0])]


async def test_a_call_that_is_cut_off_may_have_cost_all_of_it() -> None:
    book, gate = Book(), asyncio.Event()
    inner = ScriptedModel(answer(5), capabilities=CHEAP, gate=gate)
    async with anyio.create_task_group() as asking:
        asking.start_soon(BudgetedModel(inner, Budget(100, book)).complete, REQUEST)
        await inner.called.wait()
        asking.cancel_scope.cancel()
    assert book.noted == [(book.asked[0], 0, book.asked[0])]


async def test_tokens_of_unknown_price_count_as_dear() -> None:
    book = Book()
    await paid(book, answer(None), answer(None, 0, 0), capabilities=UNKNOWN).complete(REQUEST)
    assert [(spent, kept) for _, spent, kept in book.noted] == [(0, DEAR.of(100, 10))]
    assert book.asked[0] > DEAR.of(0, LONG_ANSWER)


async def test_without_a_count_of_tokens_all_stays_set_aside() -> None:
    book = Book()
    await paid(book, answer(None, 0, 0), capabilities=UNKNOWN).complete(REQUEST)
    assert book.noted == [(book.asked[0], 0, book.asked[0])]


async def test_a_book_that_can_t_be_written_costs_nobody_the_answer() -> None:
    assert (await paid(Book(broken=True), answer(5)).complete(REQUEST)).text == "Hi."


@pytest.mark.parametrize(
    ("prices", "most"),
    [
        ([Price(1, 1)], 100_000 - 2_000 - LONG_ANSWER),
        ([Price(10, 10), Price(1, 1)], 100_000 - 2_000 - LONG_ANSWER),
        ([Price(10, 10), Price(0, 0)], None),
        ([None], 100_000 - DEAR.of(2_000, LONG_ANSWER)),
    ],
)
def test_the_gate_closes_when_the_cheapest_model_can_t_be_asked_any_more(
    prices: Sequence[Price | None], most: int | None
) -> None:
    ladder = [
        ScriptedModel(capabilities=Capabilities(window=100_000, price=price)) for price in prices
    ]
    assert Budget(100_000, Book()).most_before_a_call(ladder) == most
    assert (least_cost(ladder) == 0) == (most is None)
