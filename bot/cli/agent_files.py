"""`familiar agents export` and `import`: agents as files."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import running
from bot.cli.asking import ask_service
from bot.cli.options import Json

STANDARD = Path("-")


def agents_export(
    who: Annotated[
        str, typer.Argument(help="An agent's id, or a name used with `familiar chat --user`.")
    ],
    file: Annotated[Path, typer.Argument(help="Where to put it; - for standard output.")],
    *,
    messages: Annotated[
        bool, typer.Option(help="With what was said. Without, it can be given to others.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Put an agent into a file (.af), with its memory, its history, its archive and its tools.

    Letta servers read it as well. The person can see that you took it.
    """
    if file != STANDARD and file.exists() and not force:
        running.fail(f"{file} is there already. Choose another name, or say --force.")
    found = ask_service("agents.export", {"who": who, "without_messages": not messages})
    text = found.pop("file")
    if file == STANDARD:
        sys.stdout.write(text)
        return
    try:
        _write(file, text)
    except OSError as error:
        running.fail(running.sentence_of(error))
    if as_json:
        running.print_json({**found, "file": str(file)})
        return
    running.say(f"{file}: {found['name']}, {found['messages']} messages.")
    if messages:
        running.say("It holds what was said: keep it as safe as the database.")


def _write(file: Path, text: str) -> None:
    """For the owner's eyes alone."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)


def agents_import(
    file: Annotated[Path, typer.Argument(help="An agent file (.af); - for standard input.")],
    *,
    name: Annotated[str | None, typer.Option(help="What the agent is called here.")] = None,
    model: Annotated[str | None, typer.Option(help="The model that it uses here.")] = None,
    messages: Annotated[bool, typer.Option(help="With what was said.")] = True,
    replace_tools: Annotated[
        bool, typer.Option("--replace-tools", help="Tools of the same name are replaced.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make agents from a file of ours or of a Letta server.

    Import what you would let talk to people: its instructions and its memory are taken at their
    word. Its tools come switched off.
    """
    running.settings()  # before the file: what is wrong there is wrong with every command
    try:
        data = sys.stdin.buffer.read() if file == STANDARD else file.read_bytes()
    except OSError as error:
        running.fail(running.sentence_of(error))
    found = ask_service(
        "agents.import",
        {
            "file": base64.b64encode(data).decode(),
            "name": name,
            "model": model,
            "without_messages": not messages,
            "replace_tools": replace_tools,
        },
    )
    if as_json:
        running.print_json(found)
        return
    for agent in found["agents"]:
        running.say(f"{agent['id']}  {agent['name']}  {agent['messages']} messages")
    for sentence in found["left_out"]:
        running.say(f"Left out: {sentence}")
    for tool in found["tools_to_switch_on"]:
        running.say(f"Switched off until you have read it: the tool {tool}")
