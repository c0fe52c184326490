"""Sleep-time over a real wire: a service that is killed in the middle of a run, and the command
line with and without one.
"""

from __future__ import annotations

import json

from agentcore.memory.tidying import asks_for_tidying
from tests.end_to_end.home import Home
from tests.simulators.offline_brain import offline_brain
from tests.simulators.openai_replies import Body, Reply
from tests.simulators.provider import Slow, provider


class Sleepy:
    """The offline model, whose first sleep-time run takes for ever."""

    def __init__(self) -> None:
        self.first: Slow | None = Slow("too late")

    async def __call__(self, body: Body) -> Reply:
        if self.first is not None and asks_for_tidying(str(body["messages"][0]["content"])):
            return await self.first(body)
        return await offline_brain(body)


def test_a_kill_in_the_middle_of_a_run_costs_nobody_anything(home: Home) -> None:
    brain = Sleepy()
    assert brain.first is not None
    with provider(brain) as at:
        home = Home(
            home.folder,
            {
                "FAMILIAR_MODEL": "openai/gpt-4o-mini",
                "FAMILIAR_MODEL_BASE_URL": at.url,
                "FAMILIAR_MODEL_API_KEY": "sk-none",
            },
        )
        with home.serving() as service:
            assert home.chat("I like green tea.", "I like the green tea.").code == 0
            asking = home.start("agents", "sleep", "ada", given="")
            assert brain.first.until_asked()
            service.kill()
            asking.wait(60)
        brain.first.release()
        brain.first = None
        with home.serving():
            assert "Hello" in home.chat("Hello").out
            preview = home.run("agents", "sleep", "ada", "--preview", "--json")
            ran = home.run("agents", "sleep", "ada", "--json")
        alone = home.run("agents", "sleep", "ada")
        shown = home.run("agents", "show", json.loads(ran.out)["id"], "--json")

    seen, done = json.loads(preview.out), json.loads(ran.out)
    assert [each["taken_out"] for each in done["changes"]] == [["Likes the green tea."]]
    assert seen["changes"] == done["changes"]
    assert (done["outcome"], done["model"]) == ("done", "openai/gpt-4o-mini")
    assert alone.out == "Nothing new was said since the last time.\n"
    turns = json.loads(shown.out)["turns"]
    assert [turn["state"] for turn in turns if turn["kind"] == "sleep"] == ["done", "failed"]
