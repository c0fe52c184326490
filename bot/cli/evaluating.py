"""`familiar eval`: how well a model does as a familiar, by scripted scenes."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import running
from bot.cli.options import Json

if TYPE_CHECKING:
    from agentcore.model import Usage
    from bot.evaluation.scene import Scene
    from bot.evaluation.scorecard import Result, Scorecard
    from config.settings import Settings


def evaluate(
    *,
    model: Annotated[str, typer.Option(help="Which model; default: the service's.")] = "",
    template: Annotated[str, typer.Option(help="Which template; default: the service's.")] = "",
    scene: Annotated[
        list[str] | None, typer.Option(help="Only this scene; may be given again.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Exit code 1 below this percentage of passed scenes."),
    ] = None,
    judge: Annotated[
        str, typer.Option(help="A model that judges what rules can't see; costs a call each.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Play scripted scenes with a real model and say how it did, and what that cost.

    Everything happens in a temporary database: no person's data is read or sent.
    """
    chosen = running.settings()
    if template:
        chosen = chosen.model_copy(update={"template": template})
    name = model or chosen.model
    for each in (name, *([judge] if judge else [])):
        _require_real(each, chosen)

    async def work() -> int:
        card = await _played(name, judge, chosen, scene or [], quiet=as_json)
        if as_json:
            running.print_json(card.as_data())
        else:
            _show(card)
        unplayed = any(result.trouble for result in card.results)
        return 1 if unplayed or (threshold is not None and card.percent < threshold) else 0

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # litellm's own, about its types
        running.run(work)


def _require_real(name: str, chosen: Settings) -> None:
    from config.settings import OFFLINE  # noqa: PLC0415

    if name == OFFLINE:
        running.fail(
            "The built-in offline model follows fixed rules: there is nothing to find out about "
            "it. Name a model, e.g. familiar eval --model openai/gpt-4o-mini, or set FAMILIAR_MODEL."
        )
    if (key := chosen.missing_provider_key(name)) is not None:
        running.fail(f"{name} needs a key: set {key} in the environment or in .env.")


async def _played(
    name: str, judge: str, chosen: Settings, only: list[str], *, quiet: bool
) -> Scorecard:
    import logging  # noqa: PLC0415

    from bot.evaluation.playing import Audition, audition  # noqa: PLC0415
    from bot.evaluation.scorecard import expected  # noqa: PLC0415
    from bot.host.logs import set_up  # noqa: PLC0415
    from bot.models.clients import close_connections, model_of  # noqa: PLC0415
    from bot.offers import template_of  # noqa: PLC0415

    set_up(level=logging.CRITICAL)
    scenes = _wanted(only)
    template = template_of(chosen)
    asked = model_of(name, chosen)
    calls, usage = expected(scenes, template, asked.capabilities.price)
    sys.stderr.write(
        f"{name} as {template.handle}: {len(scenes)} scenes, about {calls} calls and "
        f"{_use(usage)}{', the judge aside' if judge else ''}.\n"
    )
    try:
        wanted = Audition(
            asked,
            chosen,
            model_of(judge, chosen) if judge else None,
            (lambda _result: None) if quiet else _show_result,
        )
        return await audition(scenes, wanted)
    finally:
        await close_connections()


def _wanted(only: list[str]) -> list[Scene]:
    from agentcore.errors import BadInput  # noqa: PLC0415
    from bot.evaluation.scenes import SCENES  # noqa: PLC0415

    if unknown := set(only) - {scene.name for scene in SCENES}:
        known = ", ".join(scene.name for scene in SCENES)
        msg = f"There is no scene {', '.join(sorted(unknown))}. There are: {known}."
        raise BadInput(msg)
    return [scene for scene in SCENES if not only or scene.name in only]


def _show_result(result: Result) -> None:
    running.say(f"{'ok ' if result.passed else 'BAD'}  {result.scene.name}: {result.scene.about}")
    for missed in result.missed:
        running.say(f"       not so: {missed}")
    if result.trouble:
        running.say(f"       could not be played: {result.trouble}")


def _show(card: Scorecard) -> None:
    running.say()
    for topic, passed, scenes in card.by_topic():
        running.say(f"{topic:<14}{passed:>3} of {scenes}")
    total = len(card.results)
    running.say(f"{'all':<14}{card.passed:>3} of {total} scenes, {card.percent:.0f} %")
    if warned := sum(result.warned for result in card.results):
        running.say(
            f"It claimed a save before it had made one {warned} times, and was asked again."
        )
    running.say(f"Used: {sum(r.calls for r in card.results)} calls, {_use(card.usage)}.")


def _use(usage: Usage) -> str:
    tokens = f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out"
    if usage.cost is None:
        return f"{tokens}; the price isn't known"
    return f"{tokens}, ${usage.cost / 1_000_000:,.4f}"
