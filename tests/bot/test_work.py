"""The parts of a service at work: what happens before what."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentcore.testing import ScriptedModel
from bot import work
from bot.work import running
from config.settings import Settings
from tests.house import house


@pytest.mark.parametrize("failing", [False, True])
async def test_all_that_turns_need_is_loaded_before_the_first_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, failing: bool
) -> None:
    model, steps = ScriptedModel("Hi."), list[str]()

    async def warm_up(_settings: Settings) -> None:
        steps.append("loads")
        if failing:
            msg = "no such library"
            raise ImportError(msg)

    def loaded() -> None:
        steps.append(f"loaded, {len(model.requests)} answered")

    monkeypatch.setattr(work, "warm_up", warm_up)
    async with house(tmp_path, model) as home:
        receipt = await home.accept("ada", "Hello there")
        async with running(home.parts, loaded=loaded):
            await home.heard("ada", until=receipt.position or 1)

    assert steps == ["loads", "loaded, 0 answered"]
    assert len(model.requests) == 1
