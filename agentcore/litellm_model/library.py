"""The import of litellm, which takes seconds and some 180 MB, and its silence.

Invariants: nothing is fetched at import; nothing is printed; no logger of its own, or of the
clients under it, can write a prompt or a key.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import warnings
from typing import Any

# litellm reads these while it is imported: prices and header names come from its own files
# instead of the network, and a `.env` file is not loaded behind the settings' back.
_BEFORE_IMPORT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",
}

_SILENT_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
# Their debug lines hold request bodies, and httpx's info lines whole URLs.
_QUIET_LOGGERS = ("openai", "httpx", "httpcore", "aiohttp")


@functools.cache
def library() -> Any:
    """The litellm module, imported and silenced on first use. Blocks for seconds then."""
    os.environ.update(_BEFORE_IMPORT)
    import litellm  # noqa: PLC0415 -- this function is the lazy door

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.DEFAULT_MAX_RETRIES = 0  # which calls for vectors use in the place of a 0 of ours
    litellm.turn_off_message_logging = True
    litellm.disable_streaming_logging = True
    litellm.disable_hf_tokenizer_download = True
    # `caching` sets the marks: litellm's own would also be behind what no later prompt has.
    litellm.enable_anthropic_prompt_caching = False
    _silence()
    _build_types(litellm)
    return litellm


def _silence() -> None:
    for name in _SILENT_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = False
        logger.disabled = True
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _build_types(litellm: Any) -> None:
    """Have litellm build the types of its answers now, which it else does amid the first call.

    It warns then, about its own annotations; nobody here could act on that.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        litellm.ModelResponse()
        litellm.ModelResponseStream()


async def warm_up() -> None:
    """Import litellm in a thread, so that no first message has to wait for it."""
    if not library.cache_info().currsize:
        await asyncio.to_thread(library)


async def close_connections() -> None:
    """Close the connections that litellm keeps open to providers. Costs nothing without any."""
    if not library.cache_info().currsize:
        return
    litellm = library()
    await litellm.close_litellm_async_clients()
    litellm.in_memory_llm_clients_cache.flush_cache()
