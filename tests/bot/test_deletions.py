"""`/delete`: asked for, confirmed, done at once, and nothing is left; whatever state things are in."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Receipt, Sender
from adapters.feed import Cursor, FeedAnswered
from adapters.testing import FakePushAdapter, PushPlatform
from agentcore.records import OWNER
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.house import FAST, PATIENCE, House, address_of, house, replies, working

SECRET = "The password of my diary is Quetzalcoatl-7719 and nobody may know it."
NOTHING = "There is nothing stored about you."


async def code_for(home: House, user: str) -> str:
    asked = await home.accept(user, "/delete")
    assert asked.outcome == "answered"
    found = re.search(r"/delete (\d{4})", asked.text)
    assert found is not None, asked.text
    return found[1]


async def delete(home: House, user: str) -> Receipt:
    return await home.accept(user, f"/delete {await code_for(home, user)}")


def bytes_of(folder: Path) -> bytes:
    """All that stands in any file of the data folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "familiar.db")) as connection:
        return connection.execute(query).fetchall()


async def test_nothing_happens_without_the_code(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("I see.")) as home:
        await home.say("ada", SECRET)
        code = await code_for(home, "ada")
        wrong = await home.accept("ada", f"/delete {(int(code) + 1) % 10_000:04}")
        again = await code_for(home, "ada")
        said = [message.text for message in await home.history("ada")]
    assert "nothing was erased" in wrong.text
    assert again == code
    assert SECRET in said


async def test_with_the_code_all_is_gone_from_the_files_too(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("I see.", "Hello Bob.")) as home:
        await home.say("ada", SECRET)
        await home.say("bob", "I am Bob, and I keep bees in Bremen, eleven hives of them.")
        receipt = await delete(home, "ada")
        bobs = [message.text for message in await home.history("bob")]
    assert receipt.outcome == "answered"
    assert "Everything about you is erased here" in receipt.text
    assert "nothing is left in their unused space" in receipt.text
    left = bytes_of(tmp_path)
    for trace in (b"Quetzalcoatl", b"quetzalcoatl", b"uetzalco", b"diary", b"local:ada"):
        assert trace not in left, trace
    assert b"eleven hives" in left
    assert bobs == ["I am Bob, and I keep bees in Bremen, eleven hives of them.", "Hello Bob."]


async def test_whoever_was_followed_by_programs_is_told_that_those_have_heard_it(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, ScriptedModel("I see.", "I see.")) as home:
        for user in ("ada", "bob"):
            await home.say(user, SECRET)
        agent_id = await home.agent_of("ada")
        hooks = home.parts.store.webhooks
        await hooks.create(agent_id, "https://hooks.example/x", ["message.created"], OWNER)
        followed, alone = await delete(home, "ada"), await delete(home, "bob")
    assert "programs were sent" in followed.text
    assert "programs were sent" not in alone.text


async def test_the_code_of_one_is_no_good_for_another(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("I see.", "I see.")) as home:
        await home.say("ada", SECRET)
        await home.say("bob", "Hello.")
        code = await code_for(home, "ada")
        stolen = await home.accept("bob", f"/delete {code}")
        said = [message.text for message in await home.history("ada")]
    assert "wrong or has run out" in stolen.text
    assert SECRET in said


async def test_a_code_runs_out(tmp_path: Path) -> None:
    clock = FakeClock()
    given = Replacements(clock=clock, limits=FAST)
    async with house(tmp_path, ScriptedModel("I see."), replacements=given) as home:
        await home.say("ada", SECRET)
        code = await code_for(home, "ada")
        clock.advance(10 * 60 * 1_000_000)
        late = await home.accept("ada", f"/delete {code}")
        assert await code_for(home, "ada") is not None
    assert "wrong or has run out" in late.text


async def test_asking_again_afterwards_tells_that_there_is_nothing(tmp_path: Path) -> None:
    """Whoever lost the receipt on the way learns it all the same."""
    async with house(tmp_path, ScriptedModel("I see.")) as home:
        await home.say("ada", SECRET)
        code = await code_for(home, "ada")
        await home.accept("ada", f"/delete {code}", update_id="confirmed")
        repeated = await home.accept("ada", f"/delete {code}", update_id="confirmed")
        asked = await home.accept("ada", "/delete")
    assert repeated.text == asked.text == NOTHING


