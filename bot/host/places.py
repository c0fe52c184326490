"""Where the files of a service are. Knows nothing of what is in them."""

from __future__ import annotations

import os
from pathlib import Path

from agentcore.errors import BadInput
from config.database_url import SqliteUrl
from config.settings import Settings

TERMINAL_HISTORY = "chat-history"
EXPORTS = "exports"
"""Where `familiar chat` keeps the lines that were typed, in the data folder."""


def sqlite_path(settings: Settings) -> Path:
    """The database file, which need not be there yet.

    Raises:
        BadInput: the settings name a database of another kind, or a place that no file can have.
    """
    match settings.database:
        case SqliteUrl(path=path):
            path = path.absolute()
        case _:
            msg = (
                "This version serves SQLite only. Leave FAMILIAR_DATABASE_URL and DATABASE_URL "
                "unset, or use sqlite:///path/to/file.db."
            )
            raise BadInput(msg)
    try:
        if path.is_dir():
            msg = f"{path} is a folder. {_OTHER_PLACE}"
            raise BadInput(msg)
        if in_the_way := next((each for each in path.parents if each.is_file()), None):
            msg = f"{in_the_way} is a file, so there can't be a database in it. {_OTHER_PLACE}"
            raise BadInput(msg)
    except OSError as error:
        msg = f"{path} can't be reached: {error.strerror}. {_OTHER_PLACE}"
        raise BadInput(msg) from error
    return path


_OTHER_PLACE = "Choose another place with FAMILIAR_DATA_DIR or FAMILIAR_DATABASE_URL."


def prepare_folder(path: Path) -> None:
    """Make the folder that a file goes into; nobody else may look into a new one.

    Raises:
        BadInput: it can't be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        msg = f"The folder {path.parent} can't be made: {error.strerror}. {_OTHER_PLACE}"
        raise BadInput(msg) from error
    if not os.access(path.parent, os.W_OK | os.X_OK):
        msg = f"The folder {path.parent} can't be written to: mend its permissions. {_OTHER_PLACE}"
        raise BadInput(msg)


def lock_path(database: Path) -> Path:
    """The lock file beside a database."""
    return database.with_name(f"{database.name}.lock")
