"""Following an agent over the API: a stream of events, webhooks, and callbacks of runs."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from letta_client import AsyncLetta
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.testing.signals import Changes
from agentcore.records import AgentId
from bot.app import Replacements
from bot.egress import EgressRequest
from bot.egress.testing import ScriptedEgress
from tests.adapters.web.rest.test_erased_people import bound
from tests.api_site import ApiSite, api_site
from tests.bot.commands.talk import said, told
from tests.house import FAST, PATIENCE
from tests.simulators.loopback import serving

MADE = {"model": "offline", "memory_blocks": [{"label": "human", "value": ""}]}


@dataclass(frozen=True)
class Delivery:
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Somebody's server: keeps what it is sent, and answers what `script` says."""

    got: list[Delivery] = field(default_factory=list)
    script: Callable[[Delivery], int] = lambda _delivery: 200
    changes: Changes = field(default_factory=Changes)

    async def take(self, request: Request) -> Response:
        delivery = Delivery(dict(request.headers), await request.body())
        status = self.script(delivery)
        self.got.append(delivery)
        self.changes.tell()
        return Response(status_code=status)

    async def until(self, reached: Callable[[list[Delivery]], bool]) -> list[Delivery]:
        await self.changes.until(lambda: reached(self.got))
        return self.got


@dataclass
class Slow(Receiver):
    """Takes nothing before it is let."""

    released: anyio.Event = field(default_factory=anyio.Event)

    async def take(self, request: Request) -> Response:
        with anyio.fail_after(PATIENCE):
            await self.released.wait()
        return await super().take(request)


