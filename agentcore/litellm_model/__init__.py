"""The `Model` and `Embedder` seams over litellm, which speaks to every provider: the one door to
that library.

Reading order: `config` (what one model needs to know), `model` (a call with its retries),
`wire` (our records to chat messages and back), `caching` (how far a prompt may be kept),
`fragments` (a stream put together), `failures` (the provider's errors as ours), `patience` (when
to try again), `embedder` (vectors), `catalog` (what litellm's table knows of a model), `library` (the import itself).

Compose with `LitellmModel(LitellmConfig(...))`; await `warm_up()` in the background at start, so
that the first message doesn't wait for the import; await `close_connections()` at the end.
"""

from agentcore.litellm_model.catalog import is_free, is_listed, vector_length
from agentcore.litellm_model.config import LitellmConfig
from agentcore.litellm_model.embedder import LitellmEmbedder
from agentcore.litellm_model.library import close_connections, warm_up
from agentcore.litellm_model.model import LitellmModel
from agentcore.litellm_model.patience import Patience

__all__ = [
    "LitellmConfig",
    "LitellmEmbedder",
    "LitellmModel",
    "Patience",
    "close_connections",
    "is_free",
    "is_listed",
    "vector_length",
    "warm_up",
]
