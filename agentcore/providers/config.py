"""What one model at a provider needs to know. The composition root fills it from settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentcore.model import Capabilities, Price
from agentcore.providers.patience import Patience


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One model at one provider.

    `name` is litellm's, e.g. `openai/gpt-4o-mini`. `api_key` is never read from the environment
    here, and never shown. `capabilities` replaces what the table of models says; `window`, in
    tokens, only that part of it; `unlisted_window` stands in where the table doesn't list the
    model. `price` replaces the table's price. `timeout` is in seconds and bounds one attempt; a
    request's own timeout bounds all of them.
    """

    name: str
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    capabilities: Capabilities | None = None
    window: int | None = None
    unlisted_window: int | None = None
    price: Price | None = None
    timeout: float = 60.0
    patience: Patience = field(default_factory=Patience)
