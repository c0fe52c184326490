"""Getting one usable answer: the model, a nudge if it says nothing, then its fallbacks.

A model that can't be reached is passed over; when none can, that is no fault of the message,
and `ModelUnavailable` goes up so that the turn is tried again later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentcore.errors import BudgetSpent, MalformedAnswer, ModelRefused, ModelUnavailable
from agentcore.loop.prompt import note
from agentcore.model import Emit, Model, ModelAnswer, ModelRequest, Usage, UserPrompt
from agentcore.records import StepOutcome

NUDGE = note("Your answer was empty or could not be read. Answer the person now, or call a tool.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it. `answer` None: every model failed, for reasons that won't pass.

    `usage` is the sum over all calls; `detail` says what had to be done for the answer.
    """

    answer: ModelAnswer | None
    usage: Usage
    model: str
    outcome: StepOutcome
    detail: str


@dataclass(slots=True)
class _Bill:
    """The running sum of what the calls have used. An unknown price makes the sum unknown."""

    usage: Usage

    def add(self, used: Usage) -> None:
        so_far, cost = self.usage.cost, used.cost
        self.usage = Usage(
            prompt_tokens=self.usage.prompt_tokens + used.prompt_tokens,
            completion_tokens=self.usage.completion_tokens + used.completion_tokens,
            cached_tokens=self.usage.cached_tokens + used.cached_tokens,
            cost=None if so_far is None or cost is None else so_far + cost,
        )


async def ask(
    ladder: Sequence[Model], request: ModelRequest, emit: Emit | None, *, silence_is_fine: bool
) -> Asked:
    """One answer from the first model of the ladder that gives one.

    `silence_is_fine`: the turn has already said something, so an empty answer ends it.

    Raises:
        ModelUnavailable: no model could be reached.
        BudgetSpent: none may be asked any more today.
        ContextOverflow: the request is too large for the model.
    """
    bill = _Bill(Usage(cost=0))
    said: list[str] = []
    unasked: ModelUnavailable | BudgetSpent | None = None
    heard_from_one = False
    outcome: StepOutcome = "failed"
    for model in ladder:
        try:
            answer, outcome = await _ask_one(
                model, request, emit, bill, said, silence_is_fine=silence_is_fine
            )
        except ModelUnavailable as error:
            unasked = error
            said.append(f"{model.name}: unavailable")
            continue
        except BudgetSpent as error:  # a cheaper one may still do
            unasked = unasked or error
            said.append(f"{model.name}: over budget")
            continue
        except ModelRefused as error:
            heard_from_one = True
            said.append(f"{model.name}: {error}")
            outcome = "failed"
            continue
        heard_from_one = True
        if answer is not None:
            return Asked(answer, bill.usage, model.name, outcome, "; ".join(said))
    if unasked is not None and not heard_from_one:
        raise unasked
    name = ladder[-1].name if ladder else ""
    return Asked(None, bill.usage, name, outcome, "; ".join(said))


async def _ask_one(
    model: Model,
    request: ModelRequest,
    emit: Emit | None,
    bill: _Bill,
    said: list[str],
    *,
    silence_is_fine: bool,
) -> tuple[ModelAnswer | None, StepOutcome]:
    """One model, nudged once. None: it has nothing usable to say."""
    outcome: StepOutcome = "empty"
    if model.capabilities.tools == "none":
        request = replace(request, tools=())
    for attempt in (request, replace(request, prompt=(*request.prompt, UserPrompt(NUDGE)))):
        try:
            if emit is None:
                answer = await model.complete(attempt)
            else:
                answer = await model.stream(attempt, emit)
        except MalformedAnswer as error:
            outcome = "malformed"
            said.append(f"{model.name}: {error}")
            continue
        bill.add(answer.usage)
        if answer.tool_calls:
            return answer, "tools"
        if answer.text.strip() or silence_is_fine:
            return answer, "answered"
        outcome = "empty"
        said.append(f"{model.name}: empty answer")
    return None, outcome
