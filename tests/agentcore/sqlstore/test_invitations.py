"""Invitations: one person each, once, for a week; over the page, or with a chat's first command."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from agentcore.clock import DAY, SECOND
from agentcore.records import Acceptance, Accepted, Admission, Refused
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import Chunks, World

PAIRING = Admission(new_user_access="pending", pairing=True)


async def started(world: World, token: str, *, who: str = "ada", **changes: Any) -> Acceptance:
    submission = world.submission(token, who=who, command="start", **changes)
    return await world.send(submission, admission=PAIRING, command=lambda _scope: [])


async def access(world: World) -> list[str]:
    return sorted(row["access"] for row in await world.table(t.user))


async def test_a_link_s_token_lets_a_stranger_in_and_nobody_after_them(world: World) -> None:
    token = await world.store.invite()
    assert re.fullmatch("[A-Za-z0-9_-]{20,64}", token)
    assert isinstance(await started(world, token), Accepted)
    assert isinstance(await world.send(world.submission("Hi"), admission=PAIRING), Accepted)
    refused = await started(world, token, who="bob")
    assert isinstance(refused, Refused)
    assert refused.reason == "pairing"
    assert await world.store.use_invitation(token) == "used"
    assert not any(token in str(row) for row in await world.table(t.ticket))


async def test_who_waits_to_be_let_in_is(world: World) -> None:
    token = await world.store.invite()
    await world.send(world.submission("Hi"), admission=PAIRING)
    assert await access(world) == ["pending"]
    assert isinstance(await started(world, token), Accepted)
    assert await access(world) == ["admitted"]
    assert await world.store.people(waiting=True) == ()


async def test_whom_the_operator_keeps_out_no_invitation_lets_in(world: World) -> None:
    outcome = await world.say("Hi")
    await world.store.set_access(
        outcome.user_id, "blocked", by="test", composer=Chunks(silent=True)
    )
    token = await world.store.invite()
    assert isinstance(await started(world, token), Refused)
    assert await world.store.use_invitation(token) == "fresh"


@pytest.mark.parametrize("token", ["", "x", "%", "ü" * 99])
async def test_other_words_let_nobody_in(world: World, token: str) -> None:
    await world.store.invite()
    assert isinstance(await started(world, token), Refused)
    assert await world.store.use_invitation(token) == "unknown"


async def test_a_token_runs_out_and_opens_no_group(world: World) -> None:
    token = await world.store.invite()
    assert isinstance(await started(world, token, audience="chat"), Refused)
    world.later(7 * DAY / SECOND)
    assert isinstance(await started(world, token, who="bob"), Refused)
    assert await world.store.use_invitation(token) == "unknown"


async def test_whoever_is_in_already_leaves_it_for_another(world: World) -> None:
    token = await world.store.invite()
    await world.say("Hi")
    assert isinstance(await started(world, token), Accepted)
    assert await world.store.use_invitation(token) == "fresh"


async def test_of_two_at_once_one_comes_in(world: World) -> None:
    token = await world.store.invite()
    people = ("ada", "bob", "eve")
    outcomes = await asyncio.gather(
        *(started(world, token, who=who) for who in people), world.store.use_invitation(token)
    )
    let_in = [each for each in outcomes if each == "fresh" or isinstance(each, Accepted)]
    assert len(let_in) == 1
