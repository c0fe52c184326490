"""Every error the engine raises, as one tree.

    FamiliarError
    ├── BadInput               the caller's request can't be served; the message says what to do
    │   ├── TemplateInvalid
    │   ├── NotFound
    │   ├── TooLong            a value is over its limit; nothing was changed
    │   ├── Conflict           it contradicts how things stand
    │   └── TooMany            too much of it at once, or today; later it may be served
    ├── StoreError
    │   ├── Fenced             another worker holds the agent now; roll back and stop
    │   ├── BlockConflict      a block changed between reading and committing it
    │   ├── SummaryOutdated    what a summary tells was forgotten before it was committed
    │   ├── StoreBusy          retried, and still locked or serialised away
    │   ├── StoreFull          the disk is full; nothing was written
    │   └── SchemaMismatch     the database is older or newer than this program
    └── ModelError
        ├── ModelUnavailable   try later: no fault of the request
        ├── ModelRefused       the provider will never take this request or key
        ├── ContextOverflow    the request is larger than the model's window
        └── MalformedAnswer    the answer can't be read

A failing tool and a refused memory edit are values that the model sees (`ToolResult`), not errors.
"""

from __future__ import annotations

import traceback


class FamiliarError(Exception):
    """Base of all errors that the engine raises on purpose."""


class BadInput(FamiliarError):
    """The request can't be served as it is; the message says what to change."""


class TemplateInvalid(BadInput):
    """A template file has unknown, missing or badly typed fields."""


class NotFound(BadInput):
    """No such agent, block, thread or model."""


class TooLong(BadInput):
    """A value is over its limit; the message says by how much. Nothing was changed."""


class Conflict(BadInput):
    """The request contradicts how things stand; the message says what does."""


class TooMany(BadInput):
    """A limit is reached; the message says which. `retry_after` is in seconds, where that is known."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreError(FamiliarError):
    """The store could not do what was asked."""


class Fenced(StoreError):
    """The lease was taken over: nothing of this transaction was written."""


class BlockConflict(StoreError):
    """A block's version isn't the one that the edit was computed from; compute it again."""


class SummaryOutdated(StoreError):
    """Something that the summary was made from isn't there any more; nothing was written."""


class StoreBusy(StoreError):
    """The database stayed locked through every retry."""


class StoreFull(StoreError):
    """The disk is full; the transaction was rolled back and nothing is lost."""


class SchemaMismatch(StoreError):
    """The database's schema isn't the one this program was written for."""


class ModelError(FamiliarError):
    """A model gave no usable answer. `begun`: it had begun one, which is paid for."""

    begun = False


class ModelUnavailable(ModelError):
    """Rate limit, timeout, outage: the same request may work later.

    `retry_after` is the provider's own wish in seconds, when it gave one.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelRefused(ModelError):
    """A wrong key, an unknown model or a request that the provider will not take."""


class ContextOverflow(ModelError):
    """The request has more tokens than the model's window."""


class BudgetSpent(ModelError):
    """What one more call may cost is more than is left of the day's budget."""


class MalformedAnswer(ModelError):
    """The provider's answer isn't of the agreed form."""


def stack_of(error: BaseException) -> str:
    """Where an error came from, for a log: types, files and lines, innermost last.

    Never its message and never source lines: either may hold what a person wrote, or a key.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " > ".join(
        f"{frame.name}@{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames
    )
    cause = error.__cause__ or error.__context__
    below = f" <- {stack_of(cause)}" if cause is not None else ""
    return f"{type(error).__name__} at {places or 'top'}{below}"
