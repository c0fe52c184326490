"""What is kept of a step's calls."""

from __future__ import annotations

from agentcore.clock import Micros
from agentcore.model import Usage
from agentcore.records import StepOutcome, StepRecord, new_step_id


def step_of(
    number: int,
    model: str,
    outcome: StepOutcome,
    usage: Usage,
    times: tuple[Micros, Micros],
    detail: str,
) -> StepRecord:
    """`times`: when it began and when it was over."""
    started_at, finished_at = times
    return StepRecord(
        step_id=new_step_id(),
        number=number,
        model=model,
        outcome=outcome,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cached_tokens=usage.cached_tokens,
        cost=usage.cost,
        started_at=started_at,
        finished_at=finished_at,
        detail=detail,
    )
