"""What the models that are reached over a network share, whatever library carries the request.

Reading order: `config` (what one model needs to know), `wire` (our records to chat messages, and
an answer out of its parts), `fragments` (a stream put together), `catalog` (what is known of a
model, and its price), `usage` (tokens and what they cost), `failures` (what a provider refuses as
our errors), `patience` (when to try again), `attempts` (a call with its deadline and its retries).

Nothing here knows a network or imports a client's library.
"""

from agentcore.providers.catalog import is_listed, vector_length
from agentcore.providers.config import ProviderConfig
from agentcore.providers.patience import Patience

__all__ = ["Patience", "ProviderConfig", "is_listed", "vector_length"]
