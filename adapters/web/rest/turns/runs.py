"""The routes of runs and steps: turns, and the model calls that they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.ids import RunIdHere, StepIdHere, pattern
from adapters.web.rest.http.paging import Page, PageHere
from adapters.web.rest.http.unbuilt import without
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import Caller, CallerHere
from adapters.web.rest.turns.histories import paged_views
from adapters.web.rest.turns.message_lists import micros, page_query
from adapters.web.rest.turns.message_views import PLAIN
from adapters.web.rest.turns.run_views import (
    STATUS,
    run_usage_view,
    run_view,
    step_metrics_view,
    step_view,
)
from adapters.web.rest.turns.sse import Wanted
from adapters.web.rest.turns.turning import streamed
from agentcore.errors import NotFound
from agentcore.records import (
    RunQuery,
    RunState,
    RunView,
    StepId,
    StepRecord,
    StopReason,
    ThreadId,
    TurnId,
)
from agentcore.store.pages import StepPlace, StepQuery

Status = Literal["created", "running", "completed", "failed", "cancelled", "pending", "expired"]
AgentPattern = Annotated[str, Field(pattern=pattern("agent"))]
AgentAsked = Annotated[AgentPattern | None, Query()]
Moment = AwareDatetime | NaiveDatetime
_STATES: dict[str, RunState] = {status: state for state, status in STATUS.items()}
_UNBUILT = ("feedback", "has_feedback", "tags", "trace_ids", "project_id")
_ACTIVE: frozenset[RunState] = frozenset({"created", "running"})


class RunsAsked(BaseModel):
    """Which runs to list."""

    model_config = ConfigDict(frozen=True)

    agent_id: AgentPattern | None = None
    agent_ids: Annotated[list[AgentPattern], Field(max_length=1)] | None = None
    statuses: Annotated[list[Status], Field(max_length=10)] | None = None
    active: bool = False
    background: bool | None = None
    stop_reason: StopReason | None = None
    conversation_id: Annotated[str, Field(pattern=pattern("conv"))] | None = None


class ResumeBody(BaseModel):
    """From where on to go on with a stream. How often to look is our own affair."""

    model_config = ConfigDict(frozen=True)

    starting_after: Annotated[int, Field(ge=0)] = 0
    include_pings: bool | None = True
    poll_interval: Annotated[float, Field(gt=0, le=3_600)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=10_000)] | None = None


async def _run(backend: Backend, caller: Caller, run_id: str) -> RunView:
    run = await backend.store.requests.run(TurnId(run_id))
    if caller.agent is not None and run.agent_id != caller.agent:
        raise NotFound(f"There is no run {run_id}.")
    return run


async def _step(backend: Backend, caller: Caller, step_id: str) -> StepPlace:
    place = await backend.store.places.step(StepId(step_id))
    if caller.agent is not None and place.agent_id != caller.agent:
        raise NotFound(f"There is no step {step_id}.")
    return place


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["runs"])
    _add_runs(routes, backend)
    _add_parts_of_runs(routes, backend)
    _add_steps(routes, backend)
    return routes


def _add_runs(routes: APIRouter, backend: Backend) -> None:
    @routes.get("/runs")
    async def list_runs(
        caller: CallerHere, page: PageHere, asked: Annotated[RunsAsked, Query()]
    ) -> Response:
        states = frozenset(_STATES[each] for each in asked.statuses or () if each in _STATES)
        if asked.statuses and not states:  # those that no run is ever in
            return answer([])
        named = asked.agent_id or next(iter(asked.agent_ids or ()), None)
        thread = asked.conversation_id
        query = RunQuery(
            agent_id=caller.narrowed_to(named),
            states=_ACTIVE if asked.active else states,
            background=asked.background,
            stop_reason=asked.stop_reason,
            thread=None if thread is None else ThreadId(thread),
            limit=page.limit,
            before=None if page.older_than is None else TurnId(page.older_than),
            after=None if page.newer_than is None else TurnId(page.newer_than),
            ascending=page.ascending,
        )
        return answer([run_view(run) for run in await backend.store.requests.runs(query)])

    @routes.get("/runs/active", include_in_schema=False)
    async def list_active(
        caller: CallerHere, page: PageHere, asked: Annotated[RunsAsked, Query()]
    ) -> Response:
        """As the older clients ask for those that wait or run."""
        return await list_runs(caller, page, asked.model_copy(update={"active": True}))

    @routes.get("/runs/{run_id}")
    async def retrieve(run_id: RunIdHere, caller: CallerHere) -> Response:
        return answer(run_view(await _run(backend, caller, run_id)))

    @routes.post("/runs/{run_id}/stream")
    async def stream(
        run_id: RunIdHere, caller: CallerHere, request: Request, body: ResumeBody | None = None
    ) -> Response:
        run = await _run(backend, caller, run_id)
        await backend.door(caller, run.agent_id).pages.these(())  # a person sees who reads along
        body = body or ResumeBody()
        wanted = Wanted(PLAIN, pings=body.include_pings is not False, after=body.starting_after)
        return streamed(backend, request, run.turn_id, wanted)


def _add_parts_of_runs(routes: APIRouter, backend: Backend) -> None:
    @routes.get("/runs/{run_id}/messages")
    async def messages(run_id: RunIdHere, caller: CallerHere, page: PageHere) -> Response:
        run = await _run(backend, caller, run_id)
        if run.claimed_at is None:
            return answer([])
        query = page_query(page, turn=run_id)
        found = await backend.door(caller, run.agent_id).pages.messages(query)
        return answer([view for each in found for view in paged_views(each, PLAIN)])

    @routes.get("/runs/{run_id}/usage")
    async def usage(run_id: RunIdHere, caller: CallerHere) -> Response:
        return answer(run_usage_view(await _run(backend, caller, run_id)))

    @routes.get("/runs/{run_id}/steps")
    async def steps(run_id: RunIdHere, caller: CallerHere, page: PageHere) -> Response:
        run = await _run(backend, caller, run_id)
        places = [StepPlace(step, run.agent_id, run.turn_id) for step in _cut(run, page)]
        return answer([step_view(place) for place in places])


def _cut(run: RunView, page: Page) -> Sequence[StepRecord]:
    """A page of a run's steps.

    Raises:
        NotFound: there is no such step in it.
    """
    ids: list[str] = [step.step_id for step in run.steps]
    for cursor in (page.before, page.after):
        if cursor is not None and cursor not in ids:
            raise NotFound(f"There is no step {cursor} in the run {run.turn_id}.")
    first = 0 if page.newer_than is None else ids.index(page.newer_than) + 1
    end = len(ids) if page.older_than is None else ids.index(page.older_than)
    steps = run.steps[first:end]
    return steps[: page.limit] if page.ascending else steps[::-1][: page.limit]


def _add_steps(routes: APIRouter, backend: Backend) -> None:
    @routes.get("/steps", dependencies=[without(*_UNBUILT)])
    async def list_steps(
        caller: CallerHere,
        page: PageHere,
        agent_id: AgentAsked = None,
        model: Annotated[str | None, Query(max_length=200)] = None,
        start_date: Annotated[Moment | None, Query()] = None,
        end_date: Annotated[Moment | None, Query()] = None,
    ) -> Response:
        query = StepQuery(
            limit=page.limit,
            agent_id=caller.narrowed_to(agent_id),
            model=model,
            since=micros(start_date),
            until=micros(end_date),
            before=None if page.older_than is None else StepId(page.older_than),
            after=None if page.newer_than is None else StepId(page.newer_than),
            ascending=page.ascending,
        )
        found = await backend.store.places.steps(query)
        return answer([step_view(each) for each in found])

    @routes.get("/steps/{step_id}")
    async def retrieve(step_id: StepIdHere, caller: CallerHere) -> Response:
        return answer(step_view(await _step(backend, caller, step_id)))

    @routes.get("/steps/{step_id}/metrics")
    async def metrics(step_id: StepIdHere, caller: CallerHere) -> Response:
        return answer(step_metrics_view(await _step(backend, caller, step_id)))

    @routes.get("/steps/{step_id}/messages")
    async def messages(step_id: StepIdHere, caller: CallerHere, page: PageHere) -> Response:
        place = await _step(backend, caller, step_id)
        query = page_query(page, step=step_id)
        found = await backend.door(caller, place.agent_id).pages.messages(query)
        return answer([view for each in found for view in paged_views(each, PLAIN)])
