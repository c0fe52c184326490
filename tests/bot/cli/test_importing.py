"""`familiar import letta` as a command."""

from __future__ import annotations

import json

import anyio.to_thread
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.simulators.letta_server import LettaServer, block, user_message


async def run(*command: str) -> Result:
    return await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, ["import", *command]))


async def test_agents_move_in_and_are_listed() -> None:
    server = LettaServer("key")
    sam = server.add_agent("Sam", block("human", "Name: Ada"))
    server.say(sam, user_message("Hi"))
    async with server.running() as url:
        trial = await run("letta", "--url", url, "--token", "key", "--dry-run")
        assert (trial.exit_code, "1 agents would come." in trial.stdout) == (0, True)
        came = await run("letta", "--url", f"{url}/v1/", "--token", "key", "--json")
        assert came.exit_code == 0, came.stderr
        (agent,) = json.loads(came.stdout)["agents"]
        assert (agent["id"], agent["messages"]) == (sam["id"], 1)
        assert "1/1 Sam" in came.stderr
        nowhere = await run("letta")
        assert (nowhere.exit_code, "--url" in nowhere.stderr) == (1, True)
        refused = await run("letta", "--url", url)
        assert (refused.exit_code, "--token" in refused.stderr) == (1, True)
