"""What stands in the way is said in one sentence, nothing is lost, and the exit code is 1."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from agentcore.sqlstore.engine.schema import upgrade_sqlite
from bot.host.lockfile import ServiceLock
from tests.end_to_end.home import Ended, Home
from tests.end_to_end.nest import ROOT


def refusal(ended: Ended) -> str:
    """The one sentence of a command that couldn't do its work."""
    assert ended.code == 1, ended
    assert ended.out == ""
    assert ended.err.startswith("familiar: ")
    assert ended.err.count("\n") == 1, ended.err
    return ended.err


def test_a_file_where_the_folder_should_be(home: Home) -> None:
    home.data.write_text("I am a file")

    said = refusal(home.chat("hello"))

    assert f"{home.data} is a file" in said
    assert "FAMILIAR_DATA_DIR" in said
    assert home.data.read_text() == "I am a file"


def test_a_folder_that_nobody_can_make_anything_in(home: Home) -> None:
    said = refusal(home.chat("hello", FAMILIAR_DATA_DIR="/proc/familiar"))

    assert "/proc/familiar can't be made" in said


def test_a_file_that_is_no_database_is_left_alone(home: Home) -> None:
    junk = b"this was never a database" * 400
    home.data.mkdir()
    home.database.write_bytes(junk)

    said = refusal(home.run("serve"))

    assert f"{home.database} is not a readable SQLite database" in said
    assert home.database.read_bytes() == junk


def test_a_database_of_a_newer_version_is_left_alone(home: Home) -> None:
    home.data.mkdir()
    upgrade_sqlite(home.database)
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    assert "newer version" in refusal(home.run("serve"))
    with closing(sqlite3.connect(home.database)) as database:
        (left,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    assert left == "9999"


@pytest.mark.parametrize("command", [("serve",), ("chat",)], ids=" ".join)
def test_a_model_without_its_key_is_named_with_the_variable(
    home: Home, command: tuple[str, ...]
) -> None:
    models = {"FAMILIAR_MODEL": "openai/gpt-4o-mini", "FAMILIAR_FALLBACK_MODELS": "gemini/x"}

    said = refusal(home.run(*command, **models))

    assert "openai/gpt-4o-mini needs OPENAI_API_KEY" in said
    assert "gemini/x needs GEMINI_API_KEY" in said
    assert not home.database.exists()


def test_a_template_with_unknown_fields_is_named_with_all_of_them(home: Home) -> None:
    bundled = (ROOT / "config" / "templates" / "friend.yaml").read_text("utf-8")
    (home.folder / "friend.yaml").write_text(f"{bundled}\nmoodel: x\ntoools: []\n")

    ended = home.run("serve", FAMILIAR_TEMPLATES_DIR=".")

    assert ended.code == 1
    assert ended.err == (
        "familiar: friend.yaml: moodel: is no field of a template; "
        "check the spelling, or take it out.\n"
        "familiar: friend.yaml: toools: is no field of a template; "
        "check the spelling, or take it out.\n"
    )


def test_a_template_that_is_not_there_is_told_which_are(home: Home) -> None:
    said = refusal(home.chat("hello", FAMILIAR_TEMPLATE="freind"))

    assert "'freind'" in said
    assert "coach, friend, tutor, work" in said


def test_everything_that_is_wrong_with_the_settings_is_said_at_once(home: Home) -> None:
    (home.folder / ".env").write_text("FAMILIAR_TEMPLAET=x\nFAMILIAR_PORT=99999\n")

    ended = home.run("serve", FAMILIAR_MODLE="x", FAMILIAR_HOST="0.0.0.0")  # noqa: S104 (a value: nothing listens)

    said = ended.err.splitlines()
    assert ended.code == 1
    assert len(said) == 4
    assert "FAMILIAR_MODLE in the environment" in ended.err
    assert "did you mean FAMILIAR_MODEL?" in ended.err
    assert "FAMILIAR_TEMPLAET in .env" in ended.err
    assert "did you mean FAMILIAR_TEMPLATE?" in ended.err
    assert "FAMILIAR_PORT in .env must be at most 65535." in ended.err
    assert "set FAMILIAR_API_TOKEN as well" in ended.err


def test_another_kind_of_database_is_refused_without_its_password(home: Home) -> None:
    said = refusal(home.run("serve", DATABASE_URL="postgres://me:secret@host/name"))

    assert "SQLite only" in said
    assert "secret" not in said


def test_a_chat_beside_another_chat_is_told_to_wait_or_to_serve(home: Home) -> None:
    home.data.mkdir()
    with ServiceLock.acquire(home.data / "familiar.db.lock"):
        said = refusal(home.chat("hello"))

    assert "wait until it is done" in said
    assert "familiar serve" in said


def test_nothing_said_is_nothing_done(home: Home) -> None:
    ended = home.run("chat", given=b"\n  \n\t\n")

    assert ended == Ended(0, "", "")


def test_an_unwritable_place_is_named(home: Home) -> None:
    """A folder in the place of the file: it fails for root too."""
    home.database.mkdir(parents=True)

    assert f"{home.database} is a folder" in refusal(home.chat("hello"))
