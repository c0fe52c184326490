"""What goes wrong, when a test says so: each fault befalls the next call of a method."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from tests.simulators.faults import ConnectionCut, Held, Slow
from tests.simulators.telegram_server.http import Response, html_response, json_response
from tests.simulators.telegram_server.refusals import Refused, too_many


@dataclass(frozen=True, slots=True)
class Answered:
    """This answer instead of the call's own. `carried_out`: the call took effect all the same."""

    response: Response
    carried_out: bool = False


Fault = Answered | ConnectionCut | Held | Slow


def refusing(refused: Refused) -> Answered:
    return Answered(json_response(refused.status, refused.body, refused.headers))


def server_error() -> Answered:
    return refusing(Refused(500, "Internal Server Error: restart"))


def bad_gateway(*, carried_out: bool = False) -> Answered:
    """A page of HTML from the proxy, which knows nothing of JSON."""
    return Answered(html_response(502), carried_out)


def flood_wait(seconds: int) -> Answered:
    return refusing(too_many(seconds))


class Faults:
    """By method, and maybe chat; `*` is for the next call of any but getUpdates."""

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[str, str], deque[Fault]] = defaultdict(deque)

    def befall(self, method: str, *faults: Fault, chat: int | None = None) -> None:
        """The next calls of the method meet these, in order; only those for `chat` if it is told."""
        self._waiting[method.lower(), "" if chat is None else str(chat)].extend(faults)

    def next(self, method: str, chat: str = "") -> Fault | None:
        names = [method] if method == "getupdates" else [method, "*"]
        for place in [(name, where) for name in names for where in (chat, "")]:
            if self._waiting[place]:
                return self._waiting[place].popleft()
        return None