@dataclass(frozen=True)
class Outside:
    site: ApiSite
    url: str
    receivers: dict[str, Receiver]

    def receiver(self, name: str) -> tuple[str, Receiver]:
        receiver = self.receivers[name] = Receiver()
        return f"{self.url}/{name}", receiver

    async def agent(self) -> str:
        made = await self.site.http.post("/v1/agents/", json=MADE)
        return str(made.json()["id"])

    async def hook(self, agent_id: str, url: str, **fields: Any) -> Mapping[str, Any]:
        path = f"/v1/agents/{agent_id}/webhooks"
        made = await self.site.http.post(path, json={"url": url, **fields})
        assert made.status_code == 200, made.text
        found: Mapping[str, Any] = made.json()
        return found

    async def say(self, agent_id: str, text: str) -> Mapping[str, Any]:
        path = f"/v1/agents/{agent_id}/messages"
        answer = await self.site.http.post(path, json={"input": text})
        assert answer.status_code == 200, answer.text
        found: Mapping[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    receivers: dict[str, Receiver] = {}

    async def take(request: Request) -> Response:
        return await receivers[request.path_params["name"]].take(request)

    app = Starlette(routes=[Route("/{name}", take, methods=["POST"])])
    async with serving(app) as url:
        host = url.removeprefix("http://")
        async with api_site(tmp_path_factory.mktemp("site"), egress_allow=(host,)) as site:
            yield Outside(site, url, receivers)


def _documented() -> Callable[[str, str, bytes], bool]:
    """The verification that receivers are shown."""
    page = (Path(__file__).parents[4] / "docs" / "api-events.md").read_text("utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 (a page of ours)
    verify: Callable[[str, str, bytes], bool] = names["genuine"]
    return verify


VERIFY = _documented()


def genuine(delivery: Delivery, secret: str) -> bool:
    """As a receiver finds out."""
    return VERIFY(secret, delivery.headers["familiar-signature"], delivery.body)


def ended(got: list[Delivery]) -> bool:
    return any(each.headers["familiar-event"] == "run.ended" for each in got)


async def test_a_webhook_is_told_what_happens_signed_and_in_order(outside: Outside) -> None:
    agent_id, (url, receiver) = await outside.agent(), outside.receiver("signed")
    hook = await outside.hook(agent_id, url)
    await outside.say(agent_id, "My name is Ada.")
    got = await receiver.until(ended)
    assert all(genuine(each, hook["secret"]) for each in got)
    assert not any(genuine(each, "whsec_other") for each in got)
    kinds = [each.content["type"] for each in got]
    assert (kinds[0], kinds[-1]) == ("message.created", "run.ended")
    assert "block.edited" in kinds
    first, last = got[0].content, got[-1].content
    assert first["agent_id"] == agent_id
    assert first["data"]["messages"][0]["content"] == "My name is Ada."
    assert first["data"]["run_id"] == last["data"]["run"]["id"]
    assert last["data"]["run"]["status"] == "completed"
    assert got[0].headers["familiar-delivery"] == first["id"]
    assert len({each.content["id"] for each in got}) == len(got)


async def test_what_isnt_taken_is_sent_again_before_anything_that_came_later(
    outside: Outside,
) -> None:
    agent_id, (url, receiver) = await outside.agent(), outside.receiver("failing")
    receiver.script = lambda _delivery: 500 if len(receiver.got) < 2 else 204
    hook = await outside.hook(agent_id, url, events=["message.created", "run.ended"])
    await outside.say(agent_id, "Hello")
    got = await receiver.until(ended)
    ids = [each.content["id"] for each in got]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == len(ids) - 2
    path = f"/v1/agents/{agent_id}/webhooks"
    (seen,) = (await outside.site.http.get(path)).json()
    assert "secret" not in seen
    assert seen["id"] == hook["id"]


async def test_what_is_forgotten_while_a_receiver_is_slow_isnt_told_any_more(
    outside: Outside,
) -> None:
    agent_id, url, slow = await outside.agent(), f"{outside.url}/slow", Slow()
    outside.receivers["slow"] = slow
    await bound(outside.site, "terminal:local:dot", {"id": agent_id})
    await outside.hook(agent_id, url)
    home = outside.site.home
    await said(home, "dot", "I live in Quokkatown.")
    await told(home, "dot", "/forget Quokkatown", "/forget yes")
    slow.released.set()
    first, *later = await slow.until(ended)
    assert b"Quokkatown" in first.body
    assert not any(b"uokkatown" in each.body for each in later)


async def test_a_receiver_that_is_gone_is_left_and_the_reason_is_shown(outside: Outside) -> None:
    agent_id, (url, receiver) = await outside.agent(), outside.receiver("gone")
    receiver.script = lambda _delivery: 410
    hook = await outside.hook(agent_id, url, events=["run.ended"])
    await outside.say(agent_id, "Hello")
    await receiver.until(ended)
    path = f"/v1/agents/{agent_id}/webhooks"
    with anyio.fail_after(PATIENCE):
        while (seen := (await outside.site.http.get(path)).json()[0])["enabled"]:
            pass  # what is asked for takes its time
    assert "410" in seen["disabled_reason"]
    receiver.script = lambda _delivery: 200
    one = f"{path}/{hook['id']}"
    assert (await outside.site.http.patch(one, json={"enabled": True})).json()["enabled"]
    assert len(await receiver.until(lambda got: len(got) == 2)) == 2
    assert (await outside.site.http.delete(one)).status_code == 200
    assert (await outside.site.http.get(path)).json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "http://127.0.0.1:1/"}, 400),
        ({"url": "http://169.254.169.254/latest"}, 400),
        ({"url": "file:///etc/passwd"}, 400),
        ({"url": "https://user:secret@example.com/"}, 400),
        ({"url": ""}, 422),
        ({}, 422),
        ({"url": "https://example.com/", "events": ["nothing"]}, 422),
    ],
)
async def test_an_address_that_wont_do_is_refused(
    outside: Outside, body: Mapping[str, Any], status: int
) -> None:
    answer = await outside.site.http.post(f"/v1/agents/{await outside.agent()}/webhooks", json=body)
    assert answer.status_code == status, answer.text


async def test_the_client_of_a_run_in_the_background_is_called_back(outside: Outside) -> None:
    agent_id, (url, receiver) = await outside.agent(), outside.receiver("callback")
    async with AsyncLetta(base_url=outside.site.url, api_key="none") as client:
        run = await client.agents.messages.create_async(
            agent_id, messages=[{"role": "user", "content": "Hello"}], callback_url=url
        )
    (called,) = await receiver.until(bool)
    secret = (await outside.site.http.get(f"/v1/agents/{agent_id}/callback-secret")).json()
    assert genuine(called, secret["secret"])
    told = called.content
    assert (told["run_id"], told["status"]) == (run.id, "completed")
    assert told["completed_at"]
    assert "Hello" not in called.body.decode()


async def test_a_callback_into_a_private_network_is_refused(outside: Outside) -> None:
    path = f"/v1/agents/{await outside.agent()}/messages/async"
    body = {"input": "Hello", "callback_url": "http://127.0.0.1:1/"}
    assert (await outside.site.http.post(path, json=body)).status_code == 400


