"""The `Model` seam: one request in, one answer out, whatever is behind it. Beside it the
`Embedder` seam: texts in, vectors out.

Read `base` and `embedder` for the contracts; `agentcore.testing.ScriptedModel` is the fake beside it, and
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
from agentcore.model.embedder import Embedder, Embeddings, Vector
from agentcore.records import ToolCall

__all__ = [
    "AssistantPrompt",
    "Breaker",
    "Capabilities",
    "Embedder",
    "Embeddings",
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
    "Vector",
]
