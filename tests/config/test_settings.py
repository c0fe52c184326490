"""Settings: what is read from where, and what is said when it can't be used."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from config.database_url import SqliteUrl
from config.settings import FIELDS, Settings, SettingsError, load_settings

KEY = "sk-do-not-show-me"
DISCORD = f"MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gfamil.{KEY}-0123456789"


def problems_of(environ: dict[str, str], dotenv: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, dotenv)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_with_nothing_set_it_starts_alone_on_loopback_with_the_offline_model() -> None:
    settings = load_settings({})
    assert (settings.host, settings.port, settings.model) == ("127.0.0.1", 8283, "offline")
    assert settings.database == SqliteUrl(Path("data/familiar.db"))
    assert settings.access_mode == "open"
    assert load_settings({"FAMILIAR_SLEEP_MODEL": "openai/x"}).access_mode == "pairing"
    assert settings.allowed_models == ("offline",)
    assert settings.daily_messages_per_user == 200
    assert settings.loopback


def test_the_process_environment_is_not_read_behind_our_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("MODEL", "openai/gpt-4o")
    monkeypatch.setenv("FAMILIAR_MODEL", "openai/gpt-4o")
    assert load_settings({}) == Settings()
    assert Settings().model == "offline"


def test_the_record_cannot_be_changed() -> None:
    settings = load_settings({"OPENAI_API_KEY": KEY})
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.provider_keys["OPENAI_API_KEY"] = SecretStr("other")  # type: ignore[index]


def test_values_come_from_dotenv_and_the_environment_wins(dotenv: Path) -> None:
    dotenv.write_text(
        "# mine\nexport FAMILIAR_MODEL='openai/gpt-4o-mini'\nFAMILIAR_PORT=9000\nOPENAI_API_KEY=a\n"
    )
    settings = load_settings({"FAMILIAR_PORT": "9001"}, dotenv)
    assert (settings.model, settings.port) == ("openai/gpt-4o-mini", 9001)
    assert settings.provider_keys["OPENAI_API_KEY"].get_secret_value() == "a"


def test_a_dotenv_written_by_a_windows_editor_is_read(dotenv: Path) -> None:
    dotenv.write_bytes(b"\xef\xbb\xbfFAMILIAR_PORT=9000\r\nFAMILIAR_GROUPS=off\r\n")
    settings = load_settings({}, dotenv)
    assert (settings.port, settings.groups) == (9000, "off")


def test_a_missing_dotenv_is_fine(dotenv: Path) -> None:
    assert load_settings({}, dotenv) == Settings()


def test_values_in_dotenv_are_taken_as_written(dotenv: Path) -> None:
    dotenv.write_text("FAMILIAR_TEMPLATE=${HOME}\n")
    assert load_settings({"HOME": "x"}, dotenv).template == "${HOME}"


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_value_counts_as_unset(empty: str, dotenv: Path) -> None:
    dotenv.write_text("FAMILIAR_MODEL=\nOPENAI_API_KEY=\n")
    settings = load_settings({"FAMILIAR_PORT": empty, "FAMILIAR_API_TOKEN": empty}, dotenv)
    assert (settings.port, settings.api_token, settings.model) == (8283, None, "offline")
    assert not settings.provider_keys


def test_an_empty_value_in_the_environment_unsets_the_one_in_dotenv(dotenv: Path) -> None:
    dotenv.write_text("FAMILIAR_MODEL=openai/gpt-4o-mini\n")
    assert load_settings({"FAMILIAR_MODEL": ""}, dotenv).model == "offline"


@pytest.mark.parametrize(
    ("environ", "port"),
    [
        ({"PORT": "9000"}, 9000),
        ({"FAMILIAR_PORT": "9001"}, 9001),
        ({"FAMILIAR_PORT": "9001", "PORT": "9000"}, 9001),
        ({"FAMILIAR_PORT": "", "PORT": "9000"}, 9000),
    ],
)
def test_the_port_has_a_plain_name_too(environ: dict[str, str], port: int) -> None:
    assert load_settings(environ).port == port


def test_the_database_has_a_plain_name_too(dotenv: Path) -> None:
    plain = {"DATABASE_URL": "sqlite:///plain.db"}
    assert load_settings(plain).database == SqliteUrl(Path("plain.db"))
    dotenv.write_text("FAMILIAR_DATABASE_URL=sqlite:///ours.db\n")
    assert load_settings(plain, dotenv).database == SqliteUrl(Path("ours.db"))


def test_the_database_stands_in_the_data_folder_by_default() -> None:
    settings = load_settings({"FAMILIAR_DATA_DIR": "elsewhere"})
    assert settings.database == SqliteUrl(Path("elsewhere/familiar.db"))


def test_lists_are_written_with_commas() -> None:
    settings = load_settings(
        {
            "FAMILIAR_MODEL": "openai/gpt-4o",
            "FAMILIAR_FALLBACK_MODELS": " groq/llama , ,openai/gpt-4o-mini,groq/llama",
        }
    )
    assert settings.fallback_models == ("groq/llama", "openai/gpt-4o-mini")
    assert settings.allowed_models == (
        "openai/gpt-4o",
        "groq/llama",
        "openai/gpt-4o-mini",
        "offline",
    )
    assert settings.access_mode == "pairing"


def test_an_allow_list_always_holds_the_main_model_and_not_offline() -> None:
    settings = load_settings({"FAMILIAR_MODEL": "a/b", "FAMILIAR_MODELS": "c/d"})
    assert settings.allowed_models == ("a/b", "c/d")


def test_money_is_exact() -> None:
    settings = load_settings({"FAMILIAR_DAILY_BUDGET_USD": "0.10"})
    assert settings.daily_budget_usd == Decimal("0.10")


@pytest.mark.parametrize("place", ["environment", "dotenv"])
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FAMILIAR_MODLE", "FAMILIAR_MODEL"),
        ("FAMILIAR_DATABSE_URL", "FAMILIAR_DATABASE_URL"),
        ("FAMILIAR_RETENTION_DAY", "FAMILIAR_RETENTION_DAYS"),
        ("familiar_port", "FAMILIAR_PORT"),
        ("FAMILAR_CONTEXT_WINDOW", "FAMILIAR_CONTEXT_WINDOW"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_right_one(
    place: str, written: str, meant: str, dotenv: Path
) -> None:
    if place == "dotenv":
        dotenv.write_text(f"{written}={KEY}\n")
        (problem,) = problems_of({}, dotenv)
        assert str(dotenv) in problem
    else:
        (problem,) = problems_of({written: KEY})
        assert "the environment" in problem
    assert written in problem
    assert f"did you mean {meant}?" in problem
    assert KEY not in problem


def test_a_name_like_none_of_ours_is_refused_without_a_guess() -> None:
    (problem,) = problems_of({"FAMILIAR_XYZZY": "1"})
    assert problem == (
        "FAMILIAR_XYZZY in the environment is not a setting of Familiar: "
        "the README lists every setting."
    )


def test_other_programs_names_are_none_of_our_business(dotenv: Path) -> None:
    dotenv.write_text("AWS_REGION=eu-west-1\nTELEGRAM_CHAT_ID=7\n")
    environ = {
        "PATH": "/bin",
        "TELEGRAM_BOT_TOKENS": "1",
        "TELEGRAM_CHAT_ID": "7",
        "FAMILY": "1",
        "TEST_DATABASE_URL": "postgres://localhost/test",
    }
    assert load_settings(environ, dotenv) == Settings()


def test_a_slip_in_a_platforms_name_is_found_in_dotenv(dotenv: Path) -> None:
    dotenv.write_text(f"TELEGRAM_BOT_TOKE={KEY}\n")
    (problem,) = problems_of({}, dotenv)
    assert "did you mean TELEGRAM_BOT_TOKEN?" in problem


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("FAMILIAR_PORT", "eighty", "must be a whole number"),
        ("FAMILIAR_PORT", "80.5", "must be a whole number"),
        ("FAMILIAR_PORT", "70000", "must be at most 65535"),
        ("FAMILIAR_PORT", "-1", "must be at least 0"),
        ("PORT", "x", "must be a whole number"),
        ("FAMILIAR_CONTEXT_WINDOW", "10", "must be at least 2000"),
        ("FAMILIAR_ACCESS", "everyone", "must be 'open', 'pairing' or 'allowlist'"),
        ("FAMILIAR_DAILY_BUDGET_USD", "NaN", "must be a number"),
        ("FAMILIAR_DAILY_BUDGET_USD", "ten", "must be a number"),
        ("FAMILIAR_DAILY_BUDGET_USD", "-1", "must be at least 0"),
        ("FAMILIAR_MODEL", "two words", "must be one word"),
        ("FAMILIAR_MODEL", "m" * 201, "must be one word"),
        ("FAMILIAR_MODELS", "a/b,two words", "must be one word"),
        ("FAMILIAR_API_TOKEN", "two words", "must be one word"),
        ("FAMILIAR_MODEL_BASE_URL", "localhost:11434", "starts with http:// or https://"),
        ("FAMILIAR_MODEL_BASE_URL", "http://host:port/v1", "starts with http:// or https://"),
        ("FAMILIAR_MODEL_BASE_URL", f"http://me:{KEY}@host/v1", "holds a user name or password"),
        ("TELEGRAM_BOT_TOKEN", KEY, "must be the token that @BotFather gave"),
        ("TELEGRAM_WEBHOOK_SECRET", f"{KEY}!", "must be at most 256 letters, digits"),
        ("DISCORD_BOT_TOKEN", KEY, "must be the token on the page Bot of the developer portal"),
        ("DISCORD_BOT_TOKEN", f"Bot {DISCORD}", "three long words with dots between them"),
        ("DISCORD_MESSAGE_CONTENT", "sometimes", "must be 1 (yes) or 0 (no)"),
        ("DISCORD_PREVIEWS", "edit", "must be 'auto' or 'off'"),
        ("DISCORD_GATEWAY_URL", "https://gateway", "starts with ws:// or wss://"),
        ("DATABASE_URL", f"mysql://root:{KEY}@host/db", "a database that Familiar doesn't know"),
    ],
)
def test_a_bad_value_is_named_with_what_it_should_be(name: str, value: str, complaint: str) -> None:
    (problem,) = problems_of({name: value})
    assert problem.startswith(f"{name} in the environment ")
    assert problem.endswith(".")
    assert complaint in problem
    assert KEY not in problem


def test_everything_that_is_wrong_is_said_at_once(dotenv: Path) -> None:
    dotenv.write_text("FAMILIAR_MODLE=x\nFAMILIAR_PORT=x\nwhat is this\n")
    environ = {
        "FAMILIAR_HOST": "0.0.0.0",  # noqa: S104 (a value: nothing listens)
        "FAMILIAR_GROUPS": "some",
        "TELEGRAM_MODE": "webhook",
    }
    problems = problems_of(environ, dotenv)
    for word in (
        "FAMILIAR_MODLE",
        "FAMILIAR_PORT",
        f"Line 3 of {dotenv}",
        "FAMILIAR_HOST",
        "FAMILIAR_GROUPS",
        "TELEGRAM_WEBHOOK_URL",
        "TELEGRAM_WEBHOOK_SECRET",
    ):
        assert sum(word in problem for problem in problems) == 1, word
    assert len(problems) == 7


def test_a_dotenv_that_cannot_be_read_is_named(dotenv: Path) -> None:
    dotenv.mkdir()
    (problem,) = problems_of({}, dotenv)
    assert problem.startswith(f"{dotenv} can't be read: ")


def test_a_dotenv_that_is_no_text_is_named(dotenv: Path) -> None:
    dotenv.write_bytes(b"FAMILIAR_MODEL=\xff\xfe\n")
    (problem,) = problems_of({}, dotenv)
    assert problem == f"{dotenv} is not UTF-8 text: save it again in that encoding."


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.2", "familiar.example"])  # noqa: S104 (a value: nothing listens)
def test_other_machines_are_let_in_only_with_a_token(host: str) -> None:
    (problem,) = problems_of({"FAMILIAR_HOST": host})
    assert "FAMILIAR_API_TOKEN" in problem
    assert not load_settings({"FAMILIAR_HOST": host, "FAMILIAR_API_TOKEN": KEY}).loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_needs_no_token(host: str) -> None:
    assert load_settings({"FAMILIAR_HOST": host}).loopback


def test_a_value_that_is_wrong_already_is_not_complained_about_twice() -> None:
    environ = {"FAMILIAR_HOST": "0.0.0.0", "FAMILIAR_API_TOKEN": "two words"}  # noqa: S104 (a value: nothing listens)
    (problem,) = problems_of(environ)
    assert problem.startswith("FAMILIAR_API_TOKEN ")


def test_an_adapter_gets_the_settings_that_begin_with_its_name() -> None:
    settings = load_settings(
        {
            "FAMILIAR_ADAPTERS": "matrix, my_package.chat:irc_adapter",
            "MATRIX_TOKEN": KEY,
            "IRC_URL": "irc://127.0.0.1",
            "OTHER": "x",
        }
    )
    shown = {
        spec: {name: value.get_secret_value() for name, value in own.items()}
        for spec, own in settings.adapter_settings.items()
    }
    assert shown == {
        "matrix": {"MATRIX_TOKEN": KEY},
        "my_package.chat:irc_adapter": {"IRC_URL": "irc://127.0.0.1"},
    }
    assert KEY not in repr(settings)


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(SettingsError, match="time zone"):
        load_settings({"FAMILIAR_TIME_ZONE": "Lisbon"})


def test_of_discord_it_asks_the_least_unless_it_is_told_to_ask_more() -> None:
    least = load_settings({"DISCORD_BOT_TOKEN": DISCORD})
    assert (least.discord_message_content, least.discord_sharded) == (False, False)
    more = load_settings({"DISCORD_MESSAGE_CONTENT": "1", "DISCORD_SHARDED": "true"})
    assert (more.discord_message_content, more.discord_sharded) == (True, True)


def test_no_secret_is_ever_shown() -> None:
    secrets = {
        "FAMILIAR_API_TOKEN": KEY,
        "FAMILIAR_MODEL_API_KEY": KEY,
        "TELEGRAM_BOT_TOKEN": f"12345:{KEY}",
        "TELEGRAM_WEBHOOK_SECRET": KEY,
        "DISCORD_BOT_TOKEN": DISCORD,
        "OPENAI_API_KEY": KEY,
        "DATABASE_URL": f"postgres://me:{KEY}@host/db",
    }
    settings = load_settings(secrets)
    assert settings.api_token == SecretStr(KEY)
    assert KEY not in repr(settings)
    assert KEY not in str(settings)
    assert KEY not in settings.model_dump_json(
        exclude={"provider_keys", "adapter_settings", "database_url"}
    )
    with pytest.raises(SettingsError) as caught:
        load_settings({**secrets, "FAMILIAR_PORT": KEY, "FAMILIAR_ACCESS": KEY})
    # Nor in what a traceback would print: no cause that quotes its input.
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_every_setting_can_be_set_by_its_name() -> None:
    special = {"telegram_bot_token", "discord_gateway_url"}
    assert {"TELEGRAM_BOT_TOKEN", "DISCORD_GATEWAY_URL", "FAMILIAR_PORT"} <= set(FIELDS)
    assert special <= set(FIELDS.values())
    assert next(iter(FIELDS)) == "FAMILIAR_DATABASE_URL"
    gathered = {"provider_keys", "adapter_settings"}
    assert set(FIELDS.values()) | gathered == set(Settings.model_fields)
