"""All scenes played, some at the same time, each judged by its checks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio

from agentcore.errors import ModelUnavailable
from agentcore.loop.asking import UNKEPT
from agentcore.model import Model, Usage
from agentcore.sqlstore.engine.schema import upgrade_sqlite
from bot.evaluation.checks import SOUND
from bot.evaluation.judge import opinion
from bot.evaluation.scene import Scene, Transcript
from bot.evaluation.scorecard import Result, Scorecard, Verdict, added
from bot.evaluation.stage import played
from bot.offers import template_of
from config.settings import Settings

AT_ONCE = 3
"""Scenes: more would only run into providers' limits."""
_HOPELESS = "not tried, since none before it could be played"


@dataclass(frozen=True, slots=True)
class Audition:
    """Who is looked at, and by whom. `told` hears of each scene as it ends."""

    model: Model
    settings: Settings
    judge: Model | None
    told: Callable[[Result], None]


async def audition(scenes: Sequence[Scene], wanted: Audition) -> Scorecard:
    """Play the scenes and count. One that the model can't be reached for has failed; where none
    could be played so far, the rest isn't tried.
    """
    results: dict[str, Result] = {}
    limiter = anyio.CapacityLimiter(AT_ONCE)
    with tempfile.TemporaryDirectory(prefix="familiar-eval-") as name:
        folder = Path(name)
        fresh = folder / "fresh.db"
        await anyio.to_thread.run_sync(upgrade_sqlite, fresh)

        async def one(scene: Scene) -> None:
            async with limiter:
                if results and all(each.trouble for each in results.values()):
                    result = Result(scene, (), Usage(cost=0), trouble=_HOPELESS)
                else:
                    result = await _result(scene, wanted, fresh, folder / scene.name)
            results[scene.name] = result
            wanted.told(result)

        async with anyio.create_task_group() as tasks:
            for scene in scenes:
                tasks.start_soon(one, scene)
    return Scorecard(
        wanted.model.name,
        template_of(wanted.settings).handle,
        wanted.judge.name if wanted.judge else "",
        tuple(results[scene.name] for scene in scenes),
    )


async def _result(scene: Scene, wanted: Audition, fresh: Path, folder: Path) -> Result:
    try:
        transcript = await played(scene, wanted.model, wanted.settings, fresh, folder)
    except ModelUnavailable as error:
        return Result(scene, (), Usage(cost=None), trouble=str(error))
    steps = [step for each in transcript.exchanges for step in each.steps]
    if transcript.slept is not None and transcript.slept.step is not None:
        steps.append(transcript.slept.step)
    usages = [
        Usage(step.prompt_tokens, step.completion_tokens, step.cached_tokens, step.cost)
        for step in steps
    ]
    checks = [*scene.checks, *SOUND]
    if scene.question and wanted.judge is not None:
        judged, usage = await opinion(scene.question, transcript, wanted.judge)
        checks.append(judged)
        usages.append(usage)
    return Result(
        scene,
        tuple(Verdict(check.text, check.holds(transcript)) for check in checks),
        added(usages),
        calls=len(steps),
        warned=sum(UNKEPT in step.detail for step in steps),
        trouble=_trouble(transcript),
        exchanges=transcript.exchanges,
    )


def _trouble(transcript: Transcript) -> str:
    """What the model itself ran into, such as a wrong key: no scene can be played with that."""
    failed = [each for each in transcript.exchanges if each.ended == "llm_api_error"]
    details = [step.detail for each in failed for step in each.steps]
    return details[0] if details else ""
