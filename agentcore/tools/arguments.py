"""Reading what a model passed: a JSON object that may be malformed, with older argument names."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from agentcore.records import storable


class BadArguments(Exception):
    """The arguments can't be used; the text is written for the model."""


_TOO_DEEP = "nested too deeply"
DEEPEST = 50
"""How deep arguments may be nested: what is kept of them is read again under any depth of calls."""


def parsed(raw: str) -> Mapping[str, Any]:
    """The arguments of a call, of what can be stored alone; none at all are an empty object.

    Raises:
        BadArguments: not a JSON object, nested too deeply, or with a number that is none in JSON.
    """
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw)
    except RecursionError as error:
        raise _invalid(_TOO_DEEP) from error
    except ValueError as error:  # of thousands of digits no number is made
        raise _invalid(getattr(error, "msg", "a number is too long")) from error
    if not isinstance(value, dict):
        msg = f"The arguments must be a JSON object, not {type(value).__name__}."
        raise BadArguments(msg)
    return {storable(key): _storable(each) for key, each in value.items()}


def _invalid(detail: str) -> BadArguments:
    msg = f"The arguments are not valid JSON ({detail}). Send the call again with valid JSON."
    return BadArguments(msg)


def _storable(value: Any, depth: int = 1) -> Any:
    """The value without what JSON can spell and no database takes."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _invalid("a number is not finite")
    if not isinstance(value, list | dict):
        return value
    if depth >= DEEPEST:
        raise _invalid(_TOO_DEEP)
    if isinstance(value, list):
        return [_storable(each, depth + 1) for each in value]
    return {storable(key): _storable(each, depth + 1) for key, each in value.items()}


class Arguments:
    """Typed access to a call's arguments, by their present or their older names."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, *names: str) -> str:
        """A required string under the first of these names that is there.

        Raises:
            BadArguments: it is missing or no string.
        """
        value = self._first(names)
        if value is None:
            msg = f"The argument `{names[0]}` is missing. Send the call again with it."
            raise BadArguments(msg)
        if not isinstance(value, str):
            msg = f"The argument `{names[0]}` must be a string."
            raise BadArguments(msg)
        return value

    def optional_text(self, *names: str) -> str | None:
        return None if self._first(names) is None else self.text(*names)

    def whole(self, name: str, default: int) -> int:
        """A whole number, also when it comes as "3" or 3.0.

        Raises:
            BadArguments: it is none.
        """
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool) and isinstance(value, int | float | str):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                number = float("nan")
            if number.is_integer():
                return int(number)
        msg = f"The argument `{name}` must be a whole number."
        raise BadArguments(msg)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; a lone string counts as a list of one.

        Raises:
            BadArguments: it is anything else.
        """
        value = self._values.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        msg = f"The argument `{name}` must be a list of strings."
        raise BadArguments(msg)

    def _first(self, names: tuple[str, ...]) -> Any:
        return next((self._values[n] for n in names if self._values.get(n) is not None), None)
