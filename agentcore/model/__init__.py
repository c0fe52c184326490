"""The `Model` seam: one request in, one answer out, whatever is behind it.

Read `base` for the contract; `agentcore.testing.ScriptedModel` is the fake beside it, and
`agentcore.litellm_model` and `agentcore.offline_model` are the real ones.
"""

from agentcore.model.base import (
    AssistantPrompt,
    Capabilities,
    Emit,
    FinishReason,
    Model,
    ModelAnswer,
    ModelCatalog,
    ModelRequest,
    Price,
    Prompt,
    SystemPrompt,
    TextDelta,
    ToolPrompt,
    ToolSchema,
    Usage,
    UserPrompt,
)
from agentcore.model.breaker import Breaker
from agentcore.records import ToolCall

__all__ = [
    "AssistantPrompt",
    "Breaker",
    "Capabilities",
    "Emit",
    "FinishReason",
    "Model",
    "ModelAnswer",
    "ModelCatalog",
    "ModelRequest",
    "Price",
    "Prompt",
    "SystemPrompt",
    "TextDelta",
    "ToolCall",
    "ToolPrompt",
    "ToolSchema",
    "Usage",
    "UserPrompt",
]
