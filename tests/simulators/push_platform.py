"""A push platform of its own in another process: HTTP before `adapters.testing.PushPlatform`.

It outlives a service that is killed, keeps everything that was written and sent, plays the
users' scripts and judges the outcome. Run it:

    python -m tests.simulators.push_platform --port 0

It prints `listening on http://127.0.0.1:PORT` and ends with SIGTERM. The service's side:

    POST /updates {offset, wait}          → {updates: […]}; acknowledges everything below offset
    POST /send {chat, text, nonce, part, parts, uncertain} → {message_id}, or an error
    POST /tell {chat, handle, text}       to whoever pressed a button
    POST /typing {chat}

The test's side:

    POST /write {chat, text}              a line now
    POST /script {chats: {chat: [line, …]}, lead: n}
        each user writes line after line, at most `lead` of them unanswered (default 1)
    POST /fail {chat, kinds: [kind, …]}   see `Failure`
    GET  /report                          see `report`

Every line of a script must hold a word of its own like `#u07-003`, and the reply quote it once:
that is how an answer is known from another. A marker in two messages of different nonces is a
second turn; in two of the same nonce a resend.
"""

from __future__ import annotations

import argparse
import re
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.testing import NO_ANSWER, Failure, PlatformError, PushPlatform, SendAttempt

Endpoint = Callable[[Request], Awaitable[JSONResponse]]
_ATTEMPT = TypeAdapter(SendAttempt)
MARKER = re.compile(r"#[\w-]+")


@dataclass
class Script:
    """What one user has yet to write, and what they wait for an answer to."""

    lines: list[str]
    written: list[str] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)


class Simulator:
    def __init__(self) -> None:
        self.platform = PushPlatform()
        self.scripts: dict[str, Script] = {}
        self.lead = 1

    # Users

    def play(self, chats: dict[str, list[str]], lead: int) -> None:
        self.lead = lead
        for chat, lines in chats.items():
            self.scripts[chat] = Script(list(lines))
            self.go_on(chat)

    def go_on(self, chat: str) -> None:
        """The user of this chat writes as many lines as they dare."""
        script = self.scripts.get(chat)
        while script and script.lines and len(script.waiting) < self.lead:
            line = script.lines.pop(0)
            marker = MARKER.findall(line)[0]
            script.written.append(marker)
            script.waiting.add(marker)
            self.platform.write(chat, line)

    async def send(self, attempt: SendAttempt) -> int:
        try:
            return await self.platform.send_message(attempt)
        finally:
            if script := self.scripts.get(attempt.chat):
                for delivered in self.platform.seen(attempt.chat)[-1:]:
                    script.waiting -= set(MARKER.findall(delivered.text))
                self.go_on(attempt.chat)

    # Judgement

    def report(self) -> dict[str, Any]:
        """Counts over all scripts. `finished`: nothing is to be written or answered any more."""
        lost, doubled, disordered = list[str](), list[str](), list[str]()
        for chat, script in self.scripts.items():
            answers = self._answers(chat)
            counts = Counter(answers)
            lost += [marker for marker in script.written if marker not in counts]
            doubled += [marker for marker, count in counts.items() if count > 1]
            order = [marker for marker in dict.fromkeys(answers) if marker in script.written]
            if order != [marker for marker in script.written if marker in counts]:
                disordered.append(f"{chat}: answered as {' '.join(order)}")
            disordered += [f"{chat}: {each}" for each in self.platform.disorder(chat)]
        unwritten = sum(len(script.lines) for script in self.scripts.values())
        handed = self.platform.handed_out.values()
        return {
            "written": sum(len(script.written) for script in self.scripts.values()),
            "unwritten": unwritten,
            "unanswered": lost,
            "doubled": doubled,
            "disordered": disordered,
            "resent": self.platform.resent,
            "sends": len(self.platform.attempts),
            "uncertain": sum(each.uncertain for each in self.platform.attempts),
            "redelivered": sum(count - 1 for count in handed),
            "unacknowledged": len(self.platform.unacknowledged),
            "typing": len(self.platform.typing),
            "finished": not unwritten and not lost,
        }

    def _answers(self, chat: str) -> list[str]:
        """Markers in the order of their answers; a resent message counts once."""
        seen: set[str] = set()
        markers: list[str] = []
        for delivered in self.platform.seen(chat):
            if delivered.attempt.nonce not in seen:
                seen.add(delivered.attempt.nonce)
                markers += dict.fromkeys(MARKER.findall(delivered.text))
        return markers


def create_app(simulator: Simulator) -> Starlette:
    posts = [*_of_the_service(simulator), *_of_the_test(simulator)]
    routes = [Route(f"/{each.__name__}", each, methods=["POST"]) for each in posts]

    async def report(_: Request) -> JSONResponse:
        return JSONResponse(simulator.report())

    return Starlette(routes=[*routes, Route("/report", report)])


def _of_the_service(simulator: Simulator) -> Sequence[Endpoint]:
    """Named after their paths, as are those of the test."""
    platform = simulator.platform

    async def updates(request: Request) -> JSONResponse:
        body = await request.json()
        batch = await platform.get_updates(body["offset"], wait=min(body["wait"], 30))
        rows = [{name: getattr(each, name) for name in each.__slots__} for each in batch]
        return JSONResponse({"updates": rows})

    async def send(request: Request) -> JSONResponse:
        try:
            message_id = await simulator.send(_ATTEMPT.validate_python(await request.json()))
        except PlatformError as error:
            return _error(error)
        return JSONResponse({"message_id": message_id})

    async def tell(request: Request) -> JSONResponse:
        try:
            await platform.tell(**await request.json())
        except PlatformError as error:
            return _error(error)
        return JSONResponse({})

    async def typing(request: Request) -> JSONResponse:
        await platform.show_typing((await request.json())["chat"])
        return JSONResponse({})

    async def preview(request: Request) -> JSONResponse:
        await platform.show_preview(**await request.json())
        return JSONResponse({})

    return updates, send, tell, typing, preview


def _of_the_test(simulator: Simulator) -> Sequence[Endpoint]:
    platform = simulator.platform

    async def write(request: Request) -> JSONResponse:
        body = await request.json()
        return JSONResponse({"update_id": platform.write(body["chat"], body["text"]).update_id})

    async def script(request: Request) -> JSONResponse:
        body = await request.json()
        simulator.play(body["chats"], body.get("lead", 1))
        return JSONResponse({})

    async def fail(request: Request) -> JSONResponse:
        body = await request.json()
        platform.fail(body["chat"], *(Failure(kind) for kind in body["kinds"]))
        return JSONResponse({})

    return write, script, fail


def _error(error: PlatformError) -> JSONResponse:
    body = {"description": error.description, "retry_after": error.retry_after}
    return JSONResponse(body, status_code=error.status or NO_ANSWER)


def main() -> None:
    parser = argparse.ArgumentParser(description="A push platform that outlives the service.")
    parser.add_argument("--port", type=int, default=0)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", parser.parse_args().port))
    sock.listen()  # before the line: whoever reads it may call at once
    print(f"listening on http://127.0.0.1:{sock.getsockname()[1]}", flush=True)  # noqa: T201
    config = uvicorn.Config(
        create_app(Simulator()),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=75,  # longer than any client leaves its connections
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[sock])


if __name__ == "__main__":
    main()
