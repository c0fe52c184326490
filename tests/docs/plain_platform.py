"""A platform in this process that carries texts and can do nothing else."""

from __future__ import annotations

from adapters.base import AdapterContext
from adapters.testing import FakePushAdapter, PushPlatform

ADAPTER = f"{__name__}:plain_adapter"
"""How a service finds the adapter."""
newest: list[PushPlatform] = []


def plain_adapter(context: AdapterContext) -> FakePushAdapter:
    """Of the platform that was opened last."""
    return FakePushAdapter(context.service, newest[-1])
