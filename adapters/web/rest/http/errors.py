"""What goes wrong, as the API says it: `{"detail": …}` under the status that its clients know."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.bodies import TooLarge
from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.refusals import Invalid, NotOffered, TooSlow
from adapters.web.rest.seams.callers import Forbidden, Unauthorized
from agentcore.errors import (
    BadInput,
    BlockConflict,
    Conflict,
    NotFound,
    StoreError,
    TooLong,
    TooMany,
    stack_of,
)

_log = structlog.get_logger(__name__)


_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (Unauthorized, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (TooSlow, 408),
    (Conflict, 409),
    (BlockConflict, 409),
    (TooLarge, 413),
    (Invalid, 422),
    (TooLong, 422),
    (TooMany, 429),
    (BadInput, 400),
    (NotOffered, 501),
    (StoreError, 503),
)

MOST_PROBLEMS = 20
"""Of one request, that are told: a small one may have very many."""
_BROKEN_OFF = frozenset({408, 413})


def add_error_handlers(app: FastAPI) -> None:
    """Every error ends as a JSON body; none tells what somebody wrote to others."""
    for kind, _ in _STATUS:
        app.add_exception_handler(kind, _handled)
    app.add_exception_handler(RequestValidationError, _misformed)
    app.add_exception_handler(HTTPException, _as_told)
    app.add_exception_handler(Exception, _unexpected)


async def _handled(_request: Request, error: Exception) -> Response:
    return told(error)


def told(error: Exception) -> Response:
    """The answer that an error of ours ends as."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    response = answer({"detail": _detail(error, status)}, status)
    if isinstance(error, TooMany) and error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if isinstance(error, NotOffered):  # clients try again whatever is 500 or more
        response.headers["x-should-retry"] = "false"
    if status in _BROKEN_OFF:  # the rest of its body isn't worth waiting for
        response.headers["Connection"] = "close"
    return response


def _detail(error: Exception, status: int) -> str:
    if isinstance(error, TooLarge):
        return "The request is too large."
    if status == 401:  # as clients know it
        return "Unauthorized"
    return str(error)


async def _misformed(request: Request, error: Exception) -> Response:
    """Of the wrong form: what was sent isn't told again, since it may be somebody's words."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(each["loc"] == ("body",) for each in found) and not _says_json(request):
        return answer(
            {"detail": "Send JSON, with the header `Content-Type: application/json`."}, 422
        )
    problems = [
        {name: each[name] for name in ("type", "loc", "msg")} for each in found[:MOST_PROBLEMS]
    ]
    return answer({"trace_id": "", "detail": str(problems)}, 422)


def _says_json(request: Request) -> bool:
    kind, _, _ = request.headers.get("content-type", "").partition(";")
    return kind.strip().lower().endswith("json")


async def _as_told(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    response = answer({"detail": detail}, status)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


async def _unexpected(_request: Request, error: Exception) -> Response:
    _log.error("request failed", stack=stack_of(error))
    return answer({"detail": "Something went wrong inside; the log says where."}, 500)
