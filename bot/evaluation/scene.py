"""What a scene is made of, and the transcript that its checks look at.

Every scene carries scripts for a model that passes it and for models that fail it, so that a
test can show that each of its checks can tell the two apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from agentcore.core import SleepReport
from agentcore.memory.tidying import Change, render_changes
from agentcore.model import ModelAnswer
from agentcore.records import StepRecord, ToolCall

Topic = Literal[
    "saving", "changing", "leaving out", "recalling", "honesty", "using", "talking", "trust"
]
Script = tuple[ModelAnswer, ...]
"""What a scripted model answers, call by call, over all turns of a scene."""


@dataclass(frozen=True, slots=True)
class Say:
    """One message of a person. `later` is the time since the one before; `forwarded` is somebody
    else's text that comes with it; in a group, `speaker` tells who writes.
    """

    text: str
    later: timedelta = timedelta(minutes=1)
    forwarded: str = ""
    speaker: str = "Ada"
    group: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What there is when a scene begins: blocks' values by label, and an earlier conversation,
    one exchange an hour, that has left the window.
    """

    blocks: Mapping[str, str] = field(default_factory=dict)
    exchanges: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """A tool call and what came back. `returned` is empty where nothing did; `saved`: it went
    well, and if it writes, nobody has to be asked first.
    """

    name: str
    arguments: Mapping[str, Any]
    saved: bool
    returned: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message with its turn. `answer` is all that the person saw; `steps` are the calls of
    the model; `ended` is the reason's name.
    """

    said: str
    answer: str
    uses: tuple[Use, ...]
    steps: tuple[StepRecord, ...]
    ended: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """All of a scene. `memory` are the lines of all blocks at its end, but for those that came
    with the template; `slept` is the sleep-time run after the last message, if there was one.
    """

    exchanges: tuple[Exchange, ...]
    memory: tuple[str, ...]
    slept: SleepReport | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What must be so, in words, and whether it is."""

    text: str
    holds: Callable[[Transcript], bool]


@dataclass(frozen=True, slots=True)
class Scene:
    """`good` passes all checks, and each check fails under one of `bad`. `question` is for a
    judge, to be answered with yes. With `sleeps`, the memory is put in order after the last
    message, which is the last call of a script.
    """

    name: str
    topic: Topic
    about: str
    says: tuple[Say, ...]
    checks: tuple[Check, ...]
    good: Script
    bad: tuple[Script, ...]
    before: Before = field(default_factory=Before)
    question: str = ""
    sleeps: bool = False


def says(*texts: str | Say) -> tuple[Say, ...]:
    return tuple(each if isinstance(each, Say) else Say(each) for each in texts)


def script(*lines: str | ModelAnswer) -> Script:
    return tuple(each if isinstance(each, ModelAnswer) else ModelAnswer(each) for each in lines)


def use(tool: str, **arguments: object) -> ModelAnswer:
    call = ToolCall("call", tool, json.dumps(arguments, ensure_ascii=False))
    return ModelAnswer("", (call,), "tool_calls")


def save(line: str, label: str = "human") -> ModelAnswer:
    return use("memory_insert", label=label, new_string=line)


def change(old: str, new: str, label: str = "human") -> ModelAnswer:
    return use("memory_replace", label=label, old_string=old, new_string=new)


def search(query: str) -> ModelAnswer:
    return use("conversation_search", query=query)


def tidy(*changes: tuple[tuple[str, ...], tuple[str, ...]]) -> ModelAnswer:
    """A sleep-time answer: of each change, the lines that go, and those that come."""
    asked = [Change("human", gone, new, None, "In order.") for gone, new in changes]
    return ModelAnswer(render_changes(asked))
