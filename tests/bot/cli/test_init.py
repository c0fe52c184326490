"""`familiar init`: asked or told, it writes `.env`, and never a model that nobody wanted."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from typer.testing import CliRunner, Result

from bot.cli import app
from config.settings import load_settings
from tests.simulators.discord_server import accounts
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.openai_replies import Answer, Body, Call, Raw, Reply
from tests.simulators.provider import Provider, provider
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.telegram_server.world import TOKEN

KEY = "sk-MARKER-0123456789"


def init(*options: str, given: tuple[str, ...] = (), **environment: str) -> Result:
    lines = "".join(f"{line}\n" for line in given)
    return CliRunner().invoke(app, ["init", *options], input=lines, env=environment)


def written(home: Path) -> dict[str, str]:
    lines = (home / ".env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def able(body: Body) -> Reply:
    if body.get("tools"):
        return Answer(calls=(Call("save_colour", '{"colour": "blue"}'),))
    return Answer("one, two, three, four")


def forgetful(_: Body) -> Reply:
    return Answer("I have saved it for you, I promise.")


def garbage(_: Body) -> Reply:
    return Raw(b"<html>Welcome</html>", "text/html")


@pytest.fixture
def server() -> Iterator[Provider]:
    with provider(able) as running:
        yield running


def own(server: Provider) -> tuple[str, ...]:
    return ("--model", "openai/gpt-4o-mini", "--base-url", server.url)


def test_with_nothing_but_yes_it_is_the_model_that_needs_nothing(home: Path) -> None:
    result = init("--yes")

    assert result.exit_code == 0
    assert written(home) == {"FAMILIAR_MODEL": "offline", "FAMILIAR_ACCESS": "open"}
    assert stat.S_IMODE((home / ".env").stat().st_mode) == 0o600
    assert "familiar serve" in result.output
    assert load_settings({}, home / ".env").model == "offline"


def test_asked_it_asks_for_all_and_tries_the_model(home: Path, server: Provider) -> None:
    answers = ("openai/gpt-4o-mini", server.url, KEY, "allowlist", "0.50", "", "")

    result = init(given=answers)

    assert result.exit_code == 0
    assert "openai/gpt-4o-mini answers" in result.output
    assert "it calls tools" in result.output
    assert "word by word" in result.output
    assert "That cost $0.0000" in result.output
    assert written(home) == {
        "FAMILIAR_MODEL": "openai/gpt-4o-mini",
        "FAMILIAR_MODEL_BASE_URL": server.url,
        "FAMILIAR_MODEL_API_KEY": KEY,
        "FAMILIAR_ACCESS": "allowlist",
        "FAMILIAR_DAILY_BUDGET_USD": "0.50",
    }
    assert set(server.server.keys) == {KEY}
    assert result.output.count(KEY) == 1, "the runner shows what is typed"


def test_told_it_asks_nothing(home: Path, server: Provider) -> None:
    result = init(*own(server), "--api-key", KEY, "--access", "open", "--budget", "3", "--yes")

    assert result.exit_code == 0
    assert written(home)["FAMILIAR_ACCESS"] == "open"
    assert written(home)["FAMILIAR_DAILY_BUDGET_USD"] == "3"
    assert KEY not in result.output


def test_a_model_that_costs_money_gets_a_limit_and_no_strangers(home: Path) -> None:
    result = init("--model", "openai/gpt-4o-mini", "--api-key", KEY, "--yes", "--no-check")

    assert result.exit_code == 0
    assert written(home) == {
        "FAMILIAR_MODEL": "openai/gpt-4o-mini",
        "OPENAI_API_KEY": KEY,
        "FAMILIAR_ACCESS": "pairing",
        "FAMILIAR_DAILY_BUDGET_USD": "2",
    }


def test_what_does_not_do_can_be_corrected(home: Path, server: Provider) -> None:
    answers = ("openai/gpt-9", server.url, "", "y", "openai/gpt-4o-mini", server.url, "")

    result = init(given=(*answers, "open", "none", "", ""))

    assert result.exit_code == 0
    assert "has no model openai/gpt-9" in result.output
    assert written(home)["FAMILIAR_MODEL"] == "openai/gpt-4o-mini"


def test_what_does_not_do_can_be_kept(home: Path) -> None:
    with provider(forgetful) as server:
        result = init(given=("openai/local-model", server.url, "", "n", "open", "none", "", ""))

    assert "not remember by itself" in result.output
    assert written(home)["FAMILIAR_MODEL"] == "openai/local-model"


@pytest.mark.parametrize("brain", [forgetful, garbage])
def test_a_script_is_told_and_nothing_is_written(home: Path, brain: object) -> None:
    assert callable(brain)
    with provider(brain) as server:
        result = init(*own(server), "--yes")

    assert result.exit_code == 1
    assert "BAD" in result.output
    assert "Nothing was written" in result.output
    assert not (home / ".env").exists()


def test_a_missing_key_is_found_without_asking_anybody(home: Path) -> None:
    result = init("--model", "anthropic/claude-sonnet-4-5", "--yes")

    assert result.exit_code == 1
    assert "ANTHROPIC_API_KEY" in result.output
    assert not (home / ".env").exists()


def test_other_lines_stay_and_a_change_is_asked_for(home: Path) -> None:
    old = "# mine\nOTHER=1\nFAMILIAR_MODEL=openai/gpt-4o-mini\nOPENAI_API_KEY=sk-old\n"
    (home / ".env").write_text(old)

    refused = init("--model", "offline", given=("open", "", "", "n"))
    assert refused.exit_code == 1
    assert (home / ".env").read_text() == old

    agreed = init("--model", "offline", given=("open", "", "", "y"))
    assert agreed.exit_code == 0
    assert "FAMILIAR_MODEL, FAMILIAR_ACCESS" in agreed.output
    assert (home / ".env").read_text() == (
        "# mine\nOTHER=1\nFAMILIAR_MODEL=offline\nOPENAI_API_KEY=sk-old\nFAMILIAR_ACCESS=open\n"
    )
    again = init("--model", "offline", "--yes")
    assert "says all that already" in again.output


def test_a_key_of_one_server_is_not_sent_to_another(home: Path, server: Provider) -> None:
    (home / ".env").write_text(
        "FAMILIAR_MODEL=openai/gpt-4o-mini\n"
        "FAMILIAR_MODEL_BASE_URL=http://127.0.0.1:1/v1\n"
        f"FAMILIAR_MODEL_API_KEY={KEY}\n"
    )

    result = init(*own(server), "--yes")

    assert result.exit_code == 0
    assert KEY not in server.server.keys
    assert "FAMILIAR_MODEL_API_KEY" not in written(home)
    assert written(home)["FAMILIAR_MODEL_BASE_URL"] == server.url


def test_the_key_that_is_set_is_kept_for_the_same_server(home: Path, server: Provider) -> None:
    assert init(*own(server), "--api-key", KEY, "--yes").exit_code == 0

    result = init("--access", "open", "--yes")

    assert result.exit_code == 0
    assert written(home)["FAMILIAR_MODEL_API_KEY"] == KEY
    assert set(server.server.keys) == {KEY}


def test_what_the_environment_overrules_is_said() -> None:
    result = init("--model", "offline", "--yes", FAMILIAR_ACCESS="allowlist")
    assert "FAMILIAR_ACCESS is set in the environment" not in result.output

    result = init("--access", "open", "--yes", FAMILIAR_ACCESS="allowlist")
    assert "FAMILIAR_ACCESS is set in the environment as well, and that wins" in result.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--budget", "much"], "FAMILIAR_DAILY_BUDGET_USD must be a number"),
        (["--model", "two words"], "FAMILIAR_MODEL must be one word"),
        (["--model", "openai/x", "--base-url", "my-server"], "http:// or https://"),
    ],
)
def test_a_bad_answer_is_refused_with_a_sentence(home: Path, options: list[str], says: str) -> None:
    result = init(*options, "--yes")

    assert result.exit_code == 1
    assert says in result.output
    assert not (home / ".env").exists()


def test_bad_answers_of_a_person_are_asked_again(home: Path) -> None:
    given = ("two words", "none", "", "y", "offline", "everyone", "open", "", "")

    result = init(given=given)

    assert result.exit_code == 0
    assert "must be one word" in result.output
    assert "Write open, pairing or allowlist." in result.output
    assert written(home)["FAMILIAR_ACCESS"] == "open"


def test_an_input_that_ends_early_writes_nothing(home: Path) -> None:
    result = init(given=("openai/gpt-4o-mini",))

    assert result.exit_code == 1
    assert not (home / ".env").exists()


class TestTelegram:
    TOLD = ("--model", "offline", "--access", "open")

    @pytest.fixture
    def telegram(self) -> Iterator[TelegramServer]:
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(TelegramServer()) as server,
        ):
            yield server

    def test_a_token_is_asked_for_tried_and_kept(
        self, home: Path, telegram: TelegramServer
    ) -> None:
        given = ("no token", "y", f"{TOKEN[:-1]}X", "y", TOKEN, "")
        result = init(*self.TOLD, given=given, TELEGRAM_API_BASE_URL=telegram.base_url)

        assert result.exit_code == 0, result.output
        assert "the token that @BotFather gave" in result.output
        assert "Telegram refuses TELEGRAM_BOT_TOKEN" in result.output
        assert "https://t.me/familiar_test_bot" in result.output
        assert written(home)["TELEGRAM_BOT_TOKEN"] == TOKEN

        again = init(*self.TOLD, given=("", ""), TELEGRAM_API_BASE_URL=telegram.base_url)
        assert "empty: the one that is set" in again.output
        assert written(home)["TELEGRAM_BOT_TOKEN"] == TOKEN

    def test_a_script_is_told_and_nothing_is_written(
        self, home: Path, telegram: TelegramServer
    ) -> None:
        telegram.bot.revoked = True
        told = (*self.TOLD, "--telegram-token", TOKEN, "--yes")
        result = init(*told, TELEGRAM_API_BASE_URL=telegram.base_url)

        assert result.exit_code == 1
        assert "Nothing was written" in result.output
        assert TOKEN not in result.output
        assert not (home / ".env").exists()
        assert init(*told, "--no-check").exit_code == 0
        assert written(home)["TELEGRAM_BOT_TOKEN"] == TOKEN


class TestDiscord:
    TOLD = ("--model", "offline", "--access", "open")

    @pytest.fixture
    def discord(self) -> Iterator[DiscordServer]:
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(DiscordServer()) as server,
        ):
            yield server

    def test_a_token_is_asked_for_tried_and_kept_and_the_bots_link_is_shown(
        self, home: Path, discord: DiscordServer
    ) -> None:
        given = ("", str(discord.bot.id), "y", f"{discord.token[:-1]}X", "y", discord.token)
        result = init(*self.TOLD, given=given, DISCORD_API_BASE_URL=discord.api_url)

        assert result.exit_code == 0, result.output
        assert "https://discord.com/developers/applications" in result.output
        assert "three long words with dots between them" in result.output
        assert "Discord refuses DISCORD_BOT_TOKEN" in result.output
        assert f"/oauth2/authorize?client_id={discord.bot.id}&permissions=" in result.output
        assert written(home)["DISCORD_BOT_TOKEN"] == discord.token

        again = init(*self.TOLD, given=("", ""), DISCORD_API_BASE_URL=discord.api_url)
        assert "empty: the one that is set" in again.output
        assert written(home)["DISCORD_BOT_TOKEN"] == discord.token

    def test_a_script_is_told_and_nothing_is_written(
        self, home: Path, discord: DiscordServer
    ) -> None:
        discord.bot.revoked = True
        told = (*self.TOLD, "--discord-token", accounts.TOKEN, "--yes")
        result = init(*told, DISCORD_API_BASE_URL=discord.api_url)

        assert result.exit_code == 1
        assert "Nothing was written" in result.output
        assert accounts.TOKEN not in result.output
        assert not (home / ".env").exists()
        assert init(*told, "--no-check").exit_code == 0
        assert written(home)["DISCORD_BOT_TOKEN"] == accounts.TOKEN
