"""Getting one usable answer: the model, a nudge if it says nothing, then its fallbacks.

A model that can't be reached is passed over; when none can, that is no fault of the message,
and `ModelUnavailable` goes up so that the turn is tried again later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentcore.errors import (
    BudgetSpent,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.loop.prompt import note
from agentcore.model import (
    AssistantPrompt,
    Emit,
    Model,
    ModelAnswer,
    ModelRequest,
    Prompt,
    TextDelta,
    Usage,
    UserPrompt,
)
from agentcore.records import StepOutcome, StopReason, TurnEnd, new_message_id

UNKEPT = "claimed a save, asked again"
"""What a step's detail says of an answer that claimed what hadn't been done."""

NUDGE = note("Your answer was empty or could not be read. Answer the person now, or call a tool.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it. `answer` None: every model failed, for reasons that won't pass.

    `usage` is the sum over all calls, `counted` that of the last one alone; `detail` says what
    had to be done for the answer.
    """

    answer: ModelAnswer | None
    usage: Usage
    model: str
    outcome: StepOutcome
    detail: str
    counted: Usage | None = None


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
            told = "; ".join(said)
            return Asked(answer, bill.usage, model.name, outcome, told, answer.usage)
    if unasked is not None and not heard_from_one:
        raise unasked
    name = ladder[-1].name if ladder else ""
    return Asked(None, bill.usage, name, outcome, "; ".join(said))


def unreachable(ladder: Sequence[Model], error: ModelUnavailable) -> Asked:
    """No answer, since no model could be reached: for whom that is an answer, too."""
    name = ladder[0].name if ladder else ""
    return Asked(None, Usage(cost=0), name, "unreachable", str(error))


def end_without(asked: Asked) -> TurnEnd:
    """How a turn ends that has got no answer."""
    match asked.outcome:
        case "unreachable":
            return TurnEnd(StopReason.LLM_API_ERROR, asked.detail, failure="model_unavailable")
        case "failed":
            return TurnEnd(StopReason.LLM_API_ERROR, asked.detail, failure="model_refused")
        case _:
            return TurnEnd(StopReason.INVALID_LLM_RESPONSE, asked.detail)


async def ask_again(
    first: Asked, ladder: Sequence[Model], request: ModelRequest, emit: Emit | None, why: str
) -> Asked:
    """Once more, of the model that gave the first answer, which has read `why`, a note. The first
    answer stands if there is no other to be had.
    """
    model = next((each for each in ladder if each.name == first.model), None)
    if model is None or first.answer is None:
        return first
    bill = _Bill(first.usage)
    thoughts = (AssistantPrompt(first.answer.text), UserPrompt(why))
    tools = () if model.capabilities.tools == "none" else request.tools
    again = replace(_followed_by(request, *thoughts), tools=tools)
    said = f"{first.detail}; {model.name}: {UNKEPT}".removeprefix("; ")
    try:
        answer = await _called(model, again, emit)
    except ModelError as error:
        return replace(first, detail=f"{said}, not answered: {type(error).__name__}")
    bill.add(answer.usage)
    if not answer.tool_calls and not answer.text.strip():
        return replace(first, usage=bill.usage, detail=f"{said}, empty answer")
    outcome: StepOutcome = "tools" if answer.tool_calls else "answered"
    counted = first.counted  # of the request as it will be known: without this aside
    if counted is not None:
        counted = replace(counted, completion_tokens=answer.usage.completion_tokens)
    return Asked(answer, bill.usage, first.model, outcome, said, counted)


def _followed_by(request: ModelRequest, *asides: Prompt) -> ModelRequest:
    """The request with more at its end that no later one will have."""
    stable = len(request.prompt) if request.stable is None else request.stable
    return replace(request, prompt=(*request.prompt, *asides), stable=stable)


async def _called(model: Model, request: ModelRequest, emit: Emit | None) -> ModelAnswer:
    """One call. Its first piece says that it begins: another call's may have been shown. Its
    pieces and its answer have an id in common that no other call's have.
    """
    if emit is None:
        return await model.complete(request)
    begins, message = True, new_message_id()

    def passed_on(piece: TextDelta) -> None:
        nonlocal begins
        emit(replace(piece, begins=begins, message=message))
        begins = False

    return replace(await model.stream(request, passed_on), message=message)


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
    for attempt in (request, _followed_by(request, UserPrompt(NUDGE))):
        try:
            answer = await _called(model, attempt, emit)
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
