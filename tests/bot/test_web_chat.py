"""The web chat over a whole service and real HTTP: what a browser sends and is sent."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from agentcore.model import ModelAnswer
from agentcore.testing import ScriptedModel
from bot.people.invitations import page_link
from tests.house import PATIENCE, call, calls
from tests.web_site import site_of

Event = tuple[str, str, dict[str, Any]]


async def visit(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/")).status_code == 200


async def write(browser: httpx.AsyncClient, text: str, client_id: str = "") -> httpx.Response:
    body = {"text": text, "client_id": client_id or uuid.uuid4().hex}
    return await browser.post("/chat/messages", json=body)


async def said(browser: httpx.AsyncClient, text: str) -> int:
    answer = await write(browser, text)
    assert answer.status_code == 202
    position: int = answer.json()["position"]
    return position


async def heard(
    browser: httpx.AsyncClient, *, until: int, after: str = "", stop_after: int = 10_000
) -> list[Event]:
    """The events of one connection until the position is answered, or so many."""
    events: list[Event] = []
    headers = {"Last-Event-ID": after} if after else {}
    with anyio.fail_after(PATIENCE):
        async with browser.stream("GET", "/chat/events", headers=headers) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            block: dict[str, str] = {}
            async for line in stream.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                    continue
                if "event" in block:
                    data = json.loads(block["data"])
                    events.append((block["event"], block.get("id", ""), data))
                    answered = block["event"] == "answered" and data["position"] >= until
                    if answered or len(events) == stop_after:
                        return events
                block = {}
    raise AssertionError(events)


def spoken(events: list[Event]) -> list[tuple[str, str]]:
    return [(data["role"], data["text"]) for name, _, data in events if name == "message"]


def remember(text: str) -> ModelAnswer:
    return calls(call("memory_insert", json.dumps({"label": "human", "new_string": text})))


async def test_a_visitor_writes_and_is_answered_and_sees_what_is_remembered(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(remember("Lives in Lisbon."), "**Noted**, Ada.")
    async with site_of(tmp_path, model) as site, site.browser() as browser:
        await visit(browser)
        client_id = uuid.uuid4().hex
        answer = await write(browser, "I live in <Lisbon>.", client_id)
        assert answer.status_code == 202
        events = await heard(browser, until=answer.json()["position"])
        memories = await memory_of(browser)
    mine, theirs = (data for name, _, data in events if name == "message")
    assert (mine["html"], mine["client_id"]) == ("I live in &lt;Lisbon&gt;.", client_id)
    assert theirs["html"] == "<p><strong>Noted</strong>, Ada.</p>\n"
    human = next(block for block in memories["blocks"] if block["label"] == "human")
    assert human["lines"] == [{"number": 1, "text": "Lives in Lisbon.", "changed": True}]
    assert memories["can_undo"] is True


async def memory_of(browser: httpx.AsyncClient) -> dict[str, Any]:
    """The memory as a page that opens now is shown it."""
    for stop_after in range(1, 50):
        for name, _, data in await heard(browser, until=10**9, stop_after=stop_after):
            if name == "memory":
                return data
    raise AssertionError


async def test_memory_is_shown_as_soon_as_it_is_kept_and_undone_at_once(tmp_path: Path) -> None:
    model = ScriptedModel(remember("Likes tea."), "Noted.")
    async with site_of(tmp_path, model) as site, site.browser() as browser:
        await visit(browser)
        memories: list[dict[str, Any]] = []

        async def watch() -> None:
            async with browser.stream("GET", "/chat/events") as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data: ") and '"can_undo"' in line:
                        memories.append(json.loads(line.removeprefix("data: ")))
                        changed.set()

        changed = anyio.Event()
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as group:
                group.start_soon(watch)
                await said(browser, "I like tea.")
                while not memories or not lines(memories[-1]):
                    await changed.wait()
                    changed = anyio.Event()
                await said(browser, "/undo")
                while lines(memories[-1]):
                    await changed.wait()
                    changed = anyio.Event()
                group.cancel_scope.cancel()
    assert [lines(each) for each in memories][-2:] == [["Likes tea."], []]
    assert memories[-1]["can_undo"] is False


def lines(memory: dict[str, Any]) -> list[str]:
    return [
        line["text"]
        for block in memory["blocks"]
        if block["label"] == "human"
        for line in block["lines"]
    ]


async def test_the_same_sending_is_one_message_however_often_it_comes(tmp_path: Path) -> None:
    async with site_of(tmp_path, ScriptedModel("Hello.")) as site, site.browser() as browser:
        await visit(browser)
        first = await write(browser, "Hi", "the-same-id")
        again = await write(browser, "Hi", "the-same-id")
        events = await heard(browser, until=1)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {"outcome": "duplicate", "position": 1, "text": ""}
    assert spoken(events) == [("user", "Hi"), ("assistant", "Hello.")]


async def test_a_visitor_who_has_all_erased_is_told_so_and_begins_anew(tmp_path: Path) -> None:
    model = ScriptedModel("I see.", "Who are you?")
    async with site_of(tmp_path, model) as site, site.browser() as browser:
        await visit(browser)
        await said(browser, "I live in <Lisbon>.")
        before = await heard(browser, until=1)
        asked = (await write(browser, "/delete")).json()
        code = re.findall(r"/delete (\d{4})", asked["text"])[0]
        confirmed = await write(browser, f"/delete {code}")
        assert await said(browser, "It is me again.") == 1  # the same cookie, a new person
        after = await heard(browser, until=1, after=before[-1][1])
    assert (confirmed.status_code, confirmed.json()["outcome"]) == (200, "answered")
    assert "erased here" in confirmed.json()["html"]
    assert "is erased" not in str(after), "the receipt is kept nowhere"
    assert spoken(after) == [("user", "It is me again."), ("assistant", "Who are you?")]
    assert b"<Lisbon>" not in stored_in(tmp_path)


def stored_in(folder: Path) -> bytes:
    """All that stands in any file of a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


