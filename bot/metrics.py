"""The figures in Prometheus's form: counted as they come, and the store's asked at each scrape.

The one door to `prometheus_client`. The registry is this object's own: two services in one
process, as in tests, don't meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from agentcore.records import Pulse
from bot.measures import CallFigures, PutOff, TurnFigures

_TURN_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300, 900, 3600)
_CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120)


class PrometheusMeasures:
    """`Measures`, kept for whoever scrapes them."""

    content_type: Final = "text/plain; version=0.0.4; charset=utf-8"

    def __init__(self) -> None:
        own = CollectorRegistry()
        self._registry = own
        ProcessCollector(registry=own)
        GCCollector(registry=own)
        self._turns = Counter(
            "familiar_turns",
            "Turns that ended, by the reason they stopped for.",
            ("kind", "platform", "outcome"),
            registry=own,
        )
        self._put_off = Counter(
            "familiar_turns_put_off", "Turns that are tried again, and why.", ("why",), registry=own
        )
        self._turn_seconds = Histogram(
            "familiar_turn_seconds",
            "From the acceptance of a message to its answer.",
            registry=own,
            buckets=_TURN_SECONDS,
        )
        self._models = _ModelMetrics(own)
        self._tries = Counter(
            "familiar_outbox_tries",
            "Tries to send a chunk, by what became of them.",
            ("platform", "outcome"),
            registry=own,
        )
        self._resent = Counter(
            "familiar_outbox_resent",
            "Chunks sent again though an earlier try may have arrived.",
            ("platform",),
            registry=own,
        )
        self._now = _NowMetrics(own)

    def turn_ended(self, turn: TurnFigures) -> None:
        self._turns.labels(turn.kind, turn.platform, turn.reason).inc()
        if turn.kind == "message":
            self._turn_seconds.observe(max(0.0, turn.waited))

    def turn_put_off(self, why: PutOff) -> None:
        self._put_off.labels(why).inc()

    def model_called(self, call: CallFigures) -> None:
        self._models.called(call)

    def chunk_sent(self, platform: str, outcome: str, *, again: bool) -> None:
        self._tries.labels(platform, outcome).inc()
        if again:
            self._resent.labels(platform).inc()

    def exposition(self, pulse: Pulse | None, adapters: Mapping[str, str]) -> bytes:
        """All of it as text. `pulse` None: the database didn't answer. `adapters`: the state of
        each, "ok" or what is wrong.
        """
        self._now.take(pulse, adapters)
        return generate_latest(self._registry)


class _ModelMetrics:
    """What the calls of models took and cost, by model."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "familiar_model_calls",
            "Calls of models, with their retries, by outcome.",
            ("model", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "familiar_model_seconds",
            "How long calls took that were answered.",
            ("model",),
            registry=registry,
            buckets=_CALL_SECONDS,
        )
        self._first_token = Histogram(
            "familiar_model_first_token_seconds",
            "How long it took until an answer's first words.",
            ("model",),
            registry=registry,
            buckets=_CALL_SECONDS,
        )
        self._tokens = Counter(
            "familiar_model_tokens",
            "Tokens as providers count them; cached ones are among the prompt's.",
            ("model", "kind"),
            registry=registry,
        )
        self._cost = Counter(
            "familiar_model_cost_usd",
            "US dollars spent on calls whose price is known.",
            ("model",),
            registry=registry,
        )
        self._unpriced = Counter(
            "familiar_model_unpriced_calls",
            "Answered calls whose price isn't known.",
            ("model",),
            registry=registry,
        )

    def called(self, call: CallFigures) -> None:
        self._calls.labels(call.model, call.outcome).inc()
        if call.first_token is not None:
            self._first_token.labels(call.model).observe(max(0.0, call.first_token))
        if (usage := call.usage) is None:
            return
        self._seconds.labels(call.model).observe(max(0.0, call.seconds))
        self._tokens.labels(call.model, "prompt").inc(usage.prompt_tokens)
        self._tokens.labels(call.model, "completion").inc(usage.completion_tokens)
        self._tokens.labels(call.model, "cached").inc(usage.cached_tokens)
        if usage.cost is None:
            self._unpriced.labels(call.model).inc()
        else:
            self._cost.labels(call.model).inc(usage.cost / 1_000_000)


class _NowMetrics:
    """What is true at the moment of a scrape."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._adapters = Gauge(
            "familiar_adapter_up", "1 while an adapter runs.", ("adapter",), registry=registry
        )
        self._database = Gauge(
            "familiar_database_up", "1 if the database answered this scrape.", registry=registry
        )
        self._pulse = {
            field: Gauge(name, text, registry=registry)
            for field, (name, text) in _PULSE_GAUGES.items()
        }

    def take(self, pulse: Pulse | None, adapters: Mapping[str, str]) -> None:
        for name, state in adapters.items():
            self._adapters.labels(name).set(state == "ok")
        self._database.set(pulse is not None)
        for field, gauge in self._pulse.items():
            gauge.set(float("nan") if pulse is None else getattr(pulse, field))


_PULSE_GAUGES = {
    "pending": ("familiar_pending_messages", "Messages that aren't answered yet."),
    "oldest_pending": ("familiar_oldest_pending_seconds", "How long the oldest of them waits."),
    "parked": ("familiar_parked_messages", "Messages set aside because their turns kept failing."),
    "to_send": ("familiar_outbox_waiting", "Chunks that wait to be sent."),
    "unreachable": ("familiar_unreachable_chats", "Chats that can't be sent to any more."),
}
