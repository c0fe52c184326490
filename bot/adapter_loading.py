"""Finds the adapters that the settings name, and sets them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module, metadata
from typing import Any

from adapters.base import ENTRY_POINT_GROUP, Adapter, AdapterContext
from adapters.terminal import TerminalAdapter
from agentcore.errors import BadInput
from config.settings import Settings


def installed_adapters(settings: Settings, context: AdapterContext) -> Sequence[Adapter]:
    """The terminal, and those that `FAMILIAR_ADAPTERS` names.

    Raises:
        BadInput: one of them isn't there, or can't be set up.
    """
    return [
        TerminalAdapter(),
        *(_third_party(spec, settings, context) for spec in settings.adapters),
    ]


def _third_party(spec: str, settings: Settings, context: AdapterContext) -> Adapter:
    given = settings.adapter_settings.get(spec, {})
    own = {name: value.get_secret_value() for name, value in given.items()}
    factory = _factory(spec)
    try:
        adapter: Adapter = factory(replace(context, settings=own))
    except (ValueError, TypeError) as error:
        msg = f"The adapter {spec} can't be set up: {error}."
        raise BadInput(msg) from error
    return adapter


def _factory(spec: str) -> Any:
    """What makes the adapter: `module:attribute`, or an entry point's name."""
    if ":" not in spec:
        points = metadata.entry_points(group=ENTRY_POINT_GROUP, name=spec)
        for point in points:
            return point.load()
        known = ", ".join(
            sorted(each.name for each in metadata.entry_points(group=ENTRY_POINT_GROUP))
        )
        msg = f"There is no adapter {spec!r} (FAMILIAR_ADAPTERS). Installed are: {known or 'none'}."
        raise BadInput(msg)
    module, _, attribute = spec.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        msg = f"The adapter {spec!r} (FAMILIAR_ADAPTERS) can't be loaded: {error}."
        raise BadInput(msg) from error
