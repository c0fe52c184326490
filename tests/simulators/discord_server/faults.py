"""What goes wrong, when a test says so: each fault befalls the next call of a route."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from tests.simulators.discord_server.answers import Answer, html_answer, refusal
from tests.simulators.discord_server.limits import BANNED, too_many
from tests.simulators.discord_server.refusals import Refused
from tests.simulators.faults import ConnectionCut, Held, Slow


@dataclass(frozen=True, slots=True)
class Answered:
    """This answer instead of the call's own. `carried_out`: the call took effect all the same."""

    answer: Answer
    carried_out: bool = False


Fault = Answered | ConnectionCut | Held | Slow


def refusing(refused: Refused) -> Answered:
    return Answered(refusal(refused))


def server_error(status: int = 500, *, carried_out: bool = False) -> Answered:
    """500, or another that tells of the server: a page of HTML from the proxy but for 500."""
    if status == 500:
        return Answered(refusal(Refused(500, 0, "500: Internal Server Error")), carried_out)
    return Answered(html_answer(status), carried_out)


def rate_limited(
    seconds: float, scope: str = "user", *, via: bool = True, code: int = 0
) -> Answered:
    """A 429 of scope user, shared or global; without `via` it looks like a ban to the library."""
    return Answered(too_many(seconds, scope, via=via, code=code))


def banned() -> Answered:
    """The page that a banned address gets, which has neither JSON nor Via."""
    return Answered(Answer(429, BANNED.encode(), {"Content-Type": "text/html"}))


class Faults:
    """By route, as in `POST /channels/{}/messages`; `*` is for the next call of any. With `of`, for
    those with this id as their first alone.
    """

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[str, str], deque[Fault]] = defaultdict(deque)

    def befall(self, route: str, *faults: Fault, of: int | None = None) -> None:
        """The next calls of the route meet these, in order."""
        self._waiting[route, "" if of is None else str(of)].extend(faults)

    def next(self, route: str, ids: tuple[str, ...] = ()) -> Fault | None:
        for place in ((route, ids[0] if ids else ""), (route, ""), ("*", "")):
            if self._waiting[place]:
                return self._waiting[place].popleft()
        return None
