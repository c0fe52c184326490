"""Every setting of the service, as one frozen record.

Owns names, types, defaults and bounds, and the one way to load them. A field `x` is written
`FAMILIAR_X` in the environment or in `.env`; `telegram_x` and `discord_x` take no prefix.
Knows nothing of the process: `load_settings` is handed the environment and reads no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.complaints import complaint
from config.database_url import DatabaseUrl, SqliteUrl
from config.environment import PREFIX, Given, read_sources
from config.platforms import PlatformSettings, platform_contradictions
from config.provider_keys import missing_key, provider_key
from config.values import (
    AdapterSettings,
    Database,
    HttpAddress,
    ModelPrice,
    Names,
    ProviderKeys,
    SecretWord,
    Word,
    Zone,
    is_loopback,
)

OFFLINE = "offline"
"""The name of the built-in model that needs no key and no network."""


class SettingsError(Exception):
    """The settings can't be used; `problems` holds one sentence for each thing to mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(PlatformSettings):
    """What the operator chose. Made by `load_settings`; tests may name fields directly."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=False
    )

    database_url: Database | None = Field(
        None,
        description="Where everything is kept: `sqlite:///relative.db`, `sqlite:////absolute.db` "
        "or `postgres://…`. Plain `DATABASE_URL` is honoured too. "
        "Default: `familiar.db` in `FAMILIAR_DATA_DIR`.",
    )
    data_dir: Path = Field(
        Path("data"), description="Folder for the database and the service's own files."
    )
    host: Word = Field(
        "127.0.0.1",
        description="Address to listen on. Anything but loopback needs `FAMILIAR_API_TOKEN`.",
    )
    port: int = Field(
        8283, ge=0, le=65535, description="Port to listen on (0: any free one). Plain `PORT` too."
    )
    api_token: SecretWord | None = Field(
        None,
        description="The operator's bearer token for the HTTP interface. `familiar token create` "
        "makes more, for the REST API.",
    )
    api_rate: int = Field(
        60_000,
        ge=0,
        le=1_000_000,
        description="Most requests to the REST API in a minute with one token (`0`: any number). "
        "Programs on this machine that need no token aren't counted.",
    )
    egress_allow: Names = Field(
        (),
        description="Private hosts, `name` or `name:port`, that webhooks may reach all the same.",
    )
    model: Word = Field(
        OFFLINE,
        description="Model of new agents, by its litellm name, such as `openai/gpt-4o-mini`. "
        "Its provider's key goes into that provider's variable, such as `OPENAI_API_KEY`. "
        "`offline` is a rule-based stand-in that needs no key.",
    )
    fallback_models: Names = Field(
        (),
        description="Models to try, in this order, when the first doesn't answer; commas between.",
    )
    models: Names = Field(
        (),
        description="Models an agent may use, commas between; `FAMILIAR_MODEL` and its fallbacks "
        "always may. Default: these and `offline`.",
    )
    model_base_url: HttpAddress | None = Field(
        None, description="Address of an OpenAI-compatible server, for `FAMILIAR_MODEL` alone."
    )
    model_api_key: SecretWord | None = Field(
        None, description="Key for `FAMILIAR_MODEL` alone, instead of its provider's."
    )
    model_price: ModelPrice | None = Field(
        None,
        description="US dollars that a million tokens cost with `FAMILIAR_MODEL`, read and "
        "written, such as `3/15`. Default: from litellm's table. Without either, a budget counts "
        "each call as one of the dearest models.",
    )
    model_client: Literal["auto", "litellm", "direct"] = Field(
        "auto",
        description="How models are reached: `litellm` (any provider), `direct` (plain HTTP: faster, "
        "lighter, for OpenAI-compatible ones alone) or `auto` (direct at `FAMILIAR_MODEL_BASE_URL` "
        "and at OpenAI, else litellm).",
    )
    sleep_minutes: int = Field(
        30,
        ge=0,
        le=10_080,
        description="Minutes without a message after which an agent goes over what was said and "
        "puts its memory in order (`0`: never). Only if something new was said, and not with the "
        "last fifth of a day's budget.",
    )
    sleep_model: Word | None = Field(
        None,
        description="Model for that, such as a cheaper one. An agent for which a model was chosen "
        "uses that one. Default: the agent's own.",
    )
    context_window: int | None = Field(
        None,
        ge=2_000,
        le=10_000_000,
        description="Most tokens sent to a model at once. Default: the model's own window, "
        "at most 16,000; a large window is a large bill.",
    )
    embedding_model: Word | None = Field(
        None,
        description="Model that makes old messages findable by what they mean, by its litellm name, "
        "such as `openai/text-embedding-3-small`. Its provider reads every message. Default: none; "
        "messages are found by their words.",
    )
    embedding_base_url: HttpAddress | None = Field(
        None, description="Address of an OpenAI-compatible server, for the embedding model alone."
    )
    embedding_api_key: SecretWord | None = Field(
        None, description="Key for the embedding model alone, instead of its provider's."
    )
    embedding_price: Decimal | None = Field(
        None,
        ge=0,
        le=1_000,
        description="US dollars that a million tokens cost with the embedding model. Default: from "
        "litellm's table.",
    )
    template: Word = Field("friend", description="Template that new agents are made from.")
    templates_dir: Path | None = Field(
        None, description="Folder with more templates (`*.yaml`), or others of the same names."
    )
    access: Literal["open", "pairing", "allowlist"] | None = Field(
        None,
        description="Who may talk to the bot: `open` (everyone), `pairing` (whom the operator "
        "approves) or `allowlist`. Default: `open` with the offline model, else `pairing`.",
    )
    consent: Literal["notice", "required"] = Field(
        "notice",
        description="Whether a newcomer is told what is stored (`notice`) or must first agree "
        "(`required`).",
    )
    groups: Literal["off", "shared", "personal"] = Field(
        "shared",
        description="Who answers in group chats: nobody (`off`), one agent for the group (`shared`), "
        "or each member's own, of whose memory a group sees what `/share` let it (`personal`).",
    )
    daily_budget_usd: Decimal | None = Field(
        None,
        ge=0,
        le=1_000_000,
        description="Most US dollars to spend on models in one day (UTC). What a call may cost is "
        "set aside before it. Default: no limit.",
    )
    daily_messages_per_user: int = Field(
        200, ge=1, le=1_000_000, description="Most messages one user may send in one day."
    )
    retention_days: int | None = Field(
        None, ge=1, le=36_500, description="Days to keep messages. Default: for good."
    )
    web_open: bool = Field(
        default=False,
        description="Let everybody who can reach the web page in (`1`), not only those with an "
        "invitation from `familiar users invite`. On loopback everybody is let in.",
    )
    public_url: HttpAddress | None = Field(
        None,
        description="The address at which people reach this service, such as "
        "`https://chat.example.org`. Requests for other names than this one and this machine's "
        "own are refused. The REST API always takes a token then.",
    )
    adapters: Names = Field(
        (),
        description="More adapters to run, commas between: names of the entry point group "
        "`familiar.adapters`, or `module:attribute`. An adapter `x` gets the settings `X_…`.",
    )
    allow_code_tools: bool = Field(
        default=False,
        description="Let administrators make tools of their own Python code over the API (`1`). "
        "It runs apart from all else, which takes Linux with bubblewrap, or root: see "
        "`docs/tools.md`.",
    )
    time_zone: Zone = Field(
        "UTC", description="Time zone of people who named none, such as `Europe/Lisbon`."
    )
    provider_keys: ProviderKeys = Field(default_factory=lambda: MappingProxyType({}))
    adapter_settings: AdapterSettings = Field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `load_settings` reads both places and finds misspelt names."""
        return (init_settings,)

    @property
    def database(self) -> DatabaseUrl:
        """The database to use: the one that was set, or the file in the data folder."""
        return self.database_url or SqliteUrl(self.data_dir / "familiar.db")

    @property
    def access_mode(self) -> Literal["open", "pairing", "allowlist"]:
        """Who may talk to the bot, as set, or as is safe: strangers don't spend real money."""
        free = {self.model, self.sleep_model} <= {OFFLINE, None}
        return self.access or ("open" if free else "pairing")

    @property
    def allowed_models(self) -> tuple[str, ...]:
        """The models that agents may use, the main one first."""
        always = (self.model, *self.fallback_models)
        return tuple(dict.fromkeys((*always, *(self.models or (OFFLINE,)))))

    @property
    def used_models(self) -> tuple[str, ...]:
        """All models that may be called: those that agents may use, and the one for sleep-time."""
        return tuple(dict.fromkeys((*self.allowed_models, *filter(None, [self.sleep_model]))))

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach `host`."""
        return is_loopback(self.host)

    @property
    def api_open(self) -> bool:
        """Whether the REST API takes no token: nobody but this machine's own programs reaches it.
        With a public address, a proxy may bring in anybody.
        """
        addresses = filter(None, [self.public_url, self.telegram_webhook_url])
        proxied = not all(is_loopback(urlsplit(each).hostname or "") for each in addresses)
        return self.loopback and not proxied and self.api_token is None

    @property
    def web_for_everybody(self) -> bool:
        """Whether the web page needs no invitation."""
        return self.web_open or self.loopback

    def api_key(self, model: str) -> SecretStr | None:
        """The key to send with calls of `model`; None when none is known."""
        if model == self.model and self.model_api_key is not None:
            return self.model_api_key
        if model == self.embedding_model and self.embedding_api_key is not None:
            return self.embedding_api_key
        return provider_key(model, self.provider_keys)

    def missing_provider_key(self, model: str) -> str | None:
        """The name of the key that `model` needs and nobody gave, such as `OPENAI_API_KEY`.

        None when there is one, when a base URL or a key of its own serves this model, and for
        providers that may need no key.
        """
        if model == self.embedding_model and (self.embedding_base_url or self.embedding_api_key):
            return None
        if model == self.model and (self.model_base_url or self.model_api_key):
            return None
        return missing_key(model, self.provider_keys)


_GATHERED = frozenset({"provider_keys", "adapter_settings"})
"""Fields that aren't one name's value, but gathered from many."""


def env_name(field: str) -> str:
    """The name a field of `Settings` has in the environment and in `.env`."""
    name = field.upper()
    return name if name.startswith(("TELEGRAM_", "DISCORD_")) else PREFIX + name


FIELDS: Mapping[str, str] = MappingProxyType(
    {
        env_name(field): field
        for field in sorted(Settings.model_fields, key=PlatformSettings.model_fields.__contains__)
        if field not in _GATHERED
    }
)
"""The field behind each name that can be written in the environment or in `.env`; those of the
platforms last.
"""

PLAIN_NAMES: Mapping[str, str] = MappingProxyType({"PORT": "port", "DATABASE_URL": "database_url"})
"""Names that hosting platforms set; the one with our prefix, wherever it is written, wins."""


def load_settings(environ: Mapping[str, str], dotenv: Path | None = None) -> Settings:
    """The settings written in `environ` and in the file `dotenv`; `environ` wins.

    Names ending in `_API_KEY` that aren't ours are kept as `provider_keys`; all other foreign
    names are ignored.

    Raises:
        SettingsError: misspelt names, bad values, values that contradict each other: all at once.
    """
    sources = read_sources(environ, dotenv, FIELDS)
    given: dict[str, Given] = {}
    for name, field in (*PLAIN_NAMES.items(), *FIELDS.items()):  # the later one wins
        if name in sources.given:
            given[field] = sources.given[name]
    keys = {
        name: SecretStr(item.value)
        for name, item in sources.given.items()
        if name.endswith("_API_KEY") and not name.startswith(PREFIX)
    }
    gathered = {"provider_keys": keys, "adapter_settings": _adapter_settings(sources.given)}
    settings, bad_values = _validated(given, gathered)
    contradictions = [
        text for fields, text in _contradictions(settings) if not fields & bad_values.keys()
    ]
    problems = (*sources.problems, *bad_values.values(), *contradictions)
    if problems:
        raise SettingsError(problems)
    return settings


def _validated(
    given: Mapping[str, Given], gathered: Mapping[str, Any]
) -> tuple[Settings, dict[str, str]]:
    """The record, and a sentence for each field whose value is no good and was left out of it."""
    values: dict[str, Any] = {field: item.value for field, item in given.items()}
    values |= gathered
    try:
        return Settings.model_validate(values), {}
    except ValidationError as error:
        bad = {
            field: f"{given[field].name} in {given[field].place} {complaint(details)}."
            for details in error.errors(include_url=False)
            if (field := str(details["loc"][0])) in given
        }
    good = {field: value for field, value in values.items() if field not in bad}
    return Settings.model_validate(good), bad


def _adapter_settings(given: Mapping[str, Given]) -> dict[str, dict[str, SecretStr]]:
    """For each adapter of `FAMILIAR_ADAPTERS`, the values that begin with its name."""
    names = given[env_name("adapters")].value.split(",") if env_name("adapters") in given else []
    found: dict[str, dict[str, SecretStr]] = {}
    for spec in filter(None, map(str.strip, names)):
        prefix = f"{adapter_name(spec).upper()}_"
        found[spec] = {
            name: SecretStr(item.value) for name, item in given.items() if name.startswith(prefix)
        }
    return found


def adapter_name(spec: str) -> str:
    """The name of an entry of `FAMILIAR_ADAPTERS`, which its settings begin with."""
    return spec.rpartition(":")[2].replace("-", "_").removesuffix("_adapter")


def _contradictions(settings: Settings) -> Iterator[tuple[frozenset[str], str]]:
    """Values that are good alone but not together: the fields concerned, and the sentence."""
    if not settings.loopback and settings.api_token is None:
        yield (
            frozenset({"host", "api_token"}),
            f"FAMILIAR_HOST is {settings.host!r}, which other machines can reach: "
            "set FAMILIAR_API_TOKEN as well, or listen on 127.0.0.1.",
        )
    yield from platform_contradictions(settings)
