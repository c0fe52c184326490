"""Which key litellm is handed."""

from __future__ import annotations

from agentcore.providers.config import ProviderConfig


def key_for(config: ProviderConfig) -> str | None:
    """The key to send; never None beside a base URL of one's own.

    litellm would else send that server whatever key the environment holds for the provider
    whose dialect it speaks.
    """
    if config.api_key or not config.api_base:
        return config.api_key
    return "none"
