"""Why the API refuses, beyond the engine's errors. Apart from `errors`, which loads a web framework."""

from __future__ import annotations

from agentcore.errors import BadInput, FamiliarError


class Invalid(BadInput):
    """The body or a parameter is not of the agreed form, in a way that only its meaning shows."""


class TooSlow(FamiliarError):
    """What was announced didn't come in time."""


class NotOffered(FamiliarError):
    """The request is for something that this server doesn't do."""