@asynccontextmanager
async def events(
    outside: Outside, agent_id: str, known: str | None = None, **query: Any
) -> AsyncIterator[AsyncIterator[tuple[str, str, Any]]]:
    """The id, the kind and the content of each event."""
    headers = {} if known is None else {"Last-Event-ID": known}
    async with (
        httpx.AsyncClient(base_url=outside.site.url, timeout=PATIENCE) as client,
        client.stream(
            "GET", f"/v1/agents/{agent_id}/events", params=query, headers=headers
        ) as answer,
    ):
        assert answer.status_code == 200
        async with aclosing(_events(answer)) as found:
            yield found


async def _events(answer: httpx.Response) -> AsyncGenerator[tuple[str, str, Any], None]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


async def test_a_stream_tells_what_happens_and_goes_on_where_it_was_left(outside: Outside) -> None:
    agent_id = await outside.agent()
    heard: list[tuple[str, str, Any]] = []
    async with events(outside, agent_id) as stream:
        assert (await anext(stream))[1] == "place"
        await outside.say(agent_id, "My name is Bea.")
        async for each in stream:
            heard.append(each)
            if each[1] == "run.ended":
                break
    kinds = [kind for _, kind, _ in heard]
    assert kinds[0] == "message.created"
    assert heard[0][2]["data"]["messages"][0]["content"] == "My name is Bea."
    assert "block.edited" in kinds
    for number, (known, _, _) in enumerate(heard[:-1], start=1):
        async with events(outside, agent_id, known) as stream:
            await anext(stream)
            assert await anext(stream) == heard[number]


async def test_a_stream_can_begin_at_the_start_and_tell_some_kinds_alone(outside: Outside) -> None:
    agent_id = await outside.agent()
    await outside.say(agent_id, "Hello")
    async with events(outside, agent_id, after="start", kinds=["run.ended"]) as stream:
        assert (await anext(stream))[1] == "place"
        assert (await anext(stream))[1] == "run.ended"


async def test_a_place_that_nobody_gave_is_refused(outside: Outside) -> None:
    path = f"/v1/agents/{await outside.agent()}/events"
    for known in ("x", "1", "1.2.3", "-1.0", "1.1.zz-1", "9" * 30 + ".1"):
        assert (await outside.site.http.get(path, params={"after": known})).status_code == 422


async def test_a_token_for_one_agent_follows_it_and_sets_up_nothing_that_lasts(
    outside: Outside,
) -> None:
    agent_id = await outside.agent()
    token = await outside.site.home.parts.store.tokens.create("one", AgentId(agent_id))
    headers = {"Authorization": f"Bearer {token.text}"}
    http, path = outside.site.http, f"/v1/agents/{agent_id}"
    async with http.stream("GET", f"{path}/events", headers=headers) as answer:
        assert answer.status_code == 200
    body = {"url": f"{outside.url}/x"}
    assert (await http.post(f"{path}/webhooks", json=body, headers=headers)).status_code == 403
    for each in ("webhooks", "callback-secret"):
        assert (await http.get(f"{path}/{each}", headers=headers)).status_code == 403


async def test_what_was_committed_before_a_kill_is_told_after_the_next_start(
    tmp_path: Path,
) -> None:
    changes = Changes()

    def hear(_request: EgressRequest) -> int:
        changes.tell()
        return 200

    deaf, hearing = ScriptedEgress(lambda _request: 0), ScriptedEgress(hear)
    async with api_site(tmp_path, replacements=Replacements(limits=FAST, egress=deaf)) as site:
        agent_id = (await site.http.post("/v1/agents/", json=MADE)).json()["id"]
        path = f"/v1/agents/{agent_id}"
        await site.http.post(f"{path}/webhooks", json={"url": "https://hooks.example/x"})
        await site.http.post(f"{path}/messages", json={"input": "My name is Ada."})
    async with api_site(tmp_path, replacements=Replacements(limits=FAST, egress=hearing)):
        await changes.until(lambda: any(b"run.ended" in each.body for each in hearing.asked))
    kinds = [json.loads(each.body)["type"] for each in hearing.asked]
    assert (kinds[0], kinds[-1]) == ("message.created", "run.ended")
    ids = [json.loads(each.body)["id"] for each in hearing.asked]
    assert len(set(ids)) == len(ids)


async def test_a_token_for_another_agent_follows_nothing(outside: Outside) -> None:
    mine, other = await outside.agent(), await outside.agent()
    token = await outside.site.home.parts.store.tokens.create("one", AgentId(mine))
    headers = {"Authorization": f"Bearer {token.text}"}
    answer = await outside.site.http.get(f"/v1/agents/{other}/events", headers=headers)
    assert answer.status_code == 404
