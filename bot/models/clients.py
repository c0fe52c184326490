"""Which client reaches a model: plain HTTP where its endpoint is known to speak OpenAI's chat
completions, litellm for all others.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from agentcore import direct_model, litellm_model
from agentcore.direct_model import DirectModel, Endpoint, endpoint_of
from agentcore.errors import BadInput
from agentcore.litellm_model import LitellmModel
from agentcore.model import Model
from agentcore.offline_model import OfflineModel
from agentcore.providers import Patience, ProviderConfig, is_listed
from config.settings import OFFLINE, Settings

Client = Literal["offline", "direct", "litellm"]


def client_of(name: str, settings: Settings) -> Client:
    """What reaches a model.

    Raises:
        BadInput: see `require_clients`.
    """
    if name == OFFLINE:
        return "offline"
    return "litellm" if _direct_endpoint(name, settings) is None else "direct"


def model_of(name: str, settings: Settings, patience: Patience | None = None) -> Model:
    """One model, bare. `patience`: when to try again, if not as usual.

    Raises:
        BadInput: see `require_clients`.
    """
    if name == OFFLINE:
        return OfflineModel()
    config = _config_of(name, settings, patience or Patience())
    endpoint = _direct_endpoint(name, settings)
    return LitellmModel(config) if endpoint is None else DirectModel(config, endpoint)


def require_clients(settings: Settings) -> None:
    """See that every model can be reached the way that was chosen.

    Raises:
        BadInput: `FAMILIAR_MODEL_CLIENT` is `direct`, and a model isn't known to have an endpoint
            for that.
    """
    for name in settings.used_models:
        client_of(name, settings)


def needs_litellm(settings: Settings) -> bool:
    """Whether any model goes through litellm, whose import takes seconds."""
    return any(client_of(name, settings) == "litellm" for name in settings.used_models)


async def warm_up(settings: Settings) -> None:
    """Do in threads what the first call of a model would otherwise wait for."""
    if needs_litellm(settings):
        await litellm_model.warm_up()
    for name in settings.used_models:
        if client_of(name, settings) == "direct":
            await asyncio.to_thread(is_listed, name)
            await direct_model.warm_up()


async def close_connections() -> None:
    """Close what is kept open to providers. Costs nothing without any."""
    await direct_model.close_connections()
    await litellm_model.close_connections()


def _config_of(name: str, settings: Settings, patience: Patience) -> ProviderConfig:
    key, main = settings.api_key(name), name == settings.model
    return ProviderConfig(
        name=name,
        api_base=_own_server(name, settings),
        api_key=None if key is None else key.get_secret_value(),
        # Of a model that the table lists, it is a limit, which the loop sees to.
        unlisted_window=settings.context_window if main else None,
        price=settings.model_price if main else None,
        patience=patience,
    )


def _own_server(name: str, settings: Settings) -> str | None:
    return settings.model_base_url if name == settings.model else None


def _direct_endpoint(name: str, settings: Settings) -> Endpoint | None:
    """Where to reach a model by plain HTTP; None if litellm shall."""
    if settings.model_client == "litellm":
        return None
    endpoint = endpoint_of(name, _own_server(name, settings))
    if settings.model_client == "direct":
        if endpoint is None:
            msg = (
                f"{name} can't be reached by plain HTTP: it isn't known to be at an "
                "OpenAI-compatible address. Set FAMILIAR_MODEL_CLIENT=auto, or choose another model; "
                "for a server of your own, name it openai/… and set FAMILIAR_MODEL_BASE_URL."
            )
            raise BadInput(msg)
        return endpoint
    return endpoint if endpoint is not None and endpoint.certain else None
