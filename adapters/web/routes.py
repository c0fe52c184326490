"""What the web page asks for, and what it is answered.

Errors are `{"detail": sentence}`: 400 not of the agreed form, 401 no cookie, 403 not let in,
413 too large, 415 not JSON, 429 too many tries, 503 not stored now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.base import Inbound, InboundPart, Receipt, Service
from adapters.bodies import TooLarge, read_body
from adapters.surroundings import Surroundings
from adapters.web.event_stream import EventStream
from adapters.web.events import VisitorEvents, cursor_of, message_data, update_id_of
from adapters.web.markdown import plain
from adapters.web.page import Page
from adapters.web.visitors import (
    COOKIE,
    COOKIE_SECONDS,
    NotLetIn,
    TooManyTries,
    Visitor,
    VisitorId,
    Visitors,
    language_of,
)

MAX_BODY = 256 * 1024
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_STATUS = {"accepted": 202, "duplicate": 200, "answered": 200, "refused": 409}

Handler = Callable[[Request], Awaitable[Response]]


class WebRoutes:
    """The routes over one service."""

    def __init__(
        self, service: Service, surroundings: Surroundings, visitors: Visitors, page: Page
    ) -> None:
        self._service = service
        self._around = surroundings
        self._visitors = visitors
        self._page = page

    def routes(self) -> Sequence[Route]:
        def get(path: str, handler: Handler) -> Route:
            return Route(path, _explained(handler), methods=["GET"])

        def post(path: str, handler: Handler) -> Route:
            return Route(path, _explained(handler), methods=["POST"])

        return [
            get("/", self._open),
            get("/static/{version}/{name}", self._file),
            get("/chat/events", self._events),
            get("/chat/history", self._history),
            get("/chat/export/{kind}", self._export),
            get("/chat/recovery-code", self._recovery_code),
            post("/chat/messages", self._accept),
            post("/chat/recover", self._recover),
            post("/chat/enter", self._enter),
            post("/chat/leave", self._leave),
        ]

    async def _open(self, request: Request) -> Response:
        """The page. A stranger becomes a visitor here, if strangers may."""
        known = self._visitors.known(request.cookies.get(COOKIE))
        if known is None and self._visitors.door == "invited":
            return self._page.enter(_language(request))
        visitor = known or self._visitors.stranger()
        answer = await self._page.chat(Visitor(visitor, _language(request)))
        return self._remembered(request, answer, visitor)

    async def _file(self, request: Request) -> Response:
        found = self._page.file(request.path_params["version"], request.path_params["name"])
        if found is None:
            raise HTTPException(404, "there is no such file: load the page again")
        return found

    async def _accept(self, request: Request) -> Response:
        visitor = self._visitor(request)
        body = await _body(request)
        text, client_id = body.get("text"), body.get("client_id")
        if not isinstance(text, str):
            raise HTTPException(400, "text must be a string")
        if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
            raise HTTPException(400, "client_id must be 8 to 64 letters, digits, - or _")
        receipt = await self._service.accept(
            Inbound(
                update_id=update_id_of(visitor, client_id),
                address=visitor.address,
                sender=visitor.sender,
                parts=(InboundPart(text),),
            )
        )
        return JSONResponse(_receipt(receipt), _STATUS[receipt.outcome])

    async def _events(self, request: Request) -> Response:
        visitor = self._visitor(request)
        seen = request.headers.get("last-event-id") or request.query_params.get("after", "")
        events = VisitorEvents(self._service, self._around, visitor, cursor_of(seen))
        return EventStream(events.send_all, request.app.state.closing)

    async def _history(self, request: Request) -> Response:
        visitor = self._visitor(request)
        named = request.query_params.get("before", "")
        before = cursor_of(named)
        if named and before is None:
            raise HTTPException(400, "before must be the id of a message")
        limit = _number(request, "limit", default=50, most=200)
        past = await self._around.past(
            visitor.address, visitor.sender, before=before, limit=max(1, limit)
        )
        data = {"messages": [message_data(each) for each in past.messages], "more": past.more}
        return JSONResponse(data)

    async def _export(self, request: Request) -> Response:
        """All that is kept of whoever shows this cookie: as data, or as an agent file."""
        visitor = self._visitor(request)
        files = await self._around.export(visitor.address, visitor.sender)
        for name, content in files.items():
            if name.endswith(f".{request.path_params['kind']}"):
                headers = {"Content-Disposition": f'attachment; filename="{name}"'}
                return Response(content, media_type="application/json", headers=headers)
        raise HTTPException(404, "nothing is kept of you, or it isn't kept in this form")

    async def _recovery_code(self, request: Request) -> Response:
        visitor = self._visitor(request)
        return JSONResponse({"code": self._visitors.recovery_code(visitor.visitor_id)})

    async def _recover(self, request: Request) -> Response:
        body = await _body(request)
        try:
            visitor = self._visitors.recovered(str(body.get("code", "")))
        except NotLetIn as error:
            return self._not_let_in(request, error)
        return self._remembered(request, Response(status_code=204), visitor)

    async def _enter(self, request: Request) -> Response:
        body = await _body(request)
        try:
            visitor = await self._visitors.invited(str(body.get("invite", "")))
        except NotLetIn as error:
            return self._not_let_in(request, error)
        return self._remembered(request, Response(status_code=204), visitor)

    async def _leave(self, request: Request) -> Response:
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE)
        return answer

    def _not_let_in(self, request: Request, error: NotLetIn) -> Response:
        sentence = self._around.texts("web.", _language(request))[str(error)]
        status = 429 if isinstance(error, TooManyTries) else 403
        return JSONResponse({"detail": sentence}, status)

    def _visitor(self, request: Request) -> Visitor:
        known = self._visitors.known(request.cookies.get(COOKIE))
        if known is None:
            raise HTTPException(401, "no valid cookie: load the page again")
        return Visitor(known, _language(request))

    def _remembered(self, request: Request, answer: Response, visitor: VisitorId) -> Response:
        answer.set_cookie(
            COOKIE,
            self._visitors.cookie(visitor),
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="lax",  # strict would make a stranger of whoever follows a link to the page
            secure=request.url.scheme == "https",
        )
        return answer


def _explained(handler: Handler) -> Handler:
    """The handler, with its errors as the page expects them; nothing personal is ever cached."""

    async def answered(request: Request) -> Response:
        try:
            answer = await handler(request)
        except HTTPException as error:
            answer = JSONResponse({"detail": error.detail}, error.status_code)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return answered


async def _body(request: Request) -> Mapping[str, Any]:
    """The request's JSON object. Only JSON: a form of another site could send anything else."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "send application/json")
    try:
        body = json.loads(await read_body(request.stream(), MAX_BODY))
    except TooLarge as error:
        raise HTTPException(413, f"too large: at most {MAX_BODY} bytes") from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "that is no JSON") from error
    if not isinstance(body, dict):
        raise HTTPException(400, "send a JSON object")
    return body


def _receipt(receipt: Receipt) -> Mapping[str, Any]:
    told = {"outcome": receipt.outcome, "position": receipt.position, "text": receipt.text}
    return {**told, "html": plain(receipt.text)} if receipt.outcome == "answered" else told


def _language(request: Request) -> str | None:
    return language_of(request.headers.get("accept-language", ""))


def _number(request: Request, name: str, *, default: int, most: int) -> int:
    given = request.query_params.get(name, str(default))
    if not re.fullmatch(r"\d{1,16}", given):
        raise HTTPException(400, f"{name} must be a whole number")
    return min(int(given), most)