async def test_another_visitors_id_can_not_be_used_up(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", "Hello.")
    async with site_of(tmp_path, model) as site, site.browser() as ada, site.browser() as bob:
        for browser in (ada, bob):
            await visit(browser)
            assert (await write(browser, "Hi", "the-same-id")).status_code == 202


async def test_wherever_the_connection_is_cut_nothing_is_lost_or_repeated(tmp_path: Path) -> None:
    model = ScriptedModel("One.", "Two.", "Three.")
    async with site_of(tmp_path, model) as site, site.browser() as browser:
        await visit(browser)
        last = 0
        for text in ("1", "/help", "2", "/memory", "3"):
            last = await said(browser, text)
            await heard(browser, until=last)
        whole = await heard(browser, until=last)
        kept = [each for each in whole if each[1]]
        for cut in range(1, len(whole)):
            seen = await heard(browser, until=last, stop_after=cut)
            after = next((event_id for _, event_id, _ in reversed(seen) if event_id), "")
            rest = await heard(browser, until=last, after=after)
            joined = [each for each in (*seen, *rest) if each[1] and each[0] != "answered"]
            if after:
                assert joined == [each for each in kept if each[0] != "answered"], cut
    assert [text for _, text in spoken(whole)] == ["1", "One.", "2", "Two.", "3", "Three."]


async def test_a_page_begins_with_the_last_messages_and_can_ask_for_the_earlier_ones(
    tmp_path: Path,
) -> None:
    count = 30
    model = ScriptedModel(*(f"re {n}" for n in range(count)))
    async with site_of(tmp_path, model) as site, site.browser() as browser:
        await visit(browser)
        for n in range(count):
            await heard(browser, until=await said(browser, f"{n}"))
        shown = [data for name, _, data in await heard(browser, until=count) if name == "message"]
        assert len(shown) == 50
        first = shown[0]["id"]
        past = (await browser.get("/chat/history", params={"before": first, "limit": 6})).json()
        older = (
            await browser.get("/chat/history", params={"before": past["messages"][0]["id"]})
        ).json()
    texts = [each["text"] for each in (*older["messages"], *past["messages"], *shown)]
    assert texts == [text for n in range(count) for text in (f"{n}", f"re {n}")]
    assert (past["more"], older["more"]) == (True, False)


async def test_a_second_visitor_is_a_stranger(tmp_path: Path) -> None:
    model = ScriptedModel(remember("Name: Ada"), "Hello Ada.", "Hello stranger.")
    async with site_of(tmp_path, model) as site, site.browser() as ada, site.browser() as bob:
        await visit(ada)
        await visit(bob)
        await heard(ada, until=await said(ada, "I'm Ada."))
        events = await heard(bob, until=await said(bob, "Who am I?"))
        assert "Ada" not in json.dumps(events)
        assert lines(await memory_of(bob)) == []
        assert "Ada" not in (await bob.get("/chat/history")).text


async def test_a_recovery_code_takes_a_visitor_to_another_browser(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.")
    async with site_of(tmp_path, model) as site, site.browser() as one, site.browser() as other:
        await visit(one)
        await visit(other)
        await heard(one, until=await said(one, "Hi"))
        code = (await one.get("/chat/recovery-code")).json()["code"]
        wrong = await other.post("/chat/recover", json={"code": code[:-1] + "?"})
        assert wrong.status_code == 403
        assert "code" in wrong.json()["detail"]
        assert (await other.post("/chat/recover", json={"code": code})).status_code == 204
        assert spoken(await heard(other, until=1)) == [("user", "Hi"), ("assistant", "Hello.")]
        assert (await other.post("/chat/leave", json={})).status_code == 204
        assert (await write(other, "Hi")).status_code == 401


async def test_an_answer_is_seen_while_it_is_made(tmp_path: Path) -> None:
    follows = anyio.Event()
    model = ScriptedModel("Once upon a time.", gate=follows)
    async with site_of(tmp_path, model) as site, site.browser() as browser:
        await visit(browser)
        await said(browser, "A story, please.")
        seen = ""
        with anyio.fail_after(PATIENCE):
            async with browser.stream("GET", "/chat/events") as stream:
                async for line in stream.aiter_lines():
                    if line == "event: answered":
                        follows.set()
                    if '"begins"' in line:
                        seen += json.loads(line.removeprefix("data: "))["text"]
                    if '"role":"assistant"' in line:
                        break
    assert seen == "Once upon a time."


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"text": "Hi", "client_id": "12345678"}', "text/plain", 415),
        (b"text=Hi&client_id=12345678", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"text": 1, "client_id": "12345678"}', "application/json", 400),
        (b'{"text": "Hi"}', "application/json", 400),
        (b'{"text": "Hi", "client_id": "short"}', "application/json", 400),
        (b'{"text": "Hi", "client_id": "no spaces in here"}', "application/json", 400),
        (b'{"text": "' + b"x" * 300_000 + b'"}', "application/json", 413),
        (b'{"text": "  ", "client_id": "12345678"}', "application/json", 409),
        (b'{"text": "\\ud800 \\u0000", "client_id": "12345678"}', "application/json", 202),
    ],
)
async def test_what_is_not_of_the_agreed_form_is_refused_with_a_sentence(
    tmp_path: Path, body: bytes, kind: str, status: int
) -> None:
    async with site_of(tmp_path, ScriptedModel("Hello.")) as site, site.browser() as browser:
        await visit(browser)
        headers = {"Content-Type": kind}
        answer = await browser.post("/chat/messages", content=body, headers=headers)
    assert answer.status_code == status
    told = answer.json()
    assert status == 202 or told.get("detail") or told.get("text")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/chat/events"),
        ("GET", "/chat/history"),
        ("GET", "/chat/recovery-code"),
        ("POST", "/chat/messages"),
    ],
)
async def test_without_a_cookie_nothing_is_anybodys(tmp_path: Path, method: str, path: str) -> None:
    async with site_of(tmp_path, ScriptedModel()) as site, site.browser() as browser:
        browser.cookies.set("familiar", "0123456789abcdef0123.made-up")
        answer = await browser.request(method, path, json={})
    assert answer.status_code == 401
    assert "load the page again" in answer.json()["detail"]


