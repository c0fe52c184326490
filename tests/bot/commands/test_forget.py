"""`/forget` and `/unforget`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import anyio.lowlevel

from adapters.feed import FeedNotice
from agentcore.clock import MINUTE
from agentcore.model import ModelRequest
from agentcore.records import OWNER, Role
from agentcore.store import SearchQuery
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.agentcore.loop.long_chats import scripted
from tests.bot.commands.talk import insert, said, told
from tests.house import FAST, PATIENCE, House, call, calls, house, working

LONG = "I like rivers and long walks. " * 27
WORK = "Works at Nordwind as a baker."


def sent(requests: Sequence[ModelRequest]) -> str:
    """Everything that these requests told a model."""
    return "\n".join(repr(request.prompt) for request in requests)


def rows_with(folder: Path, word: str) -> list[str]:
    """The tables in which a word stands."""
    with closing(sqlite3.connect(folder / "familiar.db")) as database, database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master")]
        return sorted(
            name
            for name in names
            if not name.startswith(("ix_", "uq_", "sqlite_", "pk_"))
            and any(word.casefold() in repr(row).casefold() for row in _all(database, name))
        )


def database_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("familiar.db*"))


def _all(database: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return database.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 (names of our own tables)


async def found(home: House, user: str, words: str) -> list[str]:
    door = await home.door(user)
    hits = [hit.message.text for hit in await door.search(SearchQuery(words))]
    return [text for text in hits if any(word in text.casefold() for word in words.split())]


async def test_a_line_goes_with_what_was_said_and_no_model_sees_it_again(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert(WORK)), "A baker, nice.", "Fine.", "I don't know.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.", "How are you?")
        (_, (key, shown)) = await told(home, "ada", "/memory", "/forget 1")
        assert WORK in await home.block("ada")
        ((done, answer),) = await told(home, "ada", "/forget yes")
        before = len(model.requests)
        await said(home, "ada", "Where do I work?")
        later = sent(model.requests[before:])
        history = "\n".join(m.text for m in await home.history("ada"))
        assert key == "reply.forget_found"
        assert f"1. In my memory: “{WORK}”" in shown
        assert "“I bake at Nordwind.”" in shown
        assert "How are you?" not in shown
        assert done == "reply.forgotten"
        assert "lines of my memory: 1" in answer
        assert await found(home, "ada", "nordwind baker") == []
        assert WORK not in await home.block("ada")
    assert "nordwind" not in f"{later}{history}".casefold()
    assert "baker" not in f"{later}{history}".casefold()
    assert "How are you?" in later
    assert "had you forget something" in later


async def test_only_what_was_ticked_goes(tmp_path: Path) -> None:
    model = ScriptedModel(
        calls(insert(WORK)), "Nice.", "Early, then.", calls(insert("Has a dog.")), "Rex!"
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.", "Nordwind opens at six.", "My dog is Rex.")
        ((_, shown),) = await told(home, "ada", "/forget about Nordwind")
        await told(home, "ada", "/forget yes 2")
        left = await found(home, "ada", "nordwind")
        block = await home.block("ada")
    lines = [line for line in shown.splitlines() if line[:2] in {"1.", "2.", "3.", "4."}]
    assert [line.partition("“")[2].partition("”")[0] for line in lines] == [
        WORK,
        "Nordwind opens at six.",
        "I bake at Nordwind.",
    ]
    assert left == ["I bake at Nordwind."]
    assert WORK in block


async def test_forget_alone_offers_what_was_said_last(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", calls(insert("PIN of the bank: 4711")), "Noted.", "Yes?")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Hi!", "My PIN is 4711, oops")
        ((_, shown), _) = await told(home, "ada", "/forget", "/forget yes")
        before = len(model.requests)
        await said(home, "ada", "Still there?")
    assert "“PIN of the bank: 4711”" in shown
    assert "“My PIN is 4711, oops”" in shown
    assert "Hi!" not in shown
    assert "4711" not in sent(model.requests[before:])


async def test_what_repeats_it_goes_too(tmp_path: Path) -> None:
    """Later calls and returns show the block, and searches quote the message."""
    search = call("conversation_search", json.dumps({"query": "Nordwind"}), "call-2")
    model = ScriptedModel(
        calls(insert(WORK)),
        "Nice.",
        calls(insert("Has a dog.")),
        "Good dog.",
        calls(search),
        "Let me see.",
        "I don't know.",
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.", "I have a dog.", "What did I say first?")
        await told(home, "ada", "/memory", "/forget 1", "/forget yes")
        before = len(model.requests)
        await said(home, "ada", "Where do I work?")
        later = sent(model.requests[before:])
    assert "nordwind" not in later.casefold()
    assert all(text in later for text in ("I have a dog.", "Good dog.", "What did I say first?"))


class Barrier:
    """Lets models speak until it is put up."""

    def __init__(self) -> None:
        self.reached, self.opened = anyio.Event(), anyio.Event()
        self.opened.set()

    def put_up(self) -> None:
        self.reached, self.opened = anyio.Event(), anyio.Event()

    async def wait(self) -> None:
        self.reached.set()
        await self.opened.wait()


async def test_a_turn_under_way_begins_anew_without_it(tmp_path: Path) -> None:
    barrier = Barrier()
    script = (calls(insert(WORK)), "Nice.", "You bake at Nordwind.", "I don't know.")
    model = ScriptedModel(*script, gate=barrier)
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.")
        await told(home, "ada", "/memory", "/forget 1")
        barrier.put_up()
        asked = await home.accept("ada", "Where do I work?")
        await barrier.reached.wait()
        done = await home.accept("ada", "/forget yes")
        barrier.opened.set()
        await home.heard("ada", until=max(asked.position, done.position))
        history = [m.text for m in await home.history("ada") if m.role is Role.ASSISTANT]
    assert history == ["I don't know."]
    assert "nordwind" not in sent(model.requests[3:]).casefold()


async def test_within_ten_minutes_it_all_comes_back(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert(f"Name: Ada\n{WORK}")), "Nice.", "At Nordwind.")
    clock = FakeClock()
    given = Replacements(limits=FAST, clock=clock)
    async with house(tmp_path, model, replacements=given) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.")
        before = await home.block("ada"), await home.history("ada")
        clock.advance(MINUTE)
        await told(home, "ada", "/forget Nordwind", "/forget yes")
        gone = await home.block("ada")
        clock.advance(9 * MINUTE)
        (first, second) = await told(home, "ada", "/unforget", "/unforget")
        after = await home.block("ada"), [m for m in await home.history("ada") if m.turn]
        assert await found(home, "ada", "nordwind") == ["I bake at Nordwind."]
        await said(home, "ada", "Where do I work?")
    assert "Name: Ada" not in gone  # it was noted from the same message
    assert after == before
    assert (first[0], second[0]) == ("reply.unforgotten", "reply.nothing_to_unforget")
    assert WORK in sent(model.requests[-1:])


async def test_after_ten_minutes_the_words_are_in_no_table(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert(f"{WORK}\nHas a dog.")), "A baker at Nordwind!", "Hm.")
    clock = FakeClock()
    given = Replacements(limits=FAST, clock=clock)
    async with house(tmp_path, model, replacements=given) as home, working(home):
        await said(home, "ada", "I bake at Nordwind and have a dog.")
        await told(home, "ada", "/memory", "/why 1", "/forget Nordwind", "/forget yes 1 3")
        assert "message" in rows_with(tmp_path, "Nordwind")
        clock.advance(10 * MINUTE)
        assert await home.parts.store.forgettings.erase_due() == 1
        assert rows_with(tmp_path, "Nordwind") == []
        assert rows_with(tmp_path, "baker") == []
        ((key, _),) = await told(home, "ada", "/unforget")
        await said(home, "ada", "Hello?")
        block = await home.block("ada")
        assert await home.parts.store.forgettings.next_due() is None
    assert key == "reply.nothing_to_unforget"
    assert "Has a dog." in block
    assert not any(b"ordwind" in path.read_bytes() for path in database_files(tmp_path))


async def test_what_is_told_again_stays(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert(WORK)), "Nice.", calls(insert(WORK)), "All right.")
    clock = FakeClock()
    given = Replacements(limits=FAST, clock=clock)
    async with house(tmp_path, model, replacements=given) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.")
        await told(home, "ada", "/forget Nordwind", "/forget yes")
        clock.advance(MINUTE)
        await said(home, "ada", "No, do note it: I bake at Nordwind.")
        clock.advance(10 * MINUTE)
        await home.parts.store.forgettings.erase_due()
        assert WORK in await home.block("ada")
        assert await found(home, "ada", "nordwind") == ["No, do note it: I bake at Nordwind."]
        door = await home.door("ada")
        newest = (await door.revisions(limit=1))[0]
    assert WORK in newest.after


async def test_a_confirmation_means_what_was_shown(tmp_path: Path) -> None:
    rewrite = json.dumps({"label": "human", "new_memory": "Bakes."})
    model = ScriptedModel(
        calls(insert(WORK)), "Nice.", calls(call("memory_rethink", rewrite)), "Ok"
    )
    async with house(tmp_path, model) as home, working(home):
        nothing = await told(home, "ada", "/forget yes", "/forget 1", "/forget", "/forget unicorns")
        await said(home, "ada", "I bake at Nordwind.")
        shown = await told(home, "ada", "/memory", "/forget 99", "/forget 1", "/forget yes 9")
        await said(home, "ada", "Make that shorter.")
        changed = await told(home, "ada", "/forget yes", "/forget 1")
        assert await home.block("ada") == "Bakes."
        assert await found(home, "ada", "nordwind") == ["I bake at Nordwind."]
    assert [key for key, _ in nothing] == [
        "reply.forget_what",
        "reply.line_not_listed",
        "reply.forget_nothing",
        "reply.forget_nothing",
    ]
    assert [key for key, _ in shown] == [
        "reply.memory",
        "reply.line_no_such",
        "reply.forget_found",
        "reply.line_no_such",
    ]
    assert [key for key, _ in changed] == ["reply.forget_changed", "reply.line_changed"]


async def test_one_persons_word_touches_nobody_elses(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert(WORK)), "Nice.", calls(insert(WORK)), "Nice.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.")
        await said(home, "bob", "I bake at Nordwind.")
        await told(home, "ada", "/forget Nordwind", "/forget yes")
        agents = {a.agent_id for a in await home.parts.store.list_agents()}
        doors = [home.parts.store.for_agent(agent, OWNER) for agent in agents]
        left = [await door.search(SearchQuery("nordwind")) for door in doors]
        ((_, memory),) = await told(home, "bob", "/memory")
    assert sorted(bool(hits) for hits in left) == [False, True]
    assert WORK in memory


async def test_an_incognito_conversation_has_nothing_to_forget(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hi.")) as home, working(home):
        await said(home, "ada", "Hi")
        answers = await told(home, "ada", "/incognito", "/forget")
    assert answers[-1][0] == "reply.incognito_not_now"


async def test_a_line_is_also_named_by_its_words(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert(f"{WORK}\nBaker of Nordwind's bread.")), "Nice.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake.")
        ((_, shown),) = await told(home, "ada", f"/forget {WORK.upper()}")
    assert WORK in shown
    assert "bread" not in shown


async def test_what_was_kept_in_the_archive_is_found_as_well(tmp_path: Path) -> None:
    keep = call("archival_memory_insert", json.dumps({"content": "Nordwind: six o'clock"}))
    model = ScriptedModel(calls(keep), "Kept.", "Hm?")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Keep when Nordwind opens: at six.")
        archive = (await home.door("ada")).archive
        (passage,) = await archive.passages()
        ((_, shown), (_, by_id), (_, done)) = await told(
            home, "ada", "/forget Nordwind", f"/forget {passage.passage_id}", "/forget yes"
        )
        left = await archive.passages()
    assert "In my archive" in shown
    assert "What was said" in shown
    assert "“Nordwind: six o'clock”" in by_id
    assert "What was said" not in by_id
    assert "texts in my archive: 1" in done
    assert left == ()


async def test_the_next_summary_is_made_of_what_is_left(tmp_path: Path) -> None:
    model = scripted(*["Ok."] * 60, summary="They bake at Nordwind.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.")
        while not model.summaries:
            await said(home, "ada", f"Message {len(model.requests)}. " + LONG)
        assert "Nordwind" in sent(model.requests[-1:])
        await told(home, "ada", "/forget Nordwind", "/forget yes")
        asked = len(model.requests), len(model.summaries)
        model.summary = "They like tea."
        while len(model.summaries) == asked[1]:
            await said(home, "ada", f"Message {len(model.requests)}. " + LONG)
        later = sent([*model.requests[asked[0] :], *model.summaries[asked[1] :]])
    assert "nordwind" not in later.casefold()
    assert "Message 2." in sent(model.summaries[asked[1] :])
    assert "They like tea." in sent(model.requests[-1:])


async def test_upkeep_erases_what_is_due(tmp_path: Path) -> None:
    clock = FakeClock()
    given = Replacements(limits=FAST, clock=clock)
    model = ScriptedModel(calls(insert(WORK)), "Nice.")
    async with house(tmp_path, model, replacements=given) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.")
        await told(home, "ada", "/forget Nordwind", "/forget yes")
    clock.advance(10 * MINUTE)
    async with house(tmp_path, model, replacements=given) as home, working(home):
        with anyio.fail_after(PATIENCE):
            while await home.parts.store.forgettings.next_due() is not None:
                await anyio.lowlevel.checkpoint()
    assert rows_with(tmp_path, "Nordwind") == []


async def test_an_undo_brings_back_nothing_that_was_forgotten(tmp_path: Path) -> None:
    """The line was taken out before; taking that back would bring it in again."""
    rewrite = json.dumps({"label": "human", "new_memory": "Bakes."})
    model = ScriptedModel(
        calls(insert(WORK)),
        "Nice.",
        calls(call("memory_rethink", rewrite)),
        "Ok.",
        calls(insert("Has a dog.")),
        "Rex!",
    )
    clock = FakeClock()
    given = Replacements(limits=FAST, clock=clock)
    async with house(tmp_path, model, replacements=given) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.", "Make that shorter.")
        clock.advance(MINUTE)
        await told(home, "ada", "/forget Nordwind", "/forget yes")
        withheld = await told(home, "ada", "/undo")
        clock.advance(MINUTE)
        await said(home, "ada", "My dog is Rex.")
        newer = await told(home, "ada", "/undo", "/undo")
        clock.advance(10 * MINUTE)
        await home.parts.store.forgettings.erase_due()
        older = await told(home, "ada", "/undo")
        block = await home.block("ada")
    keys = [key for key, _ in (*withheld, *newer, *older)]
    assert keys == [
        "reply.undo_forgotten",
        "reply.undone",
        "reply.undo_forgotten",
        "reply.undone",
    ]
    assert "nordwind" not in block.casefold()


async def test_a_button_means_the_list_that_it_stands_below(tmp_path: Path) -> None:
    model = ScriptedModel("Nice.", "Lovely.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I bake at Nordwind.", "I live in Kiel.")
        await told(home, "ada", "/forget Nordwind", "/forget Kiel")
        events = await home.heard("ada", until=(await home.accept("ada", "/usage")).position)
        offers = [e for e in events if isinstance(e, FeedNotice) and e.key == "reply.forget_found"]
        commands = [action.command for each in offers for action in each.actions]
        ((old, _), (new, _), (again, _)) = await told(home, "ada", *commands, commands[1])
        left = await found(home, "ada", "nordwind kiel")
    assert commands == ["/forget yes #1", "/forget yes #2"]
    assert (old, new, again) == ("reply.forget_changed", "reply.forgotten", "reply.forget_what")
    assert left == ["I bake at Nordwind."]
