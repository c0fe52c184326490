"""Logging: one line of JSON (or, on a terminal, of text) per event, to stderr.

Invariant: no message text, key or token in a log. Our own code logs ids, counts and stacks
without messages; libraries are heard from WARNING on, and their exceptions lose their text too.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from agentcore.errors import stack_of

_SECRETS = re.compile(
    r"(?<!\d)\d{6,12}:[\w-]{30,}"  # a Telegram bot token; in a URL, "bot" stands right before it
    r"|(?<![\w.-])[MNO][\w-]{16,}\.[\w-]{4,}\.[\w-]{25,}"  # Discord's: begins with an id in base64
    r"|aW50ZXJhY3Rpb246[\w=-]+"  # an interaction's, which stands in addresses: base64 as well
    r"|(?<![^\W_])fam_[\w-]{20,}"  # a token of our API
    r"|(?<![^\W_])whsec_[\w-]{20,}"  # what a webhook is signed with
    r"|(?<![^\W_])sk-[\w-]{8,}"  # a provider's key
    r"|(?i:\bbearer)\s+[^\s\"'\\]+"
)

Event = MutableMapping[str, Any]


def set_up(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send everything to `stream` (default stderr). Safe to call again."""
    out = stream or sys.stderr
    plain = out.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_traceback,
    ]
    renderer = (
        structlog.dev.ConsoleRenderer(colors=True)
        if plain
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer, _without_secrets],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _only_the_stack],
            processors=[_stripped, renderer, _without_secrets],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    # These two write whole URLs, which hold a bot's token, at INFO.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_traceback(_logger: object, _name: str, event: Event) -> Event:
    """Ours too: a line of code that asked for a traceback gets the stack."""
    if event.pop("exc_info", None) and (error := sys.exception()) is not None:
        event["stack"] = stack_of(error)
    return event


def _without_secrets(_logger: object, _name: str, line: Any) -> str:
    """On the rendered line: nothing is too deep inside a value to be found."""
    return _SECRETS.sub("[secret]", line)


def _only_the_stack(_logger: object, _name: str, event: Event) -> Event:
    """A library's exception: where it came from, never what it says."""
    record: logging.LogRecord | None = event.get("_record")
    if record is not None and record.exc_info and record.exc_info[1] is not None:
        event["stack"] = stack_of(record.exc_info[1])
        event["event"] = f"{record.name}: an error"
    return event


def _stripped(_logger: object, _name: str, event: Event) -> Event:
    for key in ("_record", "_from_structlog", "exc_info"):
        event.pop(key, None)
    return event