async def test_off_loopback_only_the_invited_come_in(tmp_path: Path) -> None:
    settings = {
        "host": "192.0.2.1",
        "api_token": "secret-token",
        "public_url": "https://chat.example",
    }
    async with (
        site_of(tmp_path, ScriptedModel("Hello."), **settings) as site,
        site.browser() as browser,
    ):
        assert "enter.js" in (await browser.get("/")).text
        assert (await write(browser, "Hi")).status_code == 401
        link = page_link(site.home.parts.settings, await site.home.parts.store.invite())
        assert link.startswith("https://chat.example/?invite=")
        assert "enter.js" in (await browser.get("/", params={"invite": "seen by a crawler"})).text
        invite = link.partition("=")[2]
        assert (await browser.post("/chat/enter", json={"invite": invite})).status_code == 204
        assert "chat.js" in (await browser.get("/")).text
        assert (await write(browser, "Hi")).status_code == 202
        async with site.browser() as late:
            used = await late.post("/chat/enter", json={"invite": invite})
            assert used.status_code == 403
            assert "used" in used.json()["detail"]


async def test_every_answer_is_guarded_and_kept_by_nobody(tmp_path: Path) -> None:
    async with site_of(tmp_path, ScriptedModel()) as site, site.browser() as browser:
        opened = await browser.get("/")
        policy = opened.headers["content-security-policy"]
        again = (await browser.get("/")).headers["content-security-policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        history = await browser.get("/chat/history")
        forged = await browser.get("/", headers={"Host": "evil.example"})
        crossed = await browser.post(
            "/chat/messages", json={}, headers={"Origin": "https://evil.example"}
        )
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert policy != again
    assert opened.text.count(f'nonce="{nonce}"') == opened.text.count("<script")
    assert {opened.headers["cache-control"], history.headers["cache-control"]} == {"no-store"}
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (forged.status_code, crossed.status_code) == (403, 403)


async def test_the_pages_files_are_kept_for_good_under_their_own_address(tmp_path: Path) -> None:
    async with site_of(tmp_path, ScriptedModel()) as site, site.browser() as browser:
        text = (await browser.get("/")).text
        address = text.partition('src="/static/')[2].partition("/")[0]
        for name in ("chat.js", "feed.js", "chat.css", "icon.svg"):
            found = await browser.get(f"/static/{address}/{name}")
            assert found.status_code == 200, name
            assert "immutable" in found.headers["cache-control"]
        for path in (
            f"/static/{address}/chat.html",
            f"/static/{address}/..%2fpage.py",
            "/static/old/chat.js",
        ):
            assert (await browser.get(path)).status_code == 404, path


async def test_the_page_speaks_the_browsers_language(tmp_path: Path) -> None:
    async with (
        site_of(tmp_path, ScriptedModel()) as site,
        site.browser(**{"Accept-Language": "de-AT"}) as browser,
    ):
        text = (await browser.get("/")).text
        assert 'lang="de"' in text
        assert "Gedächtnis" in text
        events = await heard(browser, until=await said(browser, "/stop"))
    notices = [data["text"] for name, _, data in events if name == "notice"]
    assert notices == ["Ich arbeite gerade an nichts."]


async def test_a_stop_of_the_service_ends_open_pages(tmp_path: Path) -> None:
    async with site_of(tmp_path, ScriptedModel()) as site, site.browser() as browser:
        await visit(browser)
        stream = browser.stream("GET", "/chat/events")
        answer = await stream.__aenter__()
        first = await anext(answer.aiter_lines())
    assert first == "event: profile"
    await browser.aclose()
