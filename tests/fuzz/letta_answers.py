"""A Letta server that answers some requests with what nobody expects."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.adapters.damage import damaged
from tests.fuzz.material import ANYTHING, nested
from tests.simulators.letta_server import (
    LettaServer,
    Record,
    assistant_message,
    block,
    reasoning_message,
    tool,
    tool_call,
    tool_return,
    user_message,
)

Then = Literal["sound", "end", "again", "endless"]
"""What comes for those who ask for the next page: the sound one, none, the same ones in turn, or
others for ever.
"""


@dataclass(frozen=True)
class Answers:
    """What the requests of one kind are answered."""

    pages: tuple[bytes, ...]
    then: Then = "sound"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def sound_server() -> LettaServer:
    """With two agents, and something of all that agents have."""
    server = LettaServer()
    rules = block("house", "no smoking")
    tools = [tool("conversation_search"), tool("weather", "def weather() -> str:\n    return ''\n")]
    for name in ("Sam", "Max"):
        agent = server.add_agent(name, block("human", "Name: Ada"), rules, tools=tools)
        server.say(agent, user_message("Hi"), in_view=False)
        server.say(agent, reasoning_message("look"), tool_call("weather", "call-1"))
        server.say(agent, tool_return("call-1", "rain"))
        server.say(agent, assistant_message("It rains."))
        for text in ("plum cake", "a poem"):
            server.keep(agent, text, "kept")
        server.identities.append(
            {
                "id": f"identity-{name}",
                "identifier_key": f"customer-{name}",
                "name": "Ada",
                "identity_type": "user",
                "agent_ids": [agent["id"]],
            }
        )
    return server


SERVER = sound_server()
SAM = SERVER.agents[0]["id"]
SOUND: dict[str, Any] = {
    "agents": SERVER.agents,
    "agent": SERVER.agents[0],
    "messages": SERVER.messages[SAM],
    "passages": SERVER.passages[SAM],
    "identities": SERVER.identities,
}
EMPTY = (204, 304)
"""How a server answers that says nothing."""
IDS = tuple(each["id"] for each in (*SERVER.agents, *SOUND["messages"], *SOUND["passages"]))


def kind_of(path: str) -> str:
    """What is asked for there, or "" if it is only a way to it."""
    last = path.removeprefix("/v1").strip("/").rsplit("/", 1)[-1]
    if last in {"agents", "identities"}:
        return last if path.endswith("/") else ""
    return {"messages": "messages", "archival-memory": "passages"}.get(last, "agent")


class UnsoundServer:
    """Before a sound one. `answers`, by their kind, are what it says instead."""

    def __init__(self) -> None:
        self._sound = SERVER.app()
        self.answers: Mapping[str, Answers] = {}
        self._asked: dict[str, int] = {}

    def answer(self, answers: Mapping[str, Answers]) -> None:
        self.answers, self._asked = answers, {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = kind_of(scope["path"]) if scope["type"] == "http" else ""
        answers = self.answers.get(kind)
        if answers is None:
            await self._sound(self._known(scope, kind), receive, send)
            return
        asked = self._asked[scope["path"]] = self._asked.get(scope["path"], 0) + 1
        content = _page(answers, kind, asked)
        if content is None:
            await self._sound(scope, receive, send)
            return
        headers = {"content-type": "application/json", **answers.headers}
        body = None if answers.status in EMPTY else content
        await Response(body, answers.status, headers)(scope, receive, send)

    def _known(self, scope: Scope, kind: str) -> Scope:
        """An agent that is made up has the messages of a sound one."""
        if self.answers and kind in {"messages", "passages"}:
            last = scope["path"].rsplit("/", 1)[-1]
            if not any(f"/{each['id']}/" in scope["path"] for each in SERVER.agents):
                return {**scope, "path": f"/v1/agents/{SAM}/{last}"}
        return scope


def _page(answers: Answers, kind: str, asked: int) -> bytes | None:
    """The answer to a request, the first of which is 1; None: the sound one."""
    if asked <= len(answers.pages):
        return answers.pages[asked - 1]
    match answers.then:
        case "sound":
            return None
        case "end":
            return b"[]"
        case "again":
            return answers.pages[(asked - 1) % len(answers.pages)]
        case "endless":
            record = SOUND[kind] if kind == "agent" else SOUND[kind][0]
            return json.dumps([{**record, "id": f"{record['id'][:-6]}{asked:06}"}]).encode()


JUNK: st.SearchStrategy[Any] = ANYTHING | st.sampled_from(
    (
        *IDS,
        "a/b",
        "../../v1/agents",
        "?x=1#y",
        "%00",
        "..",
        "2025-10-31",
        "2025-10-31T00:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999",
        "9999-12-31T23:59:59.999999-23:59",
        "2025-10-31T00:00:00+99:99",
        "tool_call_message",
        "user_message",
        "Europe",
        "../etc/passwd",
        {"nested": nested(300)},
        {"number": float("nan"), "\ud800": ["\x00", float("-inf")]},
    )
).map(copy.deepcopy)  # what stands in a place may be damaged in turn

RAW = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        (
            b"",
            b"null",
            b"{}",
            b"[[]]",
            b"[{}]",
            b'[{"id": NaN}]',
            b'[{"id": ""}]',
            b"<!doctype html><title>Sign in</title>",
            b"[" * 100_000,
            b"[" * 100_000 + b"]" * 100_000,
            b'[{"id":"a","x":' * 2_000 + b"1" + b"}]" * 2_000,
            b"9" * 100_000,
            json.dumps(SERVER.agents).encode()[:-20],
            json.dumps(SERVER.agents).encode("utf-16"),
            b'[{"id":"\xff\xfe"}]',
        )
    ),
)

HEADERS: tuple[Record, ...] = (
    {},
    {"content-type": "text/html"},
    {"content-type": "application/json; charset=none"},
    {"content-encoding": "gzip"},
    {"content-encoding": "br, zstd"},
    {"retry-after": "0"},
    {"location": "/v1/agents/"},
    {"location": "/elsewhere"},
    {"location": "http://127.0.0.1:1/v1/agents/"},
    {"location": "ftp://127.0.0.1/"},
    {"location": "http://[::"},
    {"location": "//"},
)


def _dumped(body: Any) -> bytes:
    return json.dumps(body).encode()


@st.composite
def _pages(draw: st.DrawFn, kind: str) -> bytes:
    """Mostly of the right form, so that what is in it is read."""
    sound = SOUND[kind]
    way = draw(st.integers(0, 11))
    if way == 11:
        return draw(RAW)
    if way == 10:
        return _dumped(draw(JUNK))
    if way == 9:
        return _dumped(draw(damaged(({"body": sound},), JUNK)).get("body", {}))
    if not isinstance(sound, list):
        return _dumped(draw(damaged((sound,), JUNK)))
    if way == 8:
        # Twice, in another order, or some of them.
        return _dumped(draw(st.lists(st.sampled_from(sound), min_size=1, max_size=5)))
    at = draw(st.integers(0, len(sound) - 1))
    record = draw(damaged((sound[at],), JUNK))
    if way <= 5:
        record["id"] = sound[at]["id"]
    return _dumped([*sound[:at], record, *sound[at + 1 :]])


@st.composite
def _answers(draw: st.DrawFn, kind: str) -> Answers:
    pages = draw(st.lists(_pages(kind), min_size=1, max_size=3).map(tuple))
    then: Then = draw(st.sampled_from(("sound", "sound", "end", "again", "endless")))
    if draw(st.integers(0, 3)):
        return Answers(pages, then)
    status = draw(
        st.sampled_from((200, 200, 201, 204, 206, 300, 302, 304, 307, 404, 418, 500, 599))
    )
    headers = draw(st.sampled_from(HEADERS))
    return Answers(pages, then, status, headers)


MADE_UP: st.SearchStrategy[dict[str, Answers]] = st.lists(
    st.sampled_from(sorted(SOUND)), min_size=1, max_size=2, unique=True
).flatmap(lambda kinds: st.fixed_dictionaries({kind: _answers(kind) for kind in kinds}))
"""What a server says, by the kind of request."""
