"""A token for one agent, and what was said with another."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from agentcore.records import AgentId
from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.test_messages import new_agent, say
from tests.api_site import api_site


async def test_a_token_for_an_agent_shows_nothing_of_any_other(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Mine.", "Theirs.")) as site:
        own, other = await new_agent(site), await new_agent(site)
        made = await site.home.parts.store.tokens.create("own", AgentId(own))
        for agent_id in (own, other):
            await say(site, agent_id, {"input": "kestrel"})
        kinds = ("runs", "steps", "conversations", "messages")
        listed = {kind: (await site.http.get(f"/v1/{kind}")).json() for kind in kinds}
        site.http.headers["Authorization"] = f"Bearer {made.text}"

        async def asked(method: str, path: str, body: Any = None) -> Any:
            return await site.http.request(method, f"/v1/{path}", json=body)

        for kind in ("runs", "steps", "conversations"):
            whole = listed[kind]
            (mine,) = (each for each in whole if each["agent_id"] == own)
            (theirs,) = (each for each in whole if each["agent_id"] == other)
            assert (await asked("GET", kind)).json() == [mine]
            assert (await asked("GET", f"{kind}/{mine['id']}")).status_code == 200
            for path in (
                f"{kind}?agent_id={other}",
                f"{kind}/{theirs['id']}",
                f"{kind}/{theirs['id']}/messages",
            ):
                assert (await asked("GET", path)).status_code == 404, path
        (run,) = (each["id"] for each in listed["runs"] if each["agent_id"] == other)
        (thread,) = (each["id"] for each in listed["conversations"] if each["agent_id"] == other)
        said = [{"role": "user", "content": "Hi"}]
        for method, path, body in (
            ("GET", f"agents/{other}/messages", None),
            ("GET", f"agents/{other}/context", None),
            ("POST", f"agents/{other}/recompile", None),
            ("PATCH", f"agents/{other}/reset-messages", {}),
            ("POST", f"agents/{other}/messages", {"input": "Hi"}),
            ("POST", f"agents/{other}/messages/stream", {"input": "Hi"}),
            ("POST", f"agents/{other}/messages/async", {"input": "Hi"}),
            ("POST", f"agents/{other}/messages/cancel", {}),
            ("POST", f"runs/{run}/stream", {}),
            ("GET", f"runs/{run}/usage", None),
            ("GET", f"runs/{run}/steps", None),
            ("GET", f"messages?conversation_id={thread}", None),
            ("GET", f"messages/{listed['messages'][-1]['id']}", None),
            ("POST", f"conversations/{thread}/messages", {"input": "Hi"}),
            ("POST", "messages/search", {"query": "kestrel", "agent_id": other}),
            ("POST", "chat/completions", {"model": other, "messages": said}),
        ):
            answer = await asked(method, path, body)
            assert answer.status_code == 404, path
            assert "Theirs." not in answer.text
        seen = (await asked("GET", "messages")).json()
        found = (await asked("POST", "messages/search", {"query": "kestrel"})).json()
        template = {"model": "template:friend", "user": "ada", "messages": said}
        assert (await asked("POST", "chat/completions", template)).status_code == 403
    assert [each["content"] for each in seen][1:] == ["kestrel", "Mine."]
    assert {each["agent_id"] for each in found} == {own}


async def test_ids_of_others_are_as_unknown_as_those_of_nobody(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Mine.", "Theirs.")) as site:
        own, other = await new_agent(site), await new_agent(site)
        made = await site.home.parts.store.tokens.create("own", AgentId(own))
        for agent_id in (own, other):
            await say(site, agent_id, {"input": "kestrel"})
        theirs = {
            kind: next(
                each["id"] for each in (await site.http.get(f"/v1/{kind}s?agent_id={other}")).json()
            )
            for kind in ("run", "step", "conversation")
        }
        theirs["agent"] = other
        state = (await site.http.get(f"/v1/agents/{other}")).json()
        theirs["block"] = state["blocks"][0]["id"]
        said = await site.http.get(f"/v1/agents/{other}/messages?order=desc")
        theirs["message"] = said.json()[-1]["id"]
        identity = {"identifier_key": "customer-1", "name": "", "identity_type": "user"}
        theirs["identity"] = (await site.http.post("/v1/identities", json=identity)).json()["id"]
        site.http.headers["Authorization"] = f"Bearer {made.text}"

        async def told(id_: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
            """The answer, with the id left out of it."""
            path, body = path.replace("ID", id_), body and {**body, "sender_id": id_}
            message = body and {"messages": [body]}
            answer = await site.http.request(method, f"/v1/{path}", json=message)
            text = answer.text.replace(id_, "ID")
            assert other not in text
            return answer.status_code, text

        for kind, method, path, body in (
            ("run", "GET", "runs?after=ID", None),
            ("run", "GET", "runs?before=ID&order=asc", None),
            ("step", "GET", "steps?after=ID", None),
            ("conversation", "GET", "conversations?before=ID", None),
            ("conversation", "GET", "messages?conversation_id=ID", None),
            ("conversation", "GET", f"agents/{own}/messages?conversation_id=ID", None),
            ("message", "GET", "messages?after=ID", None),
            ("message", "GET", "messages/ID", None),
            ("agent", "GET", "agents?before=ID", None),
            ("agent", "GET", "agents?after=ID&order=asc", None),
            ("block", "GET", "blocks?after=ID", None),
            ("block", "GET", f"agents/{own}/core-memory/blocks?before=ID", None),
            ("identity", "POST", f"agents/{own}/messages", {"role": "user", "content": "I!"}),
        ):
            prefix = {"conversation": "conv"}.get(kind, kind)
            nobodys = f"{prefix}-{uuid.uuid4()}"
            known = await told(theirs[kind], method, path, body)
            assert known == await told(nobodys, method, path, body), path
            assert "Theirs." not in known[1], path
