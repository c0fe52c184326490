"""Requests that schemathesis makes from the description of the API, and what their answers must be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.web.rest.description.answered import FEEDS
from tests.api_site import ApiSite, api_site
from tests.house import PATIENCE

EXAMPLES = {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 1}
"""Of each operation; the last one with ids that are somebody's. Making them takes most of the time, and
the same ones are made in every run: with another seed, or more of them, this looks for something new.
"""

LONGEST_HEAD = 60_000
"""Characters; the web server breaks off what is longer, before it comes to us."""

_CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]


@contextmanager
def service(folder: Path) -> Iterator[ApiSite]:
    """A service that runs in a thread of its own."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(api_site(folder, token="key")) as site,
    ):
        yield site


def a_fresh_agent(http: httpx.Client) -> dict[str, Any]:
    """Its ids, by the names that the API has for them."""
    block = {"label": "human", "value": "Likes tea."}
    made = http.post("/v1/agents", json={"memory_blocks": [block]}).json()
    return {"agent_id": made["id"], "block_id": made["blocks"][0]["id"], "block_label": "human"}


def tried(operation: Any, site: ApiSite, mode: GenerationMode, known: dict[str, Any]) -> None:
    numbers = itertools.count()

    @seed(1)
    @settings(
        max_examples=EXAMPLES[mode],
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        if next(numbers) == EXAMPLES[mode] - 1:
            for name in known.keys() & (case.path_parameters or {}).keys():
                case.path_parameters[name] = known[name]
        if case.method == "GET" and len(case.as_curl_command()) > LONGEST_HEAD:
            return
        headers = {"Authorization": "Bearer key"}
        answer = case.call(base_url=site.url, headers=headers, timeout=PATIENCE)
        if answer.status_code != 501:
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            case.validate_response(answer, checks=_CHECKS)

    with suppress(Unsatisfiable):  # nothing can be wrong with a request that has no parts
        check()


def try_all(folder: Path, mode: GenerationMode) -> None:
    """See that no operation answers with an error of ours, or otherwise than it is described."""
    with (
        service(folder) as site,
        httpx.Client(
            base_url=site.url, headers={"Authorization": "Bearer key"}, timeout=PATIENCE
        ) as http,
    ):
        schema = schemathesis.openapi.from_dict(http.get("/openapi.json").json())
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            if found.ok().label in FEEDS:  # without an end
                continue
            tried(found.ok(), site, mode, a_fresh_agent(http))
