"""A backup of a service that is at work, and a service out of it on an empty machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.home import Home


def test_a_service_restored_from_a_backup_under_load_remembers(
    home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = home.folder / "backup.tar.gz"
    with home.serving() as service:
        assert home.chat("My name is Ada and I live in Lisbon.").code == 0
        lines = "".join(f"I like thing{number}.\n" for number in range(20))
        talking = [home.start("chat", "--user", user, given=lines) for user in ("bob", "eve")]
        made = home.run("backup", str(file))
        again = home.run("backup", str(file))
        forced = home.run("backup", str(file), "--force", "--json")
        in_the_way = home.run("restore", str(file))
        health = home.run("doctor", "--json")
        assert [each.wait(120) for each in talking] == [0, 0]
        assert home.chat("Where do I live?").code == 0
        assert service.stop() == 0

    assert (made.code, made.err) == (0, "")
    assert "checked" in made.out
    assert ".env" in made.out
    assert again.code == 1
    assert "--force" in again.err
    assert forced.code == 0
    assert json.loads(forced.out)["users"] >= 1
    assert in_the_way.code == 1
    assert f"pid {service.pid}" in in_the_way.err
    assert health.code == 0

    elsewhere = Home(tmp_path_factory.mktemp("elsewhere"))
    restored = elsewhere.run("restore", str(file))
    assert (restored.code, restored.err) == (0, "")
    assert "familiar doctor" in restored.out
    assert "users forget" in restored.out
    with elsewhere.serving() as service:
        asked = elsewhere.chat("Where do I live?")
        assert service.stop() == 0
    assert "Lisbon" in asked.out


def test_a_damaged_backup_is_refused_and_the_present_one_goes_on(home: Home) -> None:
    assert home.chat("My name is Ada and I live in Lisbon.").code == 0
    file = home.folder / "backup.tar.gz"
    assert home.run("backup", str(file)).code == 0
    file.write_bytes(file.read_bytes()[:-20_000])

    refused = home.run("restore", str(file))

    assert refused.code == 1
    assert refused.err.count("\n") == 1
    assert "is damaged" in refused.err
    assert "Lisbon" in home.chat("Where do I live?").out


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_on_postgresql_its_own_tools_are_named_and_no_password_is_shown(
    home: Home, command: str
) -> None:
    refused = home.run(command, "x", FAMILIAR_DATABASE_URL="postgres://ada:pass-word@db.example/f")

    assert refused.code == 1
    assert ("pg_dump" if command == "backup" else "pg_restore") in refused.err
    assert "pass-word" not in refused.err
    assert not Path(home.folder / "x").exists()
