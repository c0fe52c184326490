"""The simulator's judgement: what it calls lost, doubled, out of order and resent."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import anyio
import httpx
import pytest

from adapters.conformance import running
from adapters.testing import (
    Failure,
    FakeService,
    HttpPushAdapter,
    PlatformError,
    SendAttempt,
    fake_context,
    fake_push_adapter,
)
from adapters.testing.push import URL_SETTING
from tests.house import PATIENCE
from tests.simulators.loopback import serving, unused_port
from tests.simulators.push_platform import Simulator, create_app

ROOT = Path(__file__).parents[2]


def reply(text: str, nonce: str, *, part: int = 1, parts: int = 1) -> SendAttempt:
    return SendAttempt("ada", text, nonce, part, parts)


@pytest.fixture
def simulator() -> Simulator:
    simulator = Simulator()
    simulator.play({"ada": ["one #a-1", "two #a-2", "three #a-3"]}, lead=2)
    return simulator


async def test_a_user_writes_on_when_an_answer_has_come(simulator: Simulator) -> None:
    assert [each.text for each in simulator.platform.unacknowledged] == ["one #a-1", "two #a-2"]

    await simulator.send(reply("You said: one #a-1", "n1"))

    assert [each.text for each in simulator.platform.unacknowledged][2:] == ["three #a-3"]


async def test_it_is_finished_when_every_line_is_answered_once(simulator: Simulator) -> None:
    await simulator.send(reply("#a-1 and #a-2", "n1"))
    assert simulator.report()["finished"] is False
    assert simulator.report()["unanswered"] == ["#a-3"]

    await simulator.send(reply("#a-3", "n2"))

    report = simulator.report()
    assert report["finished"] is True
    assert (report["doubled"], report["disordered"], report["resent"]) == ([], [], 0)


async def test_the_same_chunk_again_is_a_resend_and_no_second_answer(simulator: Simulator) -> None:
    simulator.platform.fail("ada", Failure("cut_after_delivery"))
    with pytest.raises(PlatformError):
        await simulator.send(reply("#a-1", "n1"))
    await simulator.send(reply("#a-1", "n1"))

    report = simulator.report()
    assert (report["resent"], report["doubled"], report["disordered"]) == (1, [], [])


async def test_an_answer_under_another_nonce_is_a_second_turn(simulator: Simulator) -> None:
    await simulator.send(reply("#a-1", "n1"))
    await simulator.send(reply("#a-1", "n2"))

    assert simulator.report()["doubled"] == ["#a-1"]


async def test_answers_and_chunks_out_of_order_are_found(simulator: Simulator) -> None:
    await simulator.send(reply("#a-2", "n1"))
    await simulator.send(reply("#a-1", "n2", part=2, parts=2))
    await simulator.send(reply("#a-2", "n1"))

    assert simulator.report()["disordered"] == [
        "ada: answered as #a-2 #a-1",
        "ada: n2 is part 2, 1 was due",
        "ada: n1 was sent again after later chunks",
    ]


async def test_a_chunk_that_was_refused_for_good_leaves_a_gap_and_no_disorder(
    simulator: Simulator,
) -> None:
    simulator.platform.fail("ada", Failure("rejected"))
    with pytest.raises(PlatformError):
        await simulator.send(reply("#a-1", "n1", part=1, parts=2))
    await simulator.send(reply("#a-2", "n2", part=2, parts=2))

    assert simulator.platform.disorder("ada") == []


async def test_updates_come_again_until_they_are_acknowledged(simulator: Simulator) -> None:
    async with (
        serving(create_app(simulator)) as url,
        httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http,
    ):
        for offset, ids in [(0, [1, 2]), (0, [1, 2]), (2, [2]), (3, [])]:
            answer = await http.post("/updates", json={"offset": offset, "wait": 0})
            assert [each["update_id"] for each in answer.json()["updates"]] == ids
        report = (await http.get("/report")).json()

    assert (report["redelivered"], report["unacknowledged"]) == (3, 0)


async def test_its_adapter_is_made_from_a_setting(simulator: Simulator) -> None:
    service = FakeService()
    with pytest.raises(ValueError, match=URL_SETTING):
        fake_push_adapter(fake_context(service))

    async with serving(create_app(simulator)) as url:
        adapter = fake_push_adapter(fake_context(service, settings={URL_SETTING: url}))
        async with running(adapter):
            await service.until(lambda: len(service.accepted) == 2)


async def test_a_platform_that_is_away_is_waited_for(simulator: Simulator) -> None:
    service, port = FakeService(), unused_port()
    adapter = HttpPushAdapter(service, f"http://127.0.0.1:{port}", wait=0.1)
    asked = anyio.Event()

    async with anyio.create_task_group() as group:
        group.start_soon(adapter.run, asked.set)
        async with serving(create_app(simulator), port):
            await service.until(lambda: len(service.accepted) == 2)
            await adapter.show_typing(service.accepted[0].address)
            group.cancel_scope.cancel()

    assert asked.is_set()
    assert simulator.platform.typing == ["ada"]


def test_it_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.simulators.push_platform"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening on ").strip()
        with httpx.Client(base_url=url, timeout=PATIENCE) as http:
            http.post("/script", json={"chats": {"ada": ["hello #1"]}}).raise_for_status()
            http.post("/fail", json={"chat": "ada", "kinds": ["blocked"]}).raise_for_status()
            report = http.get("/report").json()
        process.send_signal(signal.SIGTERM)

    assert report["written"] == 1
    assert report["finished"] is False
