"""The job that embeds what was said: in the background, patient with failures, within the budget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from agentcore.clock import DAY, HOUR, SECOND
from agentcore.errors import ContextOverflow, ModelRefused, ModelUnavailable, StoreError
from agentcore.litellm_model import close_connections
from agentcore.model import Embeddings, Price
from agentcore.records import Origin, PassageDraft
from agentcore.store import SearchQuery
from agentcore.testing import FakeClock, ScriptedModel, WordEmbedder
from bot.app import Replacements
from bot.wording.consent import consent_terms
from bot.workers import embedding
from bot.workers.embedding import Embedding
from tests.house import FAST, PATIENCE, House, house, working
from tests.simulators.openai_server import API_KEY, OpenAIServer

MEANINGS = {"feline": "cat"}


def replaced(embedder: Any, clock: FakeClock | None = None, **changes: Any) -> Replacements:
    return Replacements(clock=clock or FakeClock(), limits=FAST, embedder=embedder, **changes)


def job(home: House) -> Embedding:
    assert home.parts.embedding is not None
    return home.parts.embedding


async def until_idle(home: House) -> list[float]:
    """Let the job go on until there is nothing to do; the waits in between."""
    waits = []
    while (wait := await job(home).go_on()) is not None:
        waits.append(wait)
        assert len(waits) < 100
    return waits


def embedded(embedder: WordEmbedder) -> list[str]:
    return [text for texts in embedder.asked for text in texts]


async def best(home: House, user: str, text: str) -> str:
    hits = await (await home.door(user)).search(SearchQuery(text))
    return hits[0].message.text if hits else ""


async def test_what_is_said_is_embedded_behind_the_turn_and_then_found(tmp_path: Path) -> None:
    embedder = WordEmbedder(meanings=MEANINGS)
    model = ScriptedModel("I see.", "Good.")
    given = replaced(embedder, FakeClock())
    async with house(tmp_path, model, replacements=given) as home:
        await home.say("ada", "My cat sleeps")
        assert embedder.asked == []
        await until_idle(home)
        assert sorted(embedded(embedder)) == ["I see.", "My cat sleeps"]
        assert await best(home, "ada", "feline") == "My cat sleeps"


async def test_a_running_service_embeds_by_itself(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    given = Replacements(limits=FAST, embedder=embedder)
    async with house(tmp_path, ScriptedModel("Hi."), replacements=given) as home, working(home):
        receipt = await home.accept("ada", "Hello there")
        await home.heard("ada", until=receipt.position or 1)
        with anyio.fail_after(PATIENCE):
            await embedder.called.wait()


async def test_passages_are_embedded_with_their_tags(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    async with house(tmp_path, ScriptedModel("Hi."), replacements=replaced(embedder)) as home:
        await home.say("ada", "Hello")
        archive = (await home.door("ada")).archive
        await archive.add(PassageDraft("Plum cake", ("recipe",), Origin.OWNER))
        await until_idle(home)
        assert "Plum cake recipe" in embedded(embedder)


async def test_without_an_embedding_model_there_is_no_job(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hi.")) as home:
        assert home.parts.embedding is None


async def test_after_another_model_was_set_all_is_embedded_again(tmp_path: Path) -> None:
    for name in ("first", "second"):
        embedder = WordEmbedder(name=name, meanings=MEANINGS)
        model = ScriptedModel("I see.")
        async with house(tmp_path, model, replacements=replaced(embedder)) as home:
            if name == "first":
                await home.say("ada", "My cat sleeps")
            await until_idle(home)
            assert len(embedded(embedder)) == 2
            assert await best(home, "ada", "feline") == "My cat sleeps"


async def test_much_is_embedded_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "BATCH", 3)
    embedder = WordEmbedder()
    texts = [f"answer {n}" for n in range(5)]
    async with house(tmp_path, ScriptedModel(*texts), replacements=replaced(embedder)) as home:
        for at in range(5):
            await home.say("ada", f"question {at}")
        await until_idle(home)
    assert len(set(embedded(embedder))) == len(embedded(embedder)) == 10
    assert max(len(texts) for texts in embedder.asked) == 3


async def test_an_outage_is_waited_out_longer_each_time(tmp_path: Path) -> None:
    down = [ModelUnavailable("down") for _ in range(3)]
    embedder = WordEmbedder(*down, ModelUnavailable("slow down", retry_after=900.0))
    async with house(tmp_path, ScriptedModel("Hi."), replacements=replaced(embedder)) as home:
        await home.say("ada", "Hello")
        waits = [await job(home).go_on() for _ in range(4)]
        assert waits == [5.0, 10.0, 20.0, 900.0]
        await until_idle(home)
        assert set(embedder.asked[-1]) == {"Hello", "Hi."}


async def test_no_failure_ends_the_job(tmp_path: Path) -> None:
    embedder = WordEmbedder(OSError("a bug of a library"), StoreError("the disk"))
    async with house(tmp_path, ScriptedModel("Hi."), replacements=replaced(embedder)) as home:
        await home.say("ada", "Hello")
        assert len(await until_idle(home)) > 2
        assert len(embedder.asked) == 3


@dataclass
class Fussy:
    """An embedder that takes no text longer than 300 characters, and one word not at all."""

    name: str = "fussy"
    price: Price | None = None
    taken: list[str] = field(default_factory=list)
    inner: WordEmbedder = field(default_factory=WordEmbedder)

    async def embed(self, texts: Sequence[str], *, within: float) -> Embeddings:
        if any(len(text) > 300 for text in texts):
            raise ContextOverflow("too long")
        if any("poison" in text for text in texts):
            raise ModelRefused("not this")
        self.taken.extend(texts)
        return await self.inner.embed(texts, within=within)


async def test_one_text_that_is_refused_keeps_no_other_from_being_embedded(
    tmp_path: Path,
) -> None:
    fussy = Fussy()
    model = ScriptedModel("One.", "Two.", "Three.")
    async with house(tmp_path, model, replacements=replaced(fussy)) as home:
        for text in ("poison", "word " * 100, "fine"):
            await home.say("ada", text)
        await until_idle(home)
        assert {"One.", "Two.", "Three.", "fine"} <= set(fussy.taken)
        assert any(text.startswith("word word") and len(text) <= 300 for text in fussy.taken)
        before = len(fussy.taken)
        assert await job(home).go_on() is None
        assert len(fussy.taken) == before


async def test_a_model_that_refuses_everything_is_asked_rarely(tmp_path: Path) -> None:
    wrong_key = [ModelRefused("the key") for _ in range(2)]
    embedder = WordEmbedder(*wrong_key)
    async with house(tmp_path, ScriptedModel("Hi."), replacements=replaced(embedder)) as home:
        await home.say("ada", "Hello")
        assert await job(home).go_on() == embedding.FIRST_PAUSE
        assert len(embedder.asked) == 2
        await until_idle(home)
        assert "Hello" in embedder.asked[-1]


async def test_all_is_looked_through_again_every_hour(tmp_path: Path) -> None:
    clock, embedder = FakeClock(), WordEmbedder()
    given = replaced(embedder, clock)
    async with house(tmp_path, ScriptedModel("Hi."), replacements=given) as home:
        await home.say("ada", "Hello")
        await until_idle(home)
        archive = (await home.door("ada")).archive
        await archive.add(PassageDraft("Plum cake", (), Origin.OWNER))  # nobody tells the job
        await until_idle(home)
        assert "Plum cake" not in embedded(embedder)
        clock.advance(HOUR)
        await until_idle(home)
        assert "Plum cake" in embedded(embedder)


async def test_the_last_fifth_of_a_day_s_budget_is_left_to_people(tmp_path: Path) -> None:
    """Both pay from one budget: the job stops, and a query is still embedded."""
    clock = FakeClock()
    embedder = WordEmbedder(price=Price(1_000, 0), meanings=MEANINGS)
    given = replaced(embedder, clock)
    said = "My cat sleeps"
    cap: dict[str, Any] = {"daily_budget_usd": "0.012"}
    async with house(tmp_path, ScriptedModel("I see."), replacements=given, **cap) as home:
        await home.say("ada", said)
        midnight = (DAY - clock.now() % DAY) / SECOND
        spending = home.parts.store.spending
        assert await spending.reserve(9_000, cap=12_000)
        assert await job(home).go_on() == midnight
        assert embedder.asked == []
        await best(home, "ada", "feline")
        assert embedder.asked == [("feline",)]
        clock.advance(DAY)
        await until_idle(home)
        assert await best(home, "ada", "feline") == said


async def test_a_price_that_is_not_known_counts_as_a_dear_one(tmp_path: Path) -> None:
    embedder = WordEmbedder(price=None)
    given, cap = replaced(embedder), dict[str, Any](daily_budget_usd="0.000001")
    async with house(tmp_path, ScriptedModel("Hi."), replacements=given, **cap) as home:
        await home.say("ada", "word " * 300)
        assert (await job(home).go_on() or 0) > embedding.LONGEST_PAUSE
        assert embedder.asked == []


async def test_nothing_is_embedded_before_its_person_has_heard_who_reads_it(
    tmp_path: Path,
) -> None:
    """Told with the next message after the model was set; until then only words find it."""
    for named in (None, "voyage/voyage-3.5"):
        embedder = WordEmbedder(meanings=MEANINGS)
        clock = FakeClock()
        given = replaced(embedder, clock, terms=consent_terms)
        settings: dict[str, Any] = {
            "embedding_model": named,
            "embedding_api_key": "pa-test-0123456789",
        }
        model = ScriptedModel("I see.", "Welcome back.")
        async with house(
            tmp_path, model, replacements=given, first_contact=True, **settings
        ) as home:
            await until_idle(home)
            assert embedder.asked == []
            await home.say("ada", "My cat sleeps" if named is None else "Hello")
            if named is not None:
                clock.advance(HOUR)
                await until_idle(home)
                assert "My cat sleeps" in embedded(embedder)


async def test_incognito_words_are_never_embedded(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    model = ScriptedModel("I see.", "Yes.")
    given = Replacements(limits=FAST, embedder=embedder)
    async with house(tmp_path, model, replacements=given) as home, working(home):
        for text in ("/incognito", "My secret", "/incognito off"):
            receipt = await home.accept("ada", text)
            await home.heard("ada", until=receipt.position or 1)
    assert all("secret" not in text for text in embedded(embedder))


async def test_a_hanging_embedder_holds_up_neither_turns_nor_the_end(tmp_path: Path) -> None:
    embedder = WordEmbedder(gate=asyncio.Event())
    given = Replacements(limits=FAST, embedder=embedder)
    model = ScriptedModel("One.", "Two.")
    async with house(tmp_path, model, replacements=given) as home, working(home):
        for text in ("Hello", "Again"):
            receipt = await home.accept("ada", text)
            await home.heard("ada", until=receipt.position or 1)
        with anyio.fail_after(PATIENCE):
            await embedder.called.wait()
    assert model.exhausted


@pytest.mark.filterwarnings("ignore:Accessing the 'model_\\w+':DeprecationWarning")
async def test_the_model_that_is_set_is_asked_over_the_network(tmp_path: Path) -> None:
    """Its texts in the background, and the query of a search."""
    async with OpenAIServer() as server:
        settings: dict[str, Any] = {
            "embedding_model": "openai/text-embedding-3-small",
            "embedding_base_url": server.base_url,
            "embedding_api_key": API_KEY,
            "daily_budget_usd": "1",
        }
        async with house(tmp_path, ScriptedModel("I see."), **settings) as home:
            await home.say("ada", "My cat sleeps")
            assert await until_idle(home)
            assert await best(home, "ada", "Who sleeps?") == "My cat sleeps"
        asked = [body["input"] for body in server.embedded]
        assert sorted(asked[0]) == ["I see.", "My cat sleeps"]
        assert asked[1:] == [["Who sleeps?"]]
        await close_connections()
