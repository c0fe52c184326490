"""Runs and steps as the API shows them, and what a turn has used: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from adapters.web.rest.http.answers import moment
from agentcore.records import RunState, RunView, StepOutcome, StepRecord, StopReason
from agentcore.store.pages import StepPlace

View = dict[str, Any]

STATUS: Mapping[RunState, str] = {
    "created": "created",
    "running": "running",
    "done": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}


def run_view(run: RunView) -> View:
    """A turn as a run."""
    lasted = None if run.finished_at is None else (run.finished_at - run.created_at) * 1_000
    return {
        "id": run.turn_id,
        "agent_id": run.agent_id,
        "conversation_id": run.thread_id,
        "status": STATUS[run.state],
        "created_at": moment(run.created_at),
        "completed_at": None if run.finished_at is None else moment(run.finished_at),
        "stop_reason": run.stop_reason,
        "background": run.background,
        "metadata": None,
        "request_config": None,
        "callback_url": run.callback_url,
        "callback_sent_at": None,
        "callback_status_code": None,
        "callback_error": None,
        "total_duration_ns": lasted,
        "ttft_ns": None,
        "base_template_id": None,
    }


CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Failure:
    """What a turn without an answer came to, and the HTTP status that says so."""

    kind: str
    status: int
    message: str
    detail: str


def failure_of(run: RunView) -> Failure | None:
    """Why there is no answer; None if there is one, or if the turn was only cut short."""
    match run.failure:
        case "model_unavailable":
            told = "No model could be reached. Try again later."
            return Failure("llm_error", 503, told, run.error)
        case "calls_wait" | "nothing_waits":
            return Failure("conflict", CONFLICT, run.error, "")
        case "model_refused" | "given_up" | None:
            pass
        case _:
            assert_never(run.failure)
    match run.stop_reason:
        case StopReason.LLM_API_ERROR:
            told = "No model took this request."
            return Failure("llm_bad_request", 400, told, run.error)
        case StopReason.CONTEXT_OVERFLOW:
            told = "What is to be answered doesn't fit into the agent's window."
            way = (
                "Shorten its instructions, its blocks or the message, or give the agent a larger "
                "`context_window_limit`."
            )
            return Failure("context_window_exceeded", 400, told, way)
        case StopReason.ERROR:
            return Failure("internal_error", 500, "The turn failed inside.", run.error)
        case _:
            return None


def failure_view(failure: Failure) -> View:
    """The body of an answer that says so."""
    if failure.status == CONFLICT:
        return {"detail": failure.message}
    return {"error": {"type": failure.kind, "message": failure.message, "detail": failure.detail}}


def stop_view(reason: StopReason | None) -> View:
    """Why a turn is over."""
    return {"message_type": "stop_reason", "stop_reason": reason or StopReason.ERROR}


def usage_view(run: RunView) -> View:
    """What a turn has used, all its steps together."""
    steps = run.steps
    prompt, completion = _sums(steps)
    last = steps[-1] if steps else None
    return {
        "message_type": "usage_statistics",
        "completion_tokens": completion,
        "prompt_tokens": prompt,
        "total_tokens": prompt + completion,
        "step_count": sum(step.outcome != "summarised" for step in steps),
        "run_ids": [run.turn_id],
        "cached_input_tokens": sum(step.cached_tokens for step in steps),
        "cache_write_tokens": None,
        "reasoning_tokens": None,
        "context_tokens": last and last.prompt_tokens + last.completion_tokens,
    }


def run_usage_view(run: RunView) -> View:
    """The same as `/runs/{id}/usage` tells it."""
    prompt, completion = _sums(run.steps)
    cached = sum(step.cached_tokens for step in run.steps)
    return {
        "completion_tokens": completion,
        "prompt_tokens": prompt,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {
            "cached_tokens": cached,
            "cache_read_tokens": cached,
            "cache_creation_tokens": None,
        },
        "completion_tokens_details": {"reasoning_tokens": None},
    }


def _sums(steps: Sequence[StepRecord]) -> tuple[int, int]:
    return sum(s.prompt_tokens for s in steps), sum(s.completion_tokens for s in steps)


_STOPPED: Mapping[StepOutcome, StopReason] = {
    "answered": StopReason.END_TURN,
    "failed": StopReason.LLM_API_ERROR,
    "unreachable": StopReason.LLM_API_ERROR,
    "malformed": StopReason.INVALID_LLM_RESPONSE,
    "empty": StopReason.INVALID_LLM_RESPONSE,
}


def step_view(place: StepPlace) -> View:
    """One model call and its tools."""
    step = place.step
    failed = step.outcome not in {"answered", "tools", "summarised"}
    provider, slash, _ = step.model.partition("/")
    return {
        "id": step.step_id,
        "agent_id": place.agent_id,
        "run_id": place.turn_id,
        "model": step.model,
        "model_handle": step.model,
        "model_endpoint": None,
        "provider_name": provider if slash else None,
        "provider_id": None,
        "provider_category": None,
        "context_window_limit": None,
        "prompt_tokens": step.prompt_tokens,
        "completion_tokens": step.completion_tokens,
        "total_tokens": step.prompt_tokens + step.completion_tokens,
        "cached_input_tokens": step.cached_tokens,
        "cache_write_tokens": None,
        "reasoning_tokens": None,
        "prompt_tokens_details": {"cached_tokens": step.cached_tokens},
        "completion_tokens_details": None,
        "status": "failed" if failed else "success",
        "stop_reason": _STOPPED.get(step.outcome),
        "error_type": "llm_error" if failed else None,
        "error_data": None,
        "origin": None,
        "tags": [],
        "tid": None,
        "trace_id": None,
        "request_id": None,
        "messages": [],
        "feedback": None,
        "project_id": None,
    }


def step_metrics_view(place: StepPlace) -> View:
    """How long a step took, tools and all, in nanoseconds."""
    step = place.step
    return {
        "id": step.step_id,
        "agent_id": place.agent_id,
        "run_id": place.turn_id,
        "step_start_ns": step.started_at * 1_000,
        "step_ns": (step.finished_at - step.started_at) * 1_000,
        "llm_request_start_ns": None,
        "llm_request_ns": None,
        "tool_execution_ns": None,
        "provider_id": None,
        "project_id": None,
        "template_id": None,
        "base_template_id": None,
    }
