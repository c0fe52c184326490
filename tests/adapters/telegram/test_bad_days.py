"""Everything goes wrong at once, and nothing is lost, doubled, out of order or acknowledged early."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import pytest

from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.simulators.faults import ConnectionCut
from tests.simulators.telegram_server.faults import bad_gateway, refusing
from tests.simulators.telegram_server.people import Attachment, Person
from tests.simulators.telegram_server.refusals import JSON, TWO_POLLERS, conflict
from tests.simulators.telegram_server.server import TelegramServer


class Witness(list[JSON]):
    """Sees every poll before it acknowledges anything; `early`: what wasn't stored by then."""

    def __init__(self, bot: BotAtWork) -> None:
        super().__init__()
        self._bot = bot
        self.first_of: dict[int, int] = {}
        """Of the parts of albums, which go in under the first one's number."""
        self.early: list[int] = []

    def append(self, poll: JSON) -> None:
        stored = {int(each.update_id) for each in self._bot.service.accepted}
        waiting = [each.update["update_id"] for each in self._bot.server.world.updates.pending]
        self.early += [
            each
            for each in waiting
            if each < poll["offset"] and self.first_of.get(each, each) not in stored
        ]
        super().append(poll)


class Day:
    """What three people write, a part of it each time, and what they should have been heard to."""

    def __init__(self, server: TelegramServer, chance: random.Random, witness: Witness) -> None:
        self.said: dict[Person, list[str]] = {server.person(name): [] for name in "ABC"}
        self._server = server
        self._chance = chance
        self._witness = witness

    def goes_on(self, lines: int) -> None:
        for _ in range(lines):
            person = self._chance.choice(list(self.said))
            text = f"{person.name} {len(self.said[person])}"
            self.said[person].append(text)
            before = len(self._server.world.updates.pending)
            if self._chance.random() < 0.2:
                person.sends_album(*[Attachment("photo")] * 3, caption=text)
            else:
                person.writes(text)
            new = [e.update["update_id"] for e in self._server.world.updates.pending[before:]]
            self._witness.first_of |= dict.fromkeys(new, new[0])

    @property
    def count(self) -> int:
        return sum(map(len, self.said.values()))


def has_heard(bot: BotAtWork, lines: int) -> bool:
    return len(bot.service.accepted) >= lines


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_goes_wrong_every_line_is_taken_in_once_and_in_order(
    server: TelegramServer, bot: BotAtWork, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 (chance, no secret)
    bot.pace = replace(bot.pace, album=0.02)
    witness = server.world.updates.polls = Witness(bot)
    day = Day(server, chance, witness)
    troubles = (ConnectionCut(), ConnectionCut(carried_out=True), bad_gateway())
    for _ in range(4):
        day.goes_on(12)
        trouble = chance.choices((*troubles, refusing(conflict(TWO_POLLERS))), k=4)
        server.faults.befall("getUpdates", *trouble)
        bot.service.fail_accepts(*[OSError("disk full")] * chance.randint(0, 5))
        bot.service.lose_answers(*[OSError("gone")] * chance.randint(0, 5))
        enough = len(bot.service.accepted) + chance.randint(1, 12)
        async with bot.running():
            await bot.service.until(partial(has_heard, bot, enough))
        server.world.updates.again(730_000_001)

    async with bot.running():
        await server.until_confirmed()
        await bot.accepted(day.count)

    assert witness.early == []
    for person, lines in day.said.items():
        assert bot.service.texts(bot.address(person.id)) == lines
