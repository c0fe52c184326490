"""The doctor finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from typer.testing import CliRunner, Result

from adapters.testing import Failure, FakePushAdapter, FakeService, PushPlatform
from agentcore.clock import SystemClock
from agentcore.records import StepCommit, StopReason, TurnEnd
from agentcore.sqlstore.engine.schema import upgrade_sqlite
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from bot.backups.making import State, make_backup
from bot.cli import app as familiar
from bot.host.lockfile import ServiceLock
from bot.http.app import create_app
from tests.house import FAST, PATIENCE, house, working
from tests.simulators.loopback import serving, unused_port
from tests.simulators.openai_replies import Answer, Body, Call, Reply
from tests.simulators.provider import provider

DAY = 86_400


@pytest.fixture
def data(home: Path) -> Path:
    """The data folder, with a database."""
    folder = home / "data"
    folder.mkdir(mode=0o700)
    upgrade_sqlite(folder / "familiar.db")
    return folder


def doctor(*options: str, **settings: str) -> Result:
    return CliRunner().invoke(familiar, ["doctor", *options], env=settings)


def findings(*options: str, **settings: str) -> list[dict[str, str]]:
    result = doctor("--json", *options, **settings)
    found: list[dict[str, str]] = json.loads(result.stdout)
    assert result.exit_code == (0 if all(each["ok"] for each in found) else 1)
    return found


def wrong(*options: str, **settings: str) -> dict[str, dict[str, str]]:
    """What it says is wrong, by subject."""
    return {each["subject"]: each for each in findings(*options, **settings) if not each["ok"]}


def all_of(subject: str, *options: str, **settings: str) -> str:
    """Everything that it says of a subject."""
    found = findings(*options, **settings)
    return "\n".join(f"{x['text']} {x['fix']}" for x in found if x["subject"] == subject)


def test_nothing_is_wrong_with_a_fresh_start_and_it_changes_nothing(home: Path) -> None:
    assert wrong() == {}
    assert list(home.iterdir()) == []
    assert doctor().stdout.count("ok  ") == 10


@pytest.mark.usefixtures("data")
def test_nothing_is_wrong_with_a_service_that_has_not_begun() -> None:
    assert wrong() == {}
    assert "nothing waits" in all_of("work")


class TestSettings:
    def test_they_come_first(self) -> None:
        assert list(wrong(FAMILIAR_MODLE="x", FAMILIAR_PORT="x")) == ["settings"]

    def test_those_without_an_effect_are_named(self) -> None:
        said = all_of("settings", FAMILIAR_RETENTION_DAYS="30")

        assert "not in use yet" in said
        assert "FAMILIAR_RETENTION_DAYS" in said

    def test_a_template_that_is_not_there_is_named(self) -> None:
        assert "'none'" in wrong(FAMILIAR_TEMPLATE="none")["template"]["text"]


class TestModel:
    def test_a_missing_key_is_named(self) -> None:
        found = wrong(FAMILIAR_MODEL="openai/gpt-4o-mini")

        assert found["model"]["fix"] == "Set OPENAI_API_KEY."

    def test_a_model_is_tried_and_the_price_of_that_is_said(self) -> None:
        with provider(able) as server:
            said = all_of("model", **at(server.url))

        assert "it calls tools" in said
        assert "word by word" in said
        assert "That cost $0.0000" in said

    def test_a_model_that_does_not_do_is_wrong(self) -> None:
        with provider(lambda _: Answer("Saved, I promise.")) as server:
            found = wrong(**at(server.url))

        assert "did not call the tool" in found["model"]["text"]
        assert "not remember by itself" in found["model"]["fix"]

    def test_the_one_for_quiet_times_is_tried_as_long_as_there_are_any(self) -> None:
        given = {
            "FAMILIAR_SLEEP_MODEL": "openai/no-such-model",
            "FAMILIAR_MODEL_BASE_URL": f"http://127.0.0.1:{unused_port()}/v1",
            "OPENAI_API_KEY": "sk-x",
        }

        assert "openai/no-such-model" in wrong(**given)["model"]["text"]
        assert "(not tried)" in all_of("model", FAMILIAR_SLEEP_MINUTES="0", **given)

    def test_it_is_not_tried_if_nobody_wants_that(self) -> None:
        with provider(able) as server:
            told = all_of("model", "--no-model", **at(server.url))
            assert "openai/gpt-4o-mini, reached directly (not tried)" in told
            assert server.server.requests == []

    def test_the_way_to_it_is_told_and_one_that_leads_nowhere_is_wrong(self) -> None:
        given = {"FAMILIAR_MODEL": "ollama_chat/llama3.1"}

        assert "through litellm" in all_of("model", "--no-model", **given)
        found = wrong("--no-model", FAMILIAR_MODEL_CLIENT="direct", **given)
        assert "FAMILIAR_MODEL_CLIENT=auto" in found["model"]["text"]


class TestBudget:
    def test_it_is_named_with_the_price_that_is_not_known(self) -> None:
        said = all_of(
            "budget",
            "--no-model",
            FAMILIAR_MODEL="openai/own",
            OPENAI_API_KEY="sk-x",
            FAMILIAR_DAILY_BUDGET_USD="5",
        )
        assert "no price is known for openai/own" in said
        assert "FAMILIAR_MODEL_PRICE" in said
        assert "at most $5.00 a day" in said

    def test_one_that_no_call_fits_is_wrong(self) -> None:
        given = {
            "FAMILIAR_MODEL": "openai/own",
            "OPENAI_API_KEY": "sk-x",
            "FAMILIAR_MODEL_PRICE": "3/15",
            "FAMILIAR_DAILY_BUDGET_USD": "0.02",
        }
        found = wrong("--no-model", **given)
        assert "less than one call may cost ($0.07)" in found["budget"]["text"]
        assert "no price" not in all_of("budget", "--no-model", **given)


def at(url: str) -> dict[str, str]:
    return {"FAMILIAR_MODEL": "openai/gpt-4o-mini", "FAMILIAR_MODEL_BASE_URL": url}


def able(body: Body) -> Reply:
    if body.get("tools"):
        return Answer(calls=(Call("save_colour", '{"colour": "blue"}'),))
    return Answer("one, two, three, four")


class TestStorage:
    def test_a_place_that_cannot_be_is_one_finding_not_many(self, home: Path) -> None:
        (home / "data").write_text("")

        found = wrong()

        assert list(found) == ["database"]
        assert "is a file" in found["database"]["text"]

    def test_a_folder_that_others_can_look_into(self, home: Path) -> None:
        (home / "data").mkdir(mode=0o755)

        assert "chmod 700" in wrong()["folder"]["fix"]

    @pytest.mark.parametrize("name", [".env", "data/secret.key"])
    @pytest.mark.usefixtures("data")
    def test_keys_that_others_can_read(self, home: Path, name: str) -> None:
        (home / name).write_text("")
        (home / name).chmod(0o640)

        fix = wrong()["secrets"]["fix"]
        assert fix.startswith("chmod 600 ")
        assert fix.endswith(name)

    def test_a_file_that_is_no_database(self, home: Path) -> None:
        (home / "data").mkdir(mode=0o700)
        (home / "data" / "familiar.db").write_bytes(b"junk" * 1_000)

        assert "not a readable SQLite database" in wrong()["database"]["text"]

    def test_a_database_with_damaged_pages(self, data: Path) -> None:
        content = bytearray((data / "familiar.db").read_bytes())
        content[4_096 * 3 : 4_096 * 20] = b"\xaa" * 4_096 * 17
        (data / "familiar.db").write_bytes(content)

        found = wrong()["database"]
        assert "damaged" in found["text"] + found["fix"]

    @pytest.mark.parametrize(
        ("version", "fix"), [("0000", "familiar db upgrade"), ("9999", "Upgrade this program")]
    )
    def test_a_database_of_another_version(self, data: Path, version: str, fix: str) -> None:
        with closing(sqlite3.connect(data / "familiar.db")) as database, database:
            database.execute("UPDATE alembic_version SET version_num = ?", (version,))

        assert fix in wrong()["database"]["fix"]

    def test_a_disk_that_is_nearly_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.cli.doctor.storage.LEAST_FREE", 2**63)

        assert "Free some space" in wrong()["disk"]["fix"]

    def test_the_age_of_the_last_backup(self, home: Path, data: Path) -> None:
        assert "none is known" in all_of("backup")

        make_backup(State(data / "familiar.db"), home / "b", SystemClock())
        assert "today" in all_of("backup")
        assert str(home / "b") in all_of("backup")

        note = json.loads((data / "last-backup.json").read_text())
        note["made_at"] = "2026-01-01T00:00:00+00:00"
        (data / "last-backup.json").write_text(json.dumps(note))
        assert "Make a new one." in all_of("backup")

    def test_a_clock_that_was_set_back(self, data: Path) -> None:
        ahead = time.time() + DAY
        os.utime(data / "familiar.db", (ahead, ahead))

        assert "behind the last change" in wrong()["clock"]["text"]


@contextmanager
def answering(data: Path, counts: Mapping[str, int]) -> Iterator[None]:
    """A service with these figures, as far as the doctor can see."""
    others = dict.fromkeys(("parked", "unreachable", "failed_to_send"), 0)

    async def told(_: Mapping[str, Any]) -> Mapping[str, int]:
        return {**others, **counts}

    async def ready() -> Mapping[str, str]:
        return {}

    app = create_app(
        readiness=ready,
        service=FakeService(),
        door_key="key",
        door_commands={"counts": told},
    )
    with (
        ServiceLock.acquire(data / "familiar.db.lock") as lock,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(app)) as url,
    ):
        lock.publish(url, "key")
        yield


class TestService:
    def test_one_that_does_not_answer(self, data: Path) -> None:
        with ServiceLock.acquire(data / "familiar.db.lock") as lock:
            lock.publish(f"http://127.0.0.1:{unused_port()}", "the key")
            found = wrong()

        assert "not ready" in found["service"]["text"]
        assert "is it running" in found["work"]["text"]
        assert "the key" not in str(found)

    def test_what_waits_for_a_service_that_does_not_run_is_no_trouble(self, data: Path) -> None:
        async def leave() -> None:
            async with house(data) as home:
                await home.accept("ada", "Hi!")

        anyio.run(leave)

        assert wrong() == {}
        assert "1 message waits for an answer" in all_of("work")

    @pytest.mark.parametrize(("seconds", "sound"), [(599, True), (600, False)])
    def test_with_a_service_that_runs_somebody_who_waits_for_long_is_trouble(
        self, data: Path, seconds: int, *, sound: bool
    ) -> None:
        counts = {"pending": 3, "oldest_pending_seconds": seconds}
        with answering(data, counts):
            assert ("work" not in wrong()) is sound
            assert "3 messages wait for an answer" in all_of("work")

    def test_what_was_set_aside_is_shown_and_can_be_tried_again(self, data: Path) -> None:
        async def park() -> None:
            async with house(data) as home:
                await home.accept("ada", "MARKER")
                (claim,) = await home.claim()
                end = TurnEnd(StopReason.ERROR, error="RuntimeError", parked=True)
                await (await home.door("ada")).commit(claim, StepCommit(end=end))

        anyio.run(park)
        run = CliRunner().invoke

        assert "familiar parked list" in wrong()["work"]["fix"]
        shown = run(familiar, ["parked", "list"]).stdout
        assert "RuntimeError" in shown
        assert "MARKER" not in shown
        (item,) = json.loads(run(familiar, ["parked", "list", "--json"]).stdout)
        assert run(familiar, ["parked", "retry", item["id"]]).exit_code == 0
        assert wrong() == {}
        again = run(familiar, ["parked", "retry", item["id"]])
        assert again.exit_code == 1
        assert "familiar parked list" in again.stderr

    def test_chats_out_of_reach_are_told_of_and_no_trouble(self, data: Path) -> None:
        async def block() -> None:
            platform = PushPlatform()
            platform.fail("ada", Failure("blocked"))
            given = Replacements(
                limits=FAST, adapters=lambda context: [FakePushAdapter(context.service, platform)]
            )
            model = ScriptedModel("Hello.")
            async with house(data, model, replacements=given) as home, working(home):
                platform.write("ada", "Hi!")
                with anyio.fail_after(PATIENCE):
                    while not (await home.parts.store.pulse()).unreachable:
                        await anyio.lowlevel.checkpoint()

        anyio.run(block)

        assert wrong() == {}
        assert "can't be written to any more: 1" in all_of("work")


class TestApi:
    def test_on_this_machine_alone_it_is_open_to_everybody(self) -> None:
        assert "open to every program on this machine" in all_of("api")

    @pytest.mark.usefixtures("data")
    def test_the_tokens_that_are_good_are_counted(self) -> None:
        run = CliRunner().invoke
        made = [json.loads(run(familiar, ["token", "create", "--json"]).stdout) for _ in range(3)]
        run(familiar, ["token", "revoke", made[0]["id"]])

        assert "one of 2 tokens" in all_of("api")
        told = all_of("api", FAMILIAR_API_TOKEN="long-enough-to-be-safe")
        assert "with FAMILIAR_API_TOKEN or one of 2 tokens" in told

    def test_behind_a_public_address_it_takes_a_token(self) -> None:
        told = all_of("api", FAMILIAR_PUBLIC_URL="https://chat.example.org")
        assert "nobody has a token" in told
        assert "familiar token create" in told

    def test_a_short_token_is_wrong_where_others_can_try_it(self) -> None:
        token = {"FAMILIAR_API_TOKEN": "short"}
        assert "api" not in wrong(**token)
        found = wrong(FAMILIAR_HOST="0.0.0.0", **token)  # noqa: S104 (nothing is bound)
        assert "could be guessed" in found["api"]["text"]


def test_the_embedding_model_is_tried() -> None:
    with provider(lambda _: Answer("ready")) as real:
        settings = {
            "FAMILIAR_EMBEDDING_MODEL": "openai/text-embedding-3-small",
            "FAMILIAR_EMBEDDING_BASE_URL": real.url,
            "FAMILIAR_EMBEDDING_API_KEY": "sk-test-0123456789",
        }
        told = all_of("embedding", **settings)
        assert "embeds texts, as vectors of 64 numbers" in told
        assert "That cost $0.000001." in told
        assert len(real.server.embedded) == 1
        assert "not tried" in all_of("embedding", "--no-model", **settings)
        settings["FAMILIAR_EMBEDDING_MODEL"] = "openai/no-such"
        assert "Correct the model's name" in wrong(**settings)["embedding"]["fix"]


def test_an_embedding_model_without_a_key_and_a_key_without_a_model_are_named() -> None:
    lonely = wrong(FAMILIAR_EMBEDDING_API_KEY="sk-test-0123456789")["embedding"]
    assert "FAMILIAR_EMBEDDING_API_KEY without a model" in lonely["text"]
    openai = wrong(FAMILIAR_EMBEDDING_MODEL="openai/text-embedding-3-small")
    assert openai["embedding"]["fix"] == "Set OPENAI_API_KEY."
