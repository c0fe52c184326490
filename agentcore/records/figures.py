"""Figures for an operator: how the service fares now, and what it has done and spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pulse:
    """What may be asked for every few seconds.

    `oldest_pending` is in seconds: how long the oldest message that isn't answered has been
    here, one whose turn is running or put off included; 0 when there is none.
    """

    pending: int
    oldest_pending: int
    parked: int
    to_send: int
    unreachable: int


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What the steps of one model have used. `cost`, in millionths of a US dollar, is the sum of
    what is known; `unpriced` counts the steps whose price isn't.
    """

    model: str
    steps: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Span:
    """What happened in some days: turns by their outcome, and the use of each model."""

    turns: Mapping[str, int]
    models: tuple[ModelUse, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of it. Days are UTC; `week` is today and the six days before."""

    counts: Mapping[str, int]
    database_bytes: int
    today: Span
    week: Span
