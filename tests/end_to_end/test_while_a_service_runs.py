"""One service runs on the database: what others may and may not do beside it."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.home import Home, Serving


@dataclass(frozen=True)
class Busy:
    """A home whose service runs, after a first message."""

    home: Home
    service: Serving


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    home = Home(tmp_path_factory.mktemp("busy"))
    with home.serving() as service:
        assert home.chat("My name is Ada.").code == 0
        yield Busy(home, service)


@pytest.mark.parametrize("command", [["serve"], ["db", "upgrade"]], ids=" ".join)
def test_a_second_one_is_refused_with_pid_and_address(busy: Busy, command: list[str]) -> None:
    refused = busy.home.run(*command)

    assert refused.code == 1
    assert refused.out == ""
    assert f"pid {busy.service.pid}" in refused.err
    assert busy.service.url in refused.err
    assert str(busy.home.database) in refused.err
    assert refused.err.count("\n") == 1


def test_a_taken_port_is_refused_and_another_one_named(busy: Busy, home: Home) -> None:
    port = busy.service.url.rpartition(":")[2]

    refused = home.run("serve", PORT=port)

    assert refused.code == 1
    assert f"port {port} on 127.0.0.1 is taken" in refused.err
    assert f"PORT={int(port) + 1}" in refused.err
    assert not home.database.exists()


def test_what_an_operator_reads_of_a_person_is_on_record(busy: Busy) -> None:
    listed = busy.home.run("agents", "list", "--json")
    ada = json.loads(listed.out)[-1]["id"]
    before = audited_reads(busy.home)
    shown = busy.home.run("agents", "show", ada)

    assert (listed.code, shown.code) == (0, 0)
    assert "Name: Ada" in shown.out
    assert "end_turn" in shown.out
    assert audited_reads(busy.home) > before


def audited_reads(home: Home) -> int:
    """How many times an operator has read a person's content, by the database's own record."""
    with closing(sqlite3.connect(home.database)) as database:
        query = "SELECT count(*) FROM audit WHERE actor_kind = 'operator'"
        count: int = database.execute(query).fetchone()[0]
    return count


def test_an_agent_that_is_not_there_is_refused_by_the_service_too(busy: Busy) -> None:
    refused = busy.home.run("agents", "show", "agent-00000000-0000-0000-0000-000000000000")

    assert refused.code == 1
    assert "familiar agents list" in refused.err


def test_the_service_says_that_it_is_alive_and_ready(busy: Busy) -> None:
    alive = httpx.get(f"{busy.service.url}/healthz", trust_env=False)
    ready = httpx.get(f"{busy.service.url}/readyz", trust_env=False)

    assert (alive.status_code, alive.json()["status"]) == (200, "ok")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"terminal:local": "ok", "database": "ok"}


def test_the_service_tells_its_figures(busy: Busy) -> None:
    told = httpx.get(f"{busy.service.url}/metrics", trust_env=False)
    elsewhere = httpx.get(
        f"{busy.service.url}/metrics", headers={"Host": "evil.example"}, trust_env=False
    )

    assert told.status_code == 200
    assert (
        'familiar_turns_total{kind="message",outcome="end_turn",platform="terminal"}' in told.text
    )
    assert 'familiar_model_calls_total{model="offline",outcome="answered"}' in told.text
    assert 'familiar_adapter_up{adapter="terminal:local"} 1.0' in told.text
    assert "familiar_pending_messages 0.0" in told.text
    assert elsewhere.status_code == 403


def test_the_operator_sees_what_it_does_and_spends(busy: Busy) -> None:
    shown = busy.home.run("stats")
    found = json.loads(busy.home.run("stats", "--json").out)

    assert (shown.code, shown.err) == (0, "")
    assert "offline" in shown.out
    assert found["counts"]["users"] >= 1
    assert found["counts"]["pending"] == 0
    assert found["database_bytes"] > 0
    assert found["today"]["turns"]["end_turn"] >= 1
    assert found["week"]["turns"]["end_turn"] >= found["today"]["turns"]["end_turn"]
    (use,) = found["week"]["models"]
    assert (use["model"], use["cost_usd"], use["unpriced_steps"]) == ("offline", 0, 0)


def test_nobody_else_can_read_what_is_kept(busy: Busy) -> None:
    modes = {path.name: mode_of(path) for path in busy.home.data.iterdir()}

    assert mode_of(busy.home.data) == 0o700
    assert {"familiar.db", "familiar.db.lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_doctor_finds_the_service_well(busy: Busy) -> None:
    report = busy.home.run("doctor", "--json")

    findings = {each["subject"]: each for each in json.loads(report.out)}
    assert report.code == 0
    assert all(each["ok"] for each in findings.values())
    assert busy.service.url in findings["service"]["text"]
    assert str(busy.service.pid) in findings["service"]["text"]


def test_a_check_of_the_database_disturbs_nobody(busy: Busy) -> None:
    checked = busy.home.run("db", "check", "--json")

    assert checked.code == 0
    assert json.loads(checked.out) == {"database": str(busy.home.database), "schema": "current"}


def test_over_long_messages_are_refused_and_the_next_one_answered(busy: Busy) -> None:
    lines = ["x" * 64_001, "x" * 900_000, "x" * 1_000_001, "My name is Zoë."]

    said = busy.home.chat(*lines, user="long")

    assert said.code == 1
    assert "64001 bytes, and I take 64000" in said.err
    assert "900000 bytes, and I take 64000" in said.err
    assert "Line 3 was not sent: it is longer than 1000000 bytes." in said.err
    assert "Nice to meet you, Zoë." in said.out


def test_any_bytes_at_all_are_answered_or_passed_over(busy: Busy) -> None:
    every_byte = bytes(range(256)).replace(b"\n", b"")
    lone_surrogates = b"\xed\xa0\x80 \xed\xbf\xbf"
    hostile = (
        every_byte,
        b"",
        b"   ",
        b"\x00\x00",
        lone_surrogates,
        b"\xf0\x9f\x91\xa9\xe2\x80\x8d",
        "\u202eright to left: \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627".encode(),
        "👩‍👩‍👧 my name is Zoë 🇵🇹".encode(),
        b"/\xff",
        b"/memory \x1b[2J",
    )

    said = busy.home.run("chat", "--user", "Zoë 🇵🇹", given=b"\n".join(hostile))

    assert said.code == 0
    assert said.told_terms
    assert "\x1b" not in said.out
    assert "\x00" not in said.out
    assert len(said.out.splitlines()) >= 8


def test_a_name_that_could_pass_for_another_is_refused(busy: Busy) -> None:
    said = busy.home.chat("hello", user="a\u202eb\x1b[31m")

    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("familiar: a user")
    assert said.err.isascii()
    assert "\x1b" not in said.err
