"""The key that visitors' cookies and codes are signed with, in a file of its own."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path

from agentcore.errors import BadInput

FILE = "secret.key"
_BYTES = 32


def secret_key(folder: Path) -> bytes:
    """The key in `folder`, made if there is none. Whoever has it can pass for any visitor.

    Raises:
        BadInput: the file can't be read or made, is open to others, or holds no key.
    """
    path = folder / FILE
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            msg = f"{path} can be read by others: chmod 600 {path}"
            raise BadInput(msg)
        text = path.read_text("ascii").strip()
        key = bytes.fromhex(text)
    except OSError as error:
        msg = f"{path} can't be used: {error.strerror}. Mend its permissions."
        raise BadInput(msg) from error
    except ValueError as error:  # neither the text nor the error may be quoted
        msg = _NO_KEY.format(path=path)
        raise BadInput(msg) from error
    if len(key) < _BYTES:
        raise BadInput(_NO_KEY.format(path=path))
    return key


_NO_KEY = "{path} holds no key. Restore it from a backup; without it, delete it: every visitor of the web page is then a stranger."


def _make(path: Path) -> None:
    """Whole or not at all, and never over another process's."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass  # somebody else made it meanwhile: that one counts
    finally:
        Path(temporary).unlink()
