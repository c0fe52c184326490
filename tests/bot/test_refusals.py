"""What somebody is told who isn't let in, how often."""

from __future__ import annotations

from pathlib import Path

from agentcore.clock import HOUR, MINUTE
from agentcore.testing import FakeClock, ScriptedModel
from tests.pushed import town


async def test_who_has_said_enough_for_today_is_told_again_when_they_come_back(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    clock.advance(2 * HOUR)
    model = ScriptedModel("Hello.")
    async with town(tmp_path, model, clock=clock, daily_messages_per_user=1) as there:
        await there.write("ada", "Hi")
        assert await there.until("ada", 1) == ["Hello."]
        for pause in (MINUTE, MINUTE, HOUR):
            clock.advance(pause)
            assert (await there.write("ada", "Hi")).outcome == "refused"
        told = await there.until("ada", 3)
    assert told[1] == told[2]
    assert len(told) == 3
