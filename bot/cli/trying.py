"""Trying a model from the command line, and showing what came of it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import anyio

from bot.cli import running
from bot.models.probe import Probe
from config.settings import Settings

T = TypeVar("T")


def tried(settings: Settings, model: str) -> Probe:
    """Ask a model whether it will do; once, since the moment is what counts."""

    async def ask() -> Probe:
        from agentcore.providers import Patience, is_listed  # noqa: PLC0415 (the engine)
        from bot.models.clients import model_of  # noqa: PLC0415
        from bot.models.probe import probe  # noqa: PLC0415

        bare = model_of(model, settings, Patience(retries=0))
        wished = settings.context_window if model == settings.model else None
        return await probe(bare, listed=is_listed(model), wished_window=wished)

    return _alone(ask)


def tried_embedder(settings: Settings) -> Probe | None:
    """Ask the embedding model likewise; None if there is none."""

    async def ask() -> Probe | None:
        from bot.models.embedders import embedder_of  # noqa: PLC0415 (the engine)
        from bot.models.probe import probe_embedder  # noqa: PLC0415

        embedder = embedder_of(settings)
        return None if embedder is None else await probe_embedder(embedder)

    return _alone(ask)


def _alone(ask: Callable[[], Awaitable[T]]) -> T:
    """On an event loop of its own, with nothing left open behind it."""

    async def asked() -> T:
        from bot.models.clients import close_connections  # noqa: PLC0415 (the engine)

        try:
            return await ask()
        finally:
            await close_connections()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # litellm's own, about its types
        return anyio.run(asked)


def way_to(model: str, settings: Settings) -> str:
    """How a model is reached, in words.

    Raises:
        BadInput: it can't be reached the way that was chosen.
    """
    from bot.models.clients import client_of  # noqa: PLC0415 (the engine)

    return _WAYS[client_of(model, settings)]


def ways_to_models(settings: Settings) -> Mapping[str, str]:
    """How each model in use is reached, as far as it can be."""
    from agentcore.errors import BadInput  # noqa: PLC0415 (the engine)

    ways = {}
    for model in settings.used_models:
        with contextlib.suppress(BadInput):
            ways[model] = way_to(model, settings)
    return ways


_WAYS = {"offline": "built in", "direct": "reached directly", "litellm": "through litellm"}


def show_probe(result: Probe) -> None:
    for check in result.checks:
        running.say(f"  {'ok ' if check.good else 'BAD'}  {check.text}.")
        if check.fix:
            running.say(f"       {check.fix}")
    running.say(f"  {cost_of(result)}")


def cost_of(result: Probe) -> str:
    if result.cost is None:
        return "What that cost isn't known: litellm has no price for this model."
    return f"That cost ${result.cost / 1_000_000:.6f}." if result.cost else "That cost nothing."
