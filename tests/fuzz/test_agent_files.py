"""Agent files, damaged in any way: what is taken in can be used, all else is refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.agentfile import write_agent_file
from agentcore.model import ToolSchema
from tests.adapters.damage import damaged
from tests.agentcore.agentfile.test_agent_files import letta_file
from tests.contracts.plain_content import BUILT_IN, RICH, START
from tests.fuzz.amounts import examples
from tests.fuzz.asking import check, open_site
from tests.fuzz.material import ANYTHING, nested

_SCHEMAS = {name: ToolSchema(name, "does it", {"type": "object"}) for name in BUILT_IN}
OURS = json.loads(write_agent_file(RICH, built_in=_SCHEMAS, model="openai/other", now=START))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_site(tmp_path_factory.mktemp("files")) as opened:
        yield opened


def _imported(site: httpx.Client, content: bytes) -> list[str]:
    """The agents that were made of it; each can be read in every way."""
    answer = site.post("/v1/agents/import", files={"file": ("a.af", content)})
    check(answer)
    made: list[str] = answer.json().get("agent_ids", [])
    for each in made:
        for path in ("", "/messages", "/context", "/core-memory/blocks", "/archival-memory"):
            shown = site.get(f"/v1/agents/{each}{path}")
            assert shown.status_code == 200, (path, shown.text)
        again = site.get(f"/v1/agents/{each}/export")
        assert again.status_code == 200
        json.loads(again.content, parse_constant=pytest.fail)
        assert (site.delete(f"/v1/agents/{each}")).status_code == 200
    return made


@examples(8)
@given(damaged((letta_file(), OURS), ANYTHING))
def test_a_damaged_file_is_usable_or_refused(site: httpx.Client, raw: dict[str, Any]) -> None:
    _imported(site, json.dumps(raw).encode())


@examples(5)
@given(st.data())
def test_a_file_that_was_cut_or_torn_is_refused(site: httpx.Client, data: st.DataObject) -> None:
    whole = json.dumps(letta_file()).encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    torn = whole[:at] + data.draw(st.binary(max_size=4))
    assert _imported(site, torn) == []


BOMBS = {
    "deep": json.dumps(nested(90)).encode()[:-1] + b"[" * 100_000,
    "deep metadata": b'{"agents": [{"id": "a", "metadata": ' + b'{"a":' * 5_000,
    "many agents": b'{"agents": [' + b'{"id": "a"},' * 300_000 + b'{"id": "b"}]}',
    "many tools": json.dumps({"agents": [{"id": "a"}], "tools": [{"id": "t"}] * 100_000}).encode(),
    "long number": b'{"agents": [{"id": "a", "metadata": {"n": ' + b"9" * 1_000_000 + b"}}]}",
    "one long text": b'{"agents": [{"id": "a", "system": "' + b"x" * 9_000_000 + b'"}]}',
    "quoted twice": json.dumps(json.dumps(json.dumps(letta_file()))).encode(),
    "compressed": b"\x1f\x8b\x08\x00" + bytes(1_000_000),
    "empty": b"",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_is_to_take_long_is_refused(site: httpx.Client, name: str) -> None:
    assert _imported(site, BOMBS[name]) == []
