"""What clients of OpenAI's chat completions send, and what they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.web.rest.http.refusals import Invalid, NotOffered
from adapters.web.rest.turns.message_bodies import MAX_PARTS, ContentPart, Words, text_of_content
from adapters.web.rest.turns.run_views import View
from agentcore.clock import SECOND
from agentcore.records import RunView, StopReason

MAX_USER = 500
MAX_HISTORY = 10_000
"""Messages that a client may send again; all but the last are the agent's own memory's affair."""


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ChatMessage(_Body):
    """A message as the client keeps it."""

    role: Annotated[str, Field(max_length=20)]
    content: Words | Annotated[list[ContentPart], Field(max_length=MAX_PARTS)] | None = None


class StreamOptions(_Body):
    include_usage: bool = False


class CompletionBody(_Body):
    """`model` is an agent's id, or `template:NAME`, for the agent of that template that the person
    named by `user` has, made when they first say something. Of `messages` the last is what is said
    to it: an agent remembers by itself what was said before, and has instructions of its own. How
    it samples is its own, too: `temperature` and the like are passed over.
    """

    model: Annotated[str, Field(min_length=1, max_length=200)]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_HISTORY)]
    user: Annotated[str, Field(min_length=1, max_length=MAX_USER)] | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    tools: Annotated[list[Any], Field(max_length=128)] | None = None
    functions: Annotated[list[Any], Field(max_length=128)] | None = None
    response_format: dict[str, Any] | None = None
    logprobs: bool | None = None
    modalities: Annotated[list[str], Field(max_length=10)] | None = None

    def require_offered(self) -> None:
        """Raises NotOffered."""
        for name in self._unbuilt():
            raise NotOffered(f"not offered by this server: `{name}`. Leave it out.")

    def _unbuilt(self) -> Iterator[str]:
        if (self.n or 1) > 1:
            yield "n"
        for name in ("tools", "functions", "logprobs"):
            if getattr(self, name):
                yield name
        if (self.response_format or {}).get("type", "text") != "text":
            yield "response_format"
        if set(self.modalities or ()) - {"text"}:
            yield "modalities"

    def said(self) -> str:
        """What is said to the agent.

        Raises:
            Invalid: the last message isn't a person's, or is empty.
            NotOffered: there is an image in it.
        """
        last = self.messages[-1]
        if last.role != "user":
            raise Invalid("The last of `messages` is what is said: its role must be `user`.")
        content = last.content
        if isinstance(content, list):
            if any(part.type == "image_url" for part in content):
                raise NotOffered("not offered by this server: images in `content`. Send text.")
            content = [part for part in content if part.type == "text"]
        text = text_of_content(content or "")
        if not text.strip():
            raise Invalid("The last of `messages` is empty.")
        return text


def finish_reason(run: RunView) -> str:
    """Why a turn is over, in that API's words."""
    cut = {StopReason.MAX_STEPS, StopReason.MAX_TOKENS_EXCEEDED}
    return "length" if run.stop_reason in cut else "stop"


def usage(run: RunView) -> View:
    """What all model calls of a turn have used."""
    prompt = sum(step.prompt_tokens for step in run.steps)
    completion = sum(step.completion_tokens for step in run.steps)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": sum(s.cached_tokens for s in run.steps)},
    }


def completion_view(model: str, run: RunView, text: str) -> View:
    """A whole answer."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": completion_id(run.turn_id),
        "object": "chat.completion",
        "created": run.created_at // SECOND,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": finish_reason(run),
            }
        ],
        "usage": usage(run),
        "system_fingerprint": None,
    }


def completion_id(turn_id: str) -> str:
    return turn_id.replace("run-", "chatcmpl-", 1)


def error_view(message: str, kind: str) -> View:
    """The body of an error."""
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}
