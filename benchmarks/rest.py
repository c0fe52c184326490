"""The REST API from outside, beside litellm's own speed in the same run: `python -m benchmarks rest`.

Two scripts do the measuring: `fake_llm.py`, an OpenAI-compatible server without delay, stands behind
the service, `rest_bench.py` in front of it. They are no part of the project (`--scripts` names their
folder), since they measure other servers of this API as well; what the retired one came to, on a
machine of two cores, stands beside our figures. Where they aren't there, nothing is measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx

from benchmarks.figures import ROOT, Figure
from benchmarks.processes import PATIENCE, DidNotStart, ServiceProcess, environment
from tests.simulators.loopback import unused_port

SCRIPTS = ROOT.parent / "shared" / "bench"
V1_TURNS = {"1": 4.7, "16": 6.4, "64": 6.6}
NEEDED = (
    "it needs a Python with uvicorn, uvloop, httptools and orjson: name one with --model-python"
)
"""One of its own, so that the service is measured with what it comes with."""
QUICK = ("--n-turn", "20", "--n-create", "10", "--level-s", "3", "--hist", "10,100")
FULL = ("--hist", "10,100,1000", "--agent-counts", "10,1000")

Found = Mapping[str, Any]


def measure(
    *, scripts: Path = SCRIPTS, python: str = sys.executable, quick: bool = False
) -> list[Figure]:
    """Every figure that the scripts give; none where they aren't there. `python` runs the model.

    Raises:
        DidNotStart: what the scripts need isn't there.
        RuntimeError: a part of the measuring failed.
    """
    if not (scripts / "rest_bench.py").exists():
        return []
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as name:
        found = _measured(Path(name), scripts, python, QUICK if quick else FULL)
    if failed := found.get("failed"):
        msg = f"the bench failed: {failed}"
        raise RuntimeError(msg)
    floor = found["floor"]
    return [*_single(found, floor), *_streamed(found), *_at_once(found, floor), *_grown(found)]


def _measured(folder: Path, scripts: Path, python: str, extent: tuple[str, ...]) -> Found:
    log, out = folder / "llm.jsonl", folder / "out.json"
    model = [python, str(scripts / "fake_llm.py"), "--log", str(log)]
    with _model(folder, model) as model_url:
        service = ServiceProcess(
            folder,
            unused_port(),
            FAMILIAR_MODEL="openai/gpt-4o-mini",
            FAMILIAR_MODEL_BASE_URL=f"{model_url}/v1",
            FAMILIAR_MODEL_API_KEY="x",
        )
        service.until_ready(service.spawn())
        command = [sys.executable, str(scripts / "rest_bench.py"), "--base-url", service.url]
        command += ["--llm-url", model_url, "--llm-log", str(log), "--pid", str(service.pid)]
        try:
            subprocess.run(  # noqa: S603 (scripts that whoever measures has named)
                [*command, "--out", str(out), *extent],
                cwd=folder,
                env=environment(folder, LITELLM_LOCAL_MODEL_COST_MAP="True"),
                stdout=subprocess.DEVNULL,
                check=True,
            )
            found: Found = json.loads(out.read_text("utf-8"))
            return {**found, "edits_kept": anyio.run(_edits_kept, service.url)}
        finally:
            service.stop()


@contextmanager
def _model(folder: Path, command: list[str]) -> Generator[str, None, None]:
    """The server behind the service, from when it answers."""
    port = unused_port()
    command = [*command, "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=environment(folder)) as process:  # noqa: S603
        try:
            url = f"http://127.0.0.1:{port}"
            transport = httpx.HTTPTransport(retries=0)
            with httpx.Client(transport=transport, trust_env=False) as client:
                for _ in range(int(PATIENCE / 0.1)):
                    try:
                        client.get(f"{url}/_stats")
                    except httpx.TransportError:
                        try:
                            process.wait(0.1)
                        except subprocess.TimeoutExpired:
                            continue
                        raise DidNotStart(f"fake_llm.py ended; {NEEDED}") from None
                    break
            yield url
        finally:
            process.terminate()


async def _edits_kept(url: str) -> int:
    """Of eight messages that reach one agent at once, each with something to note."""
    names = [f"Cameron{number}" for number in range(8)]
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        made = await client.post(
            "/v1/agents/",
            json={
                "model": "openai/gpt-4o-mini",
                "memory_blocks": [
                    {"label": "persona", "value": ""},
                    {"label": "human", "value": ""},
                ],
            },
        )
        agent = f"/v1/agents/{made.raise_for_status().json()['id']}"

        async def tell(name: str) -> None:
            text = f"My name is {name}. Please store this."
            body = {"messages": [{"role": "user", "content": text}]}
            (await client.post(f"{agent}/messages", json=body)).raise_for_status()

        async with anyio.create_task_group() as tasks:
            for name in names:
                tasks.start_soon(tell, name)
        block = (await client.get(f"{agent}/core-memory/blocks/human")).json()
    return sum(name in block["value"] for name in names)


def _single(found: Found, floor: Found) -> list[Figure]:
    """One request at a time."""
    made, turn, edit = found["create_agent"], found["turn_seq"], found["turn_memory_edit"]
    least = floor["litellm_1"]["p50_ms"]
    bare = floor["httpx_1"]["p50_ms"]
    return [
        Figure("create agent, p50 / p99", _both(made), "≤ 4 / 15 ms", "V1: 37 / 65 ms"),
        Figure(
            "a bare call of the model through litellm, p50", f"{least} ms", "", f"httpx: {bare} ms"
        ),
        Figure(
            "turn, p50 / p99",
            f"{_both(turn)} ({turn['p50_ms'] / least:.2f} / {turn['p99_ms'] / least:.2f} floors)",
            "≤ 2 / 4 floors",
            "V1: 142 / 193 ms",
        ),
        Figure(
            "turn with a memory edit, p50",
            f"{edit['p50_ms']} ms ({edit['p50_ms'] / (2 * least):.2f} of two calls)",
            "≤ 2 of two calls",
            f"V1: 291 ms; the block really changed in {edit['block_really_changed']} of {edit['n']}",
        ),
        Figure("edits kept of 8 at once", f"{found['edits_kept']} of 8", "8 of 8", "V1: 1 of 8"),
    ]


def _streamed(found: Found) -> list[Figure]:
    streams = found["stream"]
    return [
        Figure(
            f"first event of the answer, {kind} streaming, p50",
            f"{streams[kind]['first_assistant_event']['p50_ms']} ms",
            target,
            note,
        )
        for kind, target, note in (("step", "", ""), ("token", "≤ 12 ms", "V1: 97 ms"))
    ]


def _at_once(found: Found, floor: Found) -> list[Figure]:
    figures = []
    for level, here in found["throughput"].items():
        least = floor[f"litellm_{level}"]["req_per_s"]
        rate = here["msg_per_s"]
        figures.append(
            Figure(
                f"turns a second, {level} agents at once",
                f"{rate} ({rate / least:.2f} of the floor's {least})",
                "≥ 0.5 of the floor",
                f"V1: {V1_TURNS.get(level, '?')}; p50 / p99 {_both(here)}, "
                f"{1_000 * here['server_cpu_s_per_msg']:.1f} ms of processor time each, "
                f"errors: {here['errors'] or 'none'}",
            )
        )
    return figures


def _grown(found: Found) -> list[Figure]:
    """With much history, and with many agents."""
    figures = [
        Figure(f"turn after {count} messages, p50", f"{here['p50_ms']} ms", "", "")
        for count, here in found["history"].items()
        if isinstance(here, dict)
    ]
    figures += [
        Figure(
            f"turn among {here['agents_really']} agents, p50",
            f"{here['turn']['p50_ms']} ms",
            "",
            f"a list of 50 of them: {here['list50']['p50_ms']} ms",
        )
        for here in found["agents_exist"].values()
    ]
    prefix = found["prefix"]
    share, best = prefix["mean_share"], prefix["ideal_append_only_share"]
    least = f"least {prefix['min_share']:.4f}"
    memory = found["rss_mib"]["end"]["server"]
    return [
        *figures,
        Figure("share of a prompt that was the one before", f"{share:.4f}", f"{best:.4f}", least),
        Figure("memory at the end", f"{memory} MiB", "≤ 330 MiB", "V1: 505 MiB"),
    ]


def _both(times: Found) -> str:
    return f"{times['p50_ms']} / {times['p99_ms']} ms"
