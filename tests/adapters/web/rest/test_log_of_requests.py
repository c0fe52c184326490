"""Whatever clients send, wherever it goes wrong: the log holds none of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from agentcore.errors import ModelRefused
from agentcore.testing import ScriptedModel
from bot.host.logs import set_up
from tests.adapters.web.rest.operations import requests
from tests.adapters.web.rest.test_isolation import asked
from tests.api_site import ApiSite, api_site

MARK = "zyzzyva"
TEXTS = (
    "query search name value label system description text content otid input identifier_key file "
    "override_system override_model timezone approval_request_id"
)


async def known(site: ApiSite) -> dict[str, Any]:
    """Ids that lead somewhere, and the mark for all that a client words itself."""
    agent = await site.agent(
        model=f"openai/{MARK}", memory_blocks=[{"label": "human", "value": MARK}]
    )
    person = {"identifier_key": "customer", "name": MARK, "identity_type": "user"}
    identity = (await site.http.put("/v1/identities", json=person)).json()
    return {
        **dict.fromkeys(TEXTS.split(), MARK),
        "agent_id": agent["id"],
        "block_id": agent["blocks"][0]["id"],
        "block_label": "human",
        "identity_id": identity["id"],
        "metadata": {MARK: MARK},
        "tags": [MARK],
        "secrets": {MARK: MARK},
        "args": {MARK: MARK},
        "url": f"http://{MARK}.invalid/{MARK}",
        "callback_url": f"http://{MARK}.invalid/{MARK}",
        "source_code": f'def {MARK}(a: int) -> str:\n    """{MARK}"""\n    return 1 +',
        "memory_blocks": [{"label": MARK, "value": MARK}],
        "initial_message_sequence": [{"role": "user", "content": MARK}],
    }


async def test_no_line_holds_what_a_client_sent(tmp_path: Path) -> None:
    log = io.StringIO()
    set_up(log)
    model = ScriptedModel(ModelRefused("refused (status 400)"), *[f"Yes, {MARK}."] * 20)
    async with api_site(tmp_path, model) as site:
        names = await known(site)
        document = (await site.http.get("/openapi.json")).json()
        for each in requests(document, names):
            if each.method != "DELETE":
                await asked(site.http, each)
        path = f"/v1/agents/{names['agent_id']}/messages"
        for body in (f'{{"input": "{MARK}', json.dumps({"messages": [{"role": MARK}]})):
            await site.http.post(path, content=body, headers={f"x-{MARK}": MARK})
        for _ in range(2):
            await site.http.post(path, json={"input": MARK})
    assert "turn ended" in log.getvalue()
    assert [line for line in log.getvalue().splitlines() if MARK in line] == []
