"""What every command has in common: help with an example, data as JSON, a code that tells."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner, Result

from agentcore.clock import HOUR, SystemClock
from agentcore.model import ModelAnswer, Usage
from agentcore.sqlstore.engine.schema import upgrade_sqlite
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from bot.cli import app
from tests.house import house

Command = TyperGroup | TyperCommand


def commands(command: object, *path: str) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Every command that does something, with its path."""
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from commands(each, *path, name)
    else:
        assert isinstance(command, TyperCommand)
        yield path, command


COMMANDS = dict(commands(typer.main.get_command(app)))
EVERY = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)


def run(*command: str, **settings: str) -> Result:
    return CliRunner().invoke(app, command, env=settings)


def test_there_are_the_commands_that_the_documents_promise() -> None:
    promised = {
        ("serve",),
        ("chat",),
        ("doctor",),
        ("init",),
        ("stats",),
        ("backup",),
        ("restore",),
        ("db", "upgrade"),
        ("db", "check"),
        ("db", "reindex"),
        ("agents", "list"),
        ("agents", "show"),
        ("agents", "export"),
        ("import", "letta"),
        ("agents", "import"),
        ("token", "create"),
        ("token", "list"),
        ("token", "revoke"),
    }
    assert promised <= COMMANDS.keys()


@EVERY
def test_the_help_of_every_command_says_what_it_does_and_shows_an_example(
    path: tuple[str, ...],
) -> None:
    result = run(*path, "--help")

    assert result.exit_code == 0
    assert COMMANDS[path].help
    assert "Example: " in result.output
    assert f"familiar {' '.join(path)}" in (COMMANDS[path].epilog or "")


@EVERY
def test_every_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    options = [each for each in COMMANDS[path].params if each.name != "help"]

    assert [each.name for each in options if not getattr(each, "help", None)] == []


@EVERY
def test_a_bad_setting_ends_every_command_with_a_sentence(path: tuple[str, ...]) -> None:
    required = ["x" for each in COMMANDS[path].params if each.required]

    result = run(*path, *required, FAMILIAR_MODLE="x")

    assert result.exit_code == 1
    assert "did you mean FAMILIAR_MODEL?" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", [["nonsense"], ["agents", "show"], ["agents", "list", "-x"]])
def test_what_is_no_command_is_refused(command: list[str]) -> None:
    assert run(*command).exit_code == 2


def test_roles_apart_are_refused() -> None:
    result = run("serve", "--role", "web")

    assert result.exit_code == 1
    assert "--role all" in result.stderr


class TestDatabase:
    def test_a_check_says_in_which_state_it_is_and_an_upgrade_mends_it(self, home: Path) -> None:
        before = run("db", "check", "--json")
        upgraded = run("db", "upgrade")
        after = run("db", "check", "--json")

        place = str(home / "data" / "familiar.db")
        assert (before.exit_code, upgraded.exit_code, after.exit_code) == (1, 0, 0)
        assert json.loads(before.stdout) == {"database": place, "schema": "empty"}
        assert json.loads(after.stdout) == {"database": place, "schema": "current"}
        assert upgraded.stdout == f"{place} is up to date.\n"

    @pytest.mark.parametrize(
        ("version", "code", "says"),
        [("0000", 1, "familiar db upgrade"), ("9999", 1, "newer version of Familiar")],
    )
    def test_another_version_is_no_success(
        self, home: Path, version: str, code: int, says: str
    ) -> None:
        set_version(home, version)

        result = run("db", "check")

        assert result.exit_code == code
        assert says in result.stdout


class TestAgents:
    def test_before_the_first_message_there_is_no_database_to_look_into(self, home: Path) -> None:
        listed = run("agents", "list")

        assert listed.exit_code == 1
        assert str(home / "data" / "familiar.db") in listed.stderr
        assert "familiar chat" in listed.stderr
        assert not (home / "data").exists()

    def test_a_service_without_agents_lists_none(self) -> None:
        run("db", "upgrade")

        assert json.loads(run("agents", "list", "--json").stdout) == []

    @pytest.mark.parametrize(
        "agent", ["x", "agent-2f0c…", "agent-00000000-0000-0000-0000-000000000000"]
    )
    def test_an_agent_that_is_not_there_is_refused_with_advice(self, agent: str) -> None:
        run("db", "upgrade")

        result = run("agents", "show", agent)

        assert result.exit_code == 1
        assert agent in result.stderr
        assert "familiar agents list" in result.stderr


class TestUsers:
    def test_who_is_not_there_is_linked_with_nobody(self) -> None:
        run("db", "upgrade")

        result = run("users", "link", "user-1", "user-2")

        assert result.exit_code == 1
        assert "familiar users list" in result.stderr


class TestStats:
    def test_a_service_that_has_done_nothing_has_nothing_to_tell(self) -> None:
        run("db", "upgrade")

        shown = run("stats").stdout
        found = json.loads(run("stats", "--json").stdout)

        assert "users                              0" in shown
        assert shown.count("nothing") == 2, "neither today nor this week"
        assert found["today"] == found["week"] == {"turns": {}, "models": []}

    def test_what_waits_is_told_with_its_age_and_money_with_what_is_not_known_of_it(
        self, home: Path
    ) -> None:
        (home / "data").mkdir(mode=0o700)
        anyio.run(live, home / "data")

        shown = run("stats").stdout

        assert "waiting for an answer              1" in shown
        assert "oldest waits                     2 h" in shown
        assert "turns: end_turn 1" in shown
        assert (
            "scripted: calls 1, tokens 1,000 in and 20 out, $0.0000, price unknown for 1" in shown
        )


async def live(folder: Path) -> None:
    """Two hours ago, one message was answered, and another one wasn't."""
    clock = FakeClock(SystemClock().now() - 2 * HOUR)
    model = ScriptedModel(ModelAnswer("Hello.", usage=Usage(1_000, 20)))
    async with house(folder, model, replacements=Replacements(clock=clock)) as home:
        await home.say("ada", "Hi!")
        await home.accept("ada", "And then?")


def set_version(home: Path, version: str) -> None:
    """Make the database one of another version of the program."""
    path = home / "data" / "familiar.db"
    path.parent.mkdir(mode=0o700)
    upgrade_sqlite(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))


def test_all_messages_are_indexed_anew_on_demand(home: Path) -> None:
    path = home / "data" / "familiar.db"
    path.parent.mkdir(mode=0o700)
    anyio.run(live, path.parent)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE term SET term = 'x' || term")
    result = run("db", "reindex", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"done": True})
    with closing(sqlite3.connect(path)) as connection:
        found = {term for (term,) in connection.execute("SELECT term FROM term")}
    assert "hello" in found
