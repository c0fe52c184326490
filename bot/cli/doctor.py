"""`familiar doctor`: one finding per thing that must be right, each with its fix."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agentcore.errors import BadInput, FamiliarError
from bot.cli.running import DOTENV, sentence_of
from bot.lockfile import read_lock
from bot.serving_lock import lock_path
from config.settings import OFFLINE, Settings, SettingsError, load_settings

LEAST_FREE = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do if it isn't good."""

    subject: str
    good: bool
    text: str
    fix: str = ""

    def as_text(self) -> str:
        mark = "ok  " if self.good else "BAD "
        return f"{mark} {self.subject}: {self.text}" + (f"\n     {self.fix}" if self.fix else "")

    def as_data(self) -> Mapping[str, Any]:
        return {"subject": self.subject, "ok": self.good, "text": self.text, "fix": self.fix}


def examine() -> list[Finding]:
    """Look at everything that can be looked at; later checks need earlier ones."""
    try:
        chosen = load_settings(os.environ, DOTENV)  # noqa: TID251 (the program's own edge)
    except SettingsError as error:
        return [
            Finding("settings", good=False, text=problem, fix="README.md lists every setting.")
            for problem in error.problems
        ]
    from bot.app import sqlite_path  # noqa: PLC0415 (imports the engine)

    findings = [Finding("settings", good=True, text="all known, all valid")]
    for name, check in (("model", _model), ("template", _template)):
        findings += _guarded(name, partial(check, chosen))
    try:
        path = sqlite_path(chosen)
    except BadInput as error:
        return [*findings, Finding("database", good=False, text=str(error))]
    for name, look in (
        ("folder", _folder),
        ("database", _database),
        ("disk", _disk),
        ("service", _service),
    ):
        findings += _guarded(name, partial(look, path))
    return findings


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except (FamiliarError, OSError) as error:
        return [Finding(name, good=False, text=sentence_of(error))]


def _model(chosen: Settings) -> Iterator[Finding]:
    for model in chosen.allowed_models:
        if missing := chosen.missing_provider_key(model):
            yield Finding("model", good=False, text=f"{model} has no key", fix=f"Set {missing}.")
        elif model == OFFLINE and chosen.model == OFFLINE:
            yield Finding(
                "model",
                good=True,
                text="offline, the built-in stand-in that follows rules",
                fix="For a real one: FAMILIAR_MODEL=openai/gpt-4o-mini and OPENAI_API_KEY=…",
            )
        elif model != OFFLINE:
            yield Finding("model", good=True, text=model)


def _template(chosen: Settings) -> Iterator[Finding]:
    from bot.offers import template_of  # noqa: PLC0415 (imports the engine)

    template = template_of(chosen)
    yield Finding("template", good=True, text=f"{template.name}, version {template.version}")


def _folder(database: Path) -> Iterator[Finding]:
    folder = database.parent
    if not folder.exists():
        yield Finding("folder", good=True, text=f"{folder} will be made at the first start")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "folder",
            good=False,
            text=f"{folder} can't be written to",
            fix=f"chown or chmod it, for example: chmod u+rwx {folder}",
        )
    elif stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield Finding(
            "folder",
            good=folder == Path.cwd(),
            text=f"other users of this machine can look into {folder}",
            fix=f"chmod 700 {folder}",
        )
    else:
        yield Finding("folder", good=True, text=f"{folder}, for its owner only")


def _database(path: Path) -> Iterator[Finding]:
    from agentcore.sqlstore.schema import SchemaState, sqlite_state  # noqa: PLC0415

    match sqlite_state(path):
        case SchemaState.CURRENT:
            yield Finding("database", good=True, text=f"{path} is up to date")
        case SchemaState.EMPTY:
            yield Finding("database", good=True, text=f"{path} will be made at the first start")
        case SchemaState.OLDER:
            yield Finding(
                "database",
                good=False,
                text=f"{path} is of an older version",
                fix="Run: familiar db upgrade",
            )
        case SchemaState.NEWER:
            yield Finding(
                "database",
                good=False,
                text=f"{path} is of a newer version of Familiar",
                fix="Upgrade this program, or restore an older backup.",
            )


def _disk(database: Path) -> Iterator[Finding]:
    folder = database.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free // 2**20:,} MB free"
    fix = "" if free >= LEAST_FREE else "Free some space: nothing can be stored on a full disk."
    yield Finding("disk", good=free >= LEAST_FREE, text=text, fix=fix)


def _service(database: Path) -> Iterator[Finding]:
    import httpx  # noqa: PLC0415

    found = read_lock(lock_path(database))
    if found is None:
        yield Finding("service", good=True, text="not running", fix="To start it: familiar serve")
        return
    if not found.url:
        yield Finding("service", good=True, text=f"process {found.pid} works on the database")
        return
    try:
        answer = httpx.get(f"{found.url}/readyz", timeout=5.0, trust_env=False)
        ready, detail = answer.status_code == 200, answer.json().get("checks")
    except (httpx.HTTPError, ValueError) as error:
        ready, detail = False, type(error).__name__
    yield Finding(
        "service",
        good=ready,
        text=f"process {found.pid} at {found.url}" + ("" if ready else f" is not ready: {detail}"),
        fix="" if ready else "Look at its log; stop and start it if it stays so.",
    )
