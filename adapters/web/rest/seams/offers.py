"""What this service lets agents of the API be made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentcore.model import ToolSchema
from agentcore.templates import Template

OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class ApiOffers:
    """`models` are the handles that agents may use, the service's own `model` among them; `tools`
    those that the service brings; `window`, in tokens, is for agents that name none (None: the
    model's); `zone` for those that talk with nobody who named one.
    """

    models: Sequence[str]
    model: str
    tools: Sequence[ToolSchema]
    templates: Mapping[str, Template]
    zone: str
    window: int | None = None

    @property
    def offline_only(self) -> bool:
        """Whether there is no model but the one that is built in."""
        return set(self.models) == {OFFLINE}
