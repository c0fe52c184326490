"""The `Model` and `Embedder` seams over litellm, which speaks to every provider: the one door to
that library.

Reading order: `model` (a call), `reading` (litellm's answers as our records), `usage` (its counts
and prices), `caching` (how far a prompt may be kept), `failures` (its errors as ours), `embedder`
(vectors), `keys`, `library` (the import itself). What it shares with others is in
`agentcore.providers`.

Compose with `LitellmModel(ProviderConfig(...))`; await `warm_up()` in the background at start, so
that the first message doesn't wait for the import; await `close_connections()` at the end.
"""

from agentcore.litellm_model.embedder import LitellmEmbedder
from agentcore.litellm_model.library import close_connections, warm_up
from agentcore.litellm_model.model import LitellmModel

__all__ = ["LitellmEmbedder", "LitellmModel", "close_connections", "warm_up"]
