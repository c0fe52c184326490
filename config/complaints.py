"""What is wrong with a setting's value, in words."""

from __future__ import annotations

from pydantic_core import ErrorDetails

_WANTED = {
    "bool": "must be 1 (yes) or 0 (no)",
    "int": "must be a whole number, in digits",
    "decimal": "must be a number",
    "finite": "must be a number",
}
"""By the first word of the error's type."""


def complaint(error: ErrorDetails) -> str:
    """What is wrong with a value, to follow its name; quotes nothing that may be a secret."""
    bounds = error.get("ctx", {})
    kind = error["type"]
    if kind == "value_error":  # one of ours, from config.values
        return str(bounds["error"])
    if kind == "literal_error":
        return f"must be {bounds['expected']}"
    if kind == "greater_than_equal":
        return f"must be at least {bounds['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {bounds['le']}"
    return _WANTED.get(kind.partition("_")[0], "is no valid value")
