"""`familiar token`: a token is shown once, listed without its text, and ended for good."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app


@pytest.fixture(autouse=True)
def database() -> None:
    run("db", "upgrade")


def run(*command: str, **settings: str) -> Result:
    return CliRunner().invoke(app, command, env=settings)


def test_a_token_is_printed_alone_so_that_a_script_can_take_it() -> None:
    made = run("token", "create", "--name", "backend")
    assert made.exit_code == 0
    [text] = made.stdout.splitlines()
    assert text.startswith("fam_")
    assert "an administrator" in made.stderr
    assert "isn't shown again" in made.stderr


def test_a_token_is_made_listed_and_ended() -> None:
    made = json.loads(run("token", "create", "--name", "backend", "--json").stdout)
    listed = json.loads(run("token", "list", "--json").stdout)
    assert listed == [{name: made[name] for name in made if name != "token"}]
    assert made["token"] not in run("token", "list").stdout
    ended = json.loads(run("token", "revoke", made["id"], "--json").stdout)
    assert ended["revoked_at"]
    assert "revoked" in run("token", "list").stdout


def test_who_makes_one_hears_whether_it_takes_one() -> None:
    assert "need no token" in run("token", "create").stderr
    assert "need no token" not in run("token", "create", FAMILIAR_API_TOKEN="key").stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("create", "--agent", "ada"), "familiar agents list"),
        (("create", "--name", ""), "one line"),
        (("revoke", "ada"), "familiar token list"),
    ],
)
def test_what_cannot_be_done_is_said_with_advice(command: tuple[str, ...], says: str) -> None:
    result = run("token", *command)
    assert result.exit_code == 1
    assert says in result.stderr