async def test_a_stranger_is_told_and_stays_one(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        receipt = await home.accept("ada", "/delete")
    assert receipt.text == NOTHING
    assert rows(tmp_path, 'SELECT count(*) FROM "user"') == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM agent") == [(0,)]


async def test_while_a_turn_runs_it_is_stopped_and_its_answer_is_nowhere(tmp_path: Path) -> None:
    gate = anyio.Event()
    model = ScriptedModel("My answer tells of Popocatepetl.", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        await home.accept("ada", SECRET)
        with anyio.fail_after(PATIENCE):
            await model.called.wait()
        await home.accept("ada", "a second message that waits, with Iztaccihuatl in it")
        receipt = await delete(home, "ada")
        gate.set()
        with anyio.fail_after(PATIENCE):
            while home.parts.dispatcher.busy:
                await anyio.lowlevel.checkpoint()
    assert "erased here" in receipt.text
    left = bytes_of(tmp_path)
    for trace in (b"Popocatepetl", b"Quetzalcoatl", b"Iztaccihuatl"):
        assert trace not in left, trace


@asynccontextmanager
async def on_push(
    folder: Path, platform: PushPlatform, model: ScriptedModel, **settings: Any
) -> AsyncIterator[House]:
    given = Replacements(
        limits=FAST, adapters=lambda context: [FakePushAdapter(context.service, platform)]
    )
    async with (
        house(folder, model, replacements=given, **settings) as home,
        working(home),
    ):
        yield home


def seen(platform: PushPlatform, chat: str) -> list[str]:
    return [each.text for each in platform.seen(chat)]


async def test_a_push_platform_is_sent_the_receipt_and_no_row_of_it_is_left(tmp_path: Path) -> None:
    platform = PushPlatform()
    async with on_push(tmp_path, platform, ScriptedModel("I see.")) as home:
        platform.write("4711", SECRET)
        await platform.until(lambda: seen(platform, "4711")[-1:] == ["I see."])
        platform.write("4711", "/delete")
        await platform.until(lambda: "/delete" in seen(platform, "4711")[-1])
        code = re.findall(r"/delete (\d{4})", seen(platform, "4711")[-1])[0]
        platform.write("4711", f"/delete {code}")
        await platform.until(lambda: "erased here" in "".join(seen(platform, "4711")))
        with anyio.fail_after(PATIENCE):
            while (await home.parts.store.counts())["to_send"]:
                await anyio.lowlevel.checkpoint()
    assert "what your chat app keeps" in "".join(seen(platform, "4711")[2:])
    assert rows(tmp_path, "SELECT count(*) FROM outbox") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM erasure") == [(0,)]
    left = bytes_of(tmp_path)
    for trace in (b"Quetzalcoatl", b"fakepush:bot:4711", b"erased here"):
        assert trace not in left, trace


async def test_whoever_was_never_let_in_can_have_that_erased_too(tmp_path: Path) -> None:
    platform = PushPlatform()
    async with on_push(tmp_path, platform, ScriptedModel(), access="pairing") as home:
        platform.write("4711", "let me in, I am Rumpelstilzchen", name="Rumpelstilzchen")
        await platform.until(lambda: len(seen(platform, "4711")) == 1)
        platform.write("4711", "/delete")
        await platform.until(lambda: "/delete" in seen(platform, "4711")[-1])
        code = re.findall(r"/delete (\d{4})", seen(platform, "4711")[-1])[0]
        platform.write("4711", f"/delete {code}")
        await platform.until(lambda: "erased here" in "".join(seen(platform, "4711")))
        with anyio.fail_after(PATIENCE):
            while (await home.parts.store.counts())["to_send"]:
                await anyio.lowlevel.checkpoint()
    left = bytes_of(tmp_path)
    assert b"Rumpelstilzchen" not in left
    assert b"fakepush:bot:4711" not in left


async def test_a_blocked_person_gets_silence_and_stays_blocked(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("I see.")) as home:
        await home.say("ada", SECRET)
        (person,) = await home.parts.store.people()
        composer = home.parts.dispatcher.crew.composer
        await home.parts.store.set_access(
            person.user_id, "blocked", by="command line", composer=composer
        )
        receipt = await home.accept("ada", "/delete")
        assert len(await home.parts.store.people()) == 1
    assert (receipt.outcome, receipt.text) == ("refused", "")


def in_the_group(user: str, text: str) -> Inbound:
    return Inbound(
        update_id=uuid.uuid4().hex,
        address=ChatAddress("terminal", "local", "the-group"),
        sender=Sender(user, user.title()),
        parts=(InboundPart(text),),
        audience="chat",
    )


async def test_in_a_group_only_the_person_s_own_words_there_go(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("I see.", "Oh.", "Fine.")) as home:
        accept = home.parts.gateway.accept
        await home.say("ada", "In private I collect zithers.")
        for user, text in (("ada", SECRET), ("bob", "I play the oboe.")):
            await accept(in_the_group(user, text))
            (claim,) = await home.claim()
            await home.run(claim)
        asked = await accept(in_the_group("ada", "/delete"))
        code = re.findall(r"/delete (\d{4})", asked.text)[0]
        by_bob = await accept(in_the_group("bob", f"/delete {code}"))
        in_private = await home.accept("ada", f"/delete {code}")
        done = await accept(in_the_group("ada", f"/delete {code}"))
        own = [message.text for message in await home.history("ada")]
    assert "what you wrote in this group is erased" in done.text
    assert "nothing was erased" in by_bob.text
    assert "nothing was erased" in in_private.text
    assert own[0] == "In private I collect zithers."
    stored = repr(rows(tmp_path, "SELECT parts FROM message UNION SELECT parts FROM inbox"))
    assert "Quetzalcoatl" not in stored
    assert "oboe" in stored


async def test_a_reader_is_told_to_begin_anew_and_hears_the_new_life(tmp_path: Path) -> None:
    model = ScriptedModel("One.", "Two.", "Welcome, stranger.")
    async with house(tmp_path, model) as home, working(home):
        for text in ("first", "second"):
            await home.accept("ada", text)
        await home.heard("ada", until=2)
        feed = home.parts.gateway.watch(address_of("ada"), Cursor())
        positions: list[int] = []
        said: list[str] = []
        with anyio.fail_after(PATIENCE):
            async for event in feed:
                if isinstance(event, FeedAnswered):
                    positions.append(event.position)
                    if event.position == 2:
                        await delete(home, "ada")
                        assert (await home.accept("ada", "hello?")).position == 1
                    if 0 in positions and event.position == 1:
                        break
                said += replies([event])
        await feed.aclose()
    assert said == ["One.", "Two.", "Welcome, stranger."]
    assert positions.index(0) > positions.index(2)


async def test_what_a_dead_process_left_is_finished_at_the_next_start(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("I see.")) as home:
        await home.say("ada", SECRET)
        (person,) = await home.parts.store.people()
        await home.parts.store.erasures.begin(person.user_id, OWNER)
    assert b"Quetzalcoatl" in bytes_of(tmp_path)
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        with anyio.fail_after(PATIENCE):
            while await home.parts.store.erasures.unfinished(before=home.parts.clock.now()):
                await anyio.lowlevel.checkpoint()
    assert b"Quetzalcoatl" not in bytes_of(tmp_path)


async def test_the_lines_typed_at_the_terminal_go_with_the_person(tmp_path: Path) -> None:
    (tmp_path / "chat-history").write_text(SECRET)
    async with house(tmp_path, ScriptedModel("I see.")) as home:
        await home.say("ada", SECRET)
        await delete(home, "ada")
    assert not (tmp_path / "chat-history").exists()


async def test_a_forwarded_deletion_is_nobody_s_wish(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("I see.")) as home:
        await home.say("ada", SECRET)
        code = await code_for(home, "ada")
        part = InboundPart(f"/delete {code}", "forwarded")
        await home.parts.gateway.accept(Inbound("9", address_of("ada"), Sender("ada"), (part,)))
        assert len(await home.parts.store.people()) == 1
