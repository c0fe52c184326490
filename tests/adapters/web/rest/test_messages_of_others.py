"""A token for one agent, and what was said with another."""

from __future__ import annotations

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
