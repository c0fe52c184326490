"""The seam between a tool that is somebody's source and what runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Code:
    """A function of a source, to be called with these arguments and nothing in its environment but
    this; `most` characters of what it returns are of use.
    """

    source: str
    function: str
    arguments: Mapping[str, Any]
    most: int
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What a call returned or failed with, as text, and the beginning of what it printed."""

    status: Literal["success", "error"]
    text: str
    stdout: str = ""
    stderr: str = ""


class CodeRunner(Protocol):
    """Runs source that nobody trusts. What it does reaches nothing: no file of the service, no
    other process, no network.
    """

    async def obstacle(self) -> str | None:
        """Why no source can be run here, and what to do about it; None: it can."""
        ...

    async def run(self, code: Code) -> CodeResult:
        """Call the function. Whatever goes wrong is a result; where nothing can be run, that is one."""
        ...


@dataclass(frozen=True, slots=True)
class NoCode:
    """`CodeRunner` where none is to be run."""

    why: str

    async def obstacle(self) -> str | None:
        return self.why

    async def run(self, code: Code) -> CodeResult:
        return CodeResult("error", self.why)
