"""What turns work with, and where one meets the outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from agentcore.clock import Clock
from agentcore.errors import NotFound
from agentcore.loop.control import TurnControl
from agentcore.model import Emit, Model, ModelCatalog
from agentcore.records import StepRecord
from agentcore.store.gate import Composer
from agentcore.tools.code_tools import ToolShelf
from agentcore.tools.toolbox import Toolbox

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every turn of a service works with. `zone` serves people who named none; `window`,
    in tokens, agents that have no window of their own; `shelf`, agents with tools of their own.
    """

    models: ModelCatalog
    toolbox: Toolbox
    clock: Clock
    zone: ZoneInfo
    window: int | None = None
    shelf: ToolShelf | None = None


@dataclass(frozen=True, slots=True)
class TurnEdge:
    """Where a turn meets the outside: how replies become chunks, who may stop it, and who is
    shown its text while it is made. `stepped` is told of each model call, before its commit;
    `committed` that there is one more.
    """

    composer: Composer
    control: TurnControl
    emit: Emit | None = None
    stepped: Callable[[StepRecord], None] | None = None
    committed: Callable[[], None] | None = None


def ladder_of(models: ModelCatalog, own: str | None) -> Sequence[Model]:
    """The model of that name with its fallbacks; the service's default if that one isn't allowed
    any more, since its owner can do nothing about it.
    """
    try:
        return models.ladder(own)
    except NotFound:
        _log.warning("the agent's model is not allowed, using the default")
        return models.ladder(None)
