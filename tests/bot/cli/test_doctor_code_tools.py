"""The doctor says whether tools may bring their own code, and what shuts it in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping

import pytest
from typer.testing import CliRunner

from bot import sandbox
from bot.cli import app as familiar


def finding(**settings: str) -> Mapping[str, object]:
    result = CliRunner().invoke(familiar, ["doctor", "--json"], env=settings)
    (found,) = [each for each in json.loads(result.stdout) if each["subject"] == "code tools"]
    assert isinstance(found, dict)
    return found


def test_where_they_are_off_it_says_so() -> None:
    found = finding()
    assert (found["ok"], found["text"]) == (True, "not allowed")


def test_where_they_are_allowed_it_tries_what_shuts_them_in() -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap isn't installed (on Debian and Ubuntu: apt install bubblewrap)")
    found = finding(FAMILIAR_ALLOW_CODE_TOOLS="1")
    assert (found["ok"], "shut in by bubblewrap" in str(found["text"])) == (True, True)


def test_where_nothing_shuts_them_in_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "enclosures", lambda: ())
    found = finding(FAMILIAR_ALLOW_CODE_TOOLS="1")
    assert found["ok"] is False
    assert "install bubblewrap" in str(found["text"])
