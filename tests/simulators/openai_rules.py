"""What OpenAI's chat completions endpoint refuses, and the bodies that it refuses with.

As strict as the real one where clients go wrong: unknown parameters, roles, calls without an
answer, schemas that aren't objects. Pure: a parsed body in, a refusal or None out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PARAMETERS = frozenset(
    [
        "model",
        "messages",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "stream",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "n",
        "stop",
        "seed",
        "user",
        "response_format",
        "metadata",
        "store",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "reasoning_effort",
        "verbosity",
        "service_tier",
        "safety_identifier",
        "prompt_cache_key",
        "modalities",
        "prediction",
        "audio",
    ]
)
_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_ROLES = ("system", "developer", "user", "assistant", "tool")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer: the HTTP status and OpenAI's error object."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    kind: str = "invalid_request_error"

    @property
    def body(self) -> dict[str, Any]:
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def wrong_key(key: str) -> Refusal:
    shown = f"{key[:8]}{'*' * 8}{key[-4:]}"
    return Refusal(
        401,
        f"Incorrect API key provided: {shown}. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        "invalid_api_key",
    )


def no_key() -> Refusal:
    return Refusal(401, "You didn't provide an API key. You need to provide your API key in an ...")


def no_model(name: str) -> Refusal:
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Refusal(404, message, "model_not_found")


def too_long(window: int, tokens: int) -> Refusal:
    return Refusal(
        400,
        f"This model's maximum context length is {window} tokens. However, your messages resulted "
        f"in {tokens} tokens. Please reduce the length of the messages.",
        "context_length_exceeded",
        "messages",
    )


def no_tools(model: str) -> Refusal:
    return Refusal(400, f"registry.local/{model} does not support tools", kind="api_error")


def rate_limited() -> Refusal:
    return Refusal(
        429,
        "Rate limit reached for gpt-4o-mini in organization org-x on requests per min (RPM): "
        "Limit 3, Used 3, Requested 1. Please try again in 20s.",
        "rate_limit_exceeded",
        kind="requests",
    )


def no_credit() -> Refusal:
    return Refusal(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        kind="insufficient_quota",
    )


def server_error() -> Refusal:
    return Refusal(
        500, "The server had an error while processing your request. Sorry!", kind="server_error"
    )


def overloaded() -> Refusal:
    message = "The engine is currently overloaded, please try again later."
    return Refusal(503, message, kind="service_unavailable")


def refusal_of(body: object) -> Refusal | None:
    """The first thing that is wrong with a request, as the real endpoint would say it."""
    if not isinstance(body, dict):
        return Refusal(400, "We could not parse the JSON body of your request.")
    return next(_faults(body), None)


def _faults(body: Mapping[str, Any]) -> Iterator[Refusal]:
    for name in body:
        if name not in PARAMETERS:
            yield Refusal(
                400, f"Unrecognized request argument supplied: {name}", param=None, code=None
            )
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield Refusal(400, "you must provide a model parameter")
    if "stream_options" in body and not body.get("stream"):
        yield _invalid("stream_options", "only allowed when 'stream' is enabled")
    if "max_tokens" in body and not _positive(body["max_tokens"]):
        yield _invalid("max_tokens", "must be a positive integer")
    if "max_tokens" in body and "max_completion_tokens" in body:
        yield _invalid("max_tokens", "cannot be set together with max_completion_tokens")
    if "tools" in body:
        yield from _tool_faults(body["tools"])
    elif {"tool_choice", "parallel_tool_calls"} & body.keys():
        yield _invalid("tool_choice", "is only allowed when 'tools' are specified")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield _invalid("messages", "empty array. Expected an array with minimum length 1")
        return
    yield from _message_faults(messages)


def _invalid(param: str, what: str) -> Refusal:
    return Refusal(400, f"Invalid '{param}': {what}.", "invalid_value", param)


def _positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _tool_faults(tools: object) -> Iterator[Refusal]:
    if not isinstance(tools, list) or not tools:
        yield _invalid("tools", "empty array. Expected an array with minimum length 1")
        return
    for place, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or tool.get("type") != "function":
            yield _invalid(f"tools[{place}]", "expected an object of type 'function'")
            continue
        if not _NAME.match(str(function.get("name", ""))):
            yield _invalid(f"tools[{place}].function.name", "string does not match pattern")
        if len(str(function.get("description", ""))) > 1_024:
            yield _invalid(f"tools[{place}].function.description", "string too long")
        if not _is_object_schema(function.get("parameters", {"type": "object"})):
            yield _invalid(
                f"tools[{place}].function.parameters", "schema must be a JSON Schema of 'object'"
            )


def _is_object_schema(schema: object) -> bool:
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return False
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    return (
        isinstance(properties, dict)
        and all(isinstance(value, dict) for value in properties.values())
        and isinstance(required, list)
        and all(name in properties for name in required)
    )


def _message_faults(messages: Sequence[object]) -> Iterator[Refusal]:
    unanswered: list[str] = []
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            yield _invalid(f"messages[{place}].role", f"supported values are: {_ROLES}")
            return
        if message["role"] == "tool":
            yield from _answer_faults(place, message, unanswered)
            continue
        if unanswered:
            yield _open_calls(unanswered)
        unanswered = []
        if message.get("tool_calls"):
            yield from _call_faults(place, message)
            unanswered = [str(call.get("id")) for call in message["tool_calls"]]
        yield from _content_faults(place, message)
    if unanswered:
        yield _open_calls(unanswered)


def _answer_faults(
    place: int, message: Mapping[str, Any], unanswered: list[str]
) -> Iterator[Refusal]:
    call_id = message.get("tool_call_id")
    if call_id not in unanswered:
        yield Refusal(
            400,
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'.",
            param=f"messages.[{place}].role",
        )
    else:
        unanswered.remove(call_id)
    if not isinstance(message.get("content"), str | list):
        yield _invalid(f"messages[{place}].content", "expected a string or an array")


def _call_faults(place: int, message: Mapping[str, Any]) -> Iterator[Refusal]:
    calls = message["tool_calls"]
    if message["role"] != "assistant" or not isinstance(calls, list):
        yield _invalid(f"messages[{place}].tool_calls", "not allowed here")
        return
    ids = [call.get("id") for call in calls if isinstance(call, dict)]
    if len(set(ids)) < len(calls):
        yield _invalid(f"messages[{place}].tool_calls", "duplicate or missing ids")
    for call in calls:
        function = call.get("function", {})
        if not call.get("id") or call.get("type") != "function":
            yield _invalid(f"messages[{place}].tool_calls", "expected id and type")
        if not _NAME.match(str(function.get("name", ""))):
            yield _invalid(f"messages[{place}].tool_calls.function.name", "does not match pattern")
        if not _parses(function.get("arguments")):
            yield _invalid(f"messages[{place}].tool_calls.function.arguments", "expected JSON text")


def _parses(arguments: object) -> bool:
    try:
        return isinstance(arguments, str) and isinstance(json.loads(arguments), dict)
    except ValueError:
        return False


def _content_faults(place: int, message: Mapping[str, Any]) -> Iterator[Refusal]:
    content = message.get("content")
    if content is None and message["role"] == "assistant" and message.get("tool_calls"):
        return
    if not isinstance(content, str | list):
        yield _invalid(
            f"messages[{place}].content", "expected a string or an array, but got null instead"
        )


def _open_calls(unanswered: Sequence[str]) -> Refusal:
    return Refusal(
        400,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to "
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
        + ", ".join(unanswered),
        param="messages",
    )
