"""The `familiar` command and its groups."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bot.cli import backups, running
from bot.cli.agent_files import agents_export, agents_import
from bot.cli.asking import ask_service
from bot.cli.doctor import examine
from bot.cli.evaluating import evaluate
from bot.cli.importing import importing
from bot.cli.init import init
from bot.cli.options import Json
from bot.cli.parked import parked
from bot.cli.people import users
from bot.cli.sleeping import agents_sleep
from bot.cli.stats import stats
from bot.cli.tokens import tokens
from bot.host.lockfile import ServiceLock
from bot.host.places import TERMINAL_HISTORY, lock_path, prepare_folder, sqlite_path

app = typer.Typer(
    name="familiar",
    help="A chat bot service whose agents remember each person for good.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The database's schema.", no_args_is_help=True)
agents = typer.Typer(help="The agents of this service.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(agents, name="agents")
app.add_typer(users, name="users")
app.add_typer(parked, name="parked")
app.add_typer(tokens, name="token")
app.add_typer(importing, name="import")


@app.command(epilog="Example: PORT=9000 familiar serve")
def serve(
    role: Annotated[
        list[str] | None, typer.Option(help="What this process does; on SQLite always all.")
    ] = None,
) -> None:
    """Run the service in the foreground."""
    if set(role or ["all"]) != {"all"}:
        running.fail(
            "One process does everything on SQLite: leave --role out, or say --role all. "
            "Roles apart need PostgreSQL, which this version doesn't serve yet."
        )
    chosen = running.settings()

    async def work() -> int:
        from bot.host.logs import set_up  # noqa: PLC0415
        from bot.http.server import CannotListen  # noqa: PLC0415
        from bot.serving import serve as serve_all  # noqa: PLC0415 (web server and engine)

        set_up()
        try:
            await serve_all(chosen)
        except CannotListen as error:
            running.fail(str(error))
        return 0

    running.run(work)


@app.command(epilog='Example: echo "Where do I live?" | familiar chat --user ada')
def chat(
    user: Annotated[str, typer.Option(help="Who you are; each name has an agent of its own.")] = "",
) -> None:
    """Talk to your agent in the terminal, or through a pipe: one message per line."""
    chosen = running.settings()
    name = user or os.environ.get("USER", "") or "you"  # noqa: TID251 (whose terminal it is)

    async def work() -> int:
        import logging  # noqa: PLC0415

        from adapters.terminal import Console  # noqa: PLC0415
        from adapters.terminal import chat as talk  # noqa: PLC0415
        from bot.host.logs import set_up  # noqa: PLC0415

        set_up(level=logging.ERROR)
        history = chosen.data_dir / TERMINAL_HISTORY
        colour = not os.environ.get("NO_COLOR")  # noqa: TID251 (a convention of terminals)
        async with running.service(chosen) as service:
            return await talk(service, name, Console.standard(history=history, colour=colour))

    running.run(work)


@app.command(epilog="Example: familiar doctor --json")
def doctor(
    *,
    model: Annotated[
        bool,
        typer.Option(help="Try the models in use: three short requests each, a part of a cent."),
    ] = True,
    as_json: Json = False,
) -> None:
    """Look at settings, models, database and service; say what is wrong and how to mend it.

    Exit code 1 if something is.
    """
    findings = examine(try_models=model)
    if as_json:
        running.print_json([finding.as_data() for finding in findings])
    else:
        for finding in findings:
            running.say(finding.as_text())
    raise typer.Exit(1 if any(not finding.good for finding in findings) else 0)


app.command("init", epilog="Example: familiar init --model openai/gpt-4o-mini --yes")(init)
app.command("stats", epilog="Example: familiar stats --json")(stats)
app.command("eval", epilog="Example: familiar eval --model openai/gpt-4o-mini --threshold 80")(
    evaluate
)
app.command("backup", epilog="Example: familiar backup /backups/familiar-today.tar.gz")(
    backups.backup
)
app.command("restore", epilog="Example: familiar restore /backups/familiar-today.tar.gz")(
    backups.restore
)


agents.command("export", epilog="Example: familiar agents export ada ada.af")(agents_export)
agents.command("import", epilog="Example: familiar agents import ada.af --name Ada")(agents_import)
agents.command("sleep", epilog="Example: familiar agents sleep ada --preview")(agents_sleep)


@database.command("upgrade", epilog="Example: familiar db upgrade")
def db_upgrade() -> None:
    """Bring the schema up to date; an older database is copied first."""
    chosen = running.settings()

    async def work() -> int:
        from agentcore.sqlstore.engine.schema import upgrade_sqlite  # noqa: PLC0415

        path = sqlite_path(chosen)
        prepare_folder(path)
        with ServiceLock.acquire(lock_path(path)):
            copy = upgrade_sqlite(path)
        running.say(f"{path} is up to date.")
        if copy is not None:
            running.say(f"As it was before: {copy}")
        return 0

    running.run(work)


@database.command("check", epilog="Example: familiar db check")
def db_check(*, as_json: Json = False) -> None:
    """Say whether the schema is this program's; exit code 1 if it isn't."""
    chosen = running.settings()

    async def work() -> int:
        from agentcore.sqlstore.engine.schema import SchemaState, sqlite_state  # noqa: PLC0415

        path = sqlite_path(chosen)
        state = sqlite_state(path)
        if as_json:
            running.print_json({"database": str(path), "schema": state.value})
        else:
            running.say(f"{path}: {_STATES[state.value]}")
        return 0 if state is SchemaState.CURRENT else 1

    running.run(work)


@database.command("reindex", epilog="Example: familiar db reindex")
def db_reindex(*, as_json: Json = False) -> None:
    """Make anew what messages are found by. A service does so by itself when an upgrade asks for it;
    while one runs, it goes on answering.
    """
    done = ask_service("index.rebuild", {"from_the_start": True})["done"]
    while not done:
        done = ask_service("index.rebuild", {})["done"]
    if as_json:
        running.print_json({"done": True})
    else:
        running.say("All messages are indexed anew.")


_STATES = {
    "current": "up to date.",
    "empty": "not made yet. `familiar db upgrade` makes it, and so does the first start.",
    "older": "of an older version. Run `familiar db upgrade`.",
    "newer": "of a newer version of Familiar. Upgrade this program.",
}


@agents.command("list", epilog="Example: familiar agents list --limit 20")
def agents_list(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 100,
    as_json: Json = False,
) -> None:
    """List the agents, newest first."""
    found = ask_service("agents.list", {"limit": limit})
    if as_json:
        running.print_json(found)
        return
    for agent in found:
        running.say(
            f"{agent['id']}  {agent['created_at']}  {agent['template']}  {agent['name']}"
            f"{_absorbed(agent)}"
        )


def _absorbed(agent: Mapping[str, Any]) -> str:
    """The mark of an agent that answers nobody any more."""
    taker = agent["absorbed_by"]
    return "" if taker is None else f"  (linked: {taker} answers, and knows what this one heard)"


@agents.command("show", epilog="Example: familiar agents show agent-2f0c…")
def agents_show(
    agent_id: Annotated[str, typer.Argument(help="An id from `familiar agents list`.")],
    *,
    as_json: Json = False,
) -> None:
    """Show an agent's memory blocks and last turns. The person can see that you looked."""
    found = ask_service("agents.show", {"agent_id": agent_id})
    if as_json:
        running.print_json(found)
        return
    origin = found["template"] or "without a template"
    running.say(
        f"{found['id']}  {found['name']}  ({origin}, {found['created_at']}){_absorbed(found)}"
    )
    for block in found["blocks"]:
        running.say(f"\n{block['label']}  {block['characters']} of {block['limit']} characters")
        running.say(block["value"] or "(empty)")
    running.say("\nLast turns")
    for turn in found["turns"]:
        trouble = f"  {turn['error']}" if turn["error"] else ""
        running.say(
            f"{turn['started_at']}  {turn['kind']}  {turn['state']}  {turn['stop_reason']}{trouble}"
        )
