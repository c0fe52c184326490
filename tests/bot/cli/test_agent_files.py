"""`familiar agents export` and `import`, with and without a running service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.agentcore.agentfile.test_agent_files import letta_file


@pytest.fixture(autouse=True)
def database() -> None:
    run("db", "upgrade")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "yak.af"
    path.write_text(json.dumps(letta_file()))
    return path


def run(*command: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, command, input=stdin)


def test_an_agent_comes_in_from_a_file_and_goes_out_into_one(file: Path, tmp_path: Path) -> None:
    came = json.loads(run("agents", "import", str(file), "--name", "Yak", "--json").stdout)
    (agent,) = came["agents"]
    assert (agent["name"], agent["messages"]) == ("Yak", 4)
    assert came["tools_to_switch_on"] == ["weather"]
    assert "Yak  (without a template, " in run("agents", "show", agent["id"]).stdout

    out = tmp_path / "out.af"
    said = run("agents", "export", agent["id"], str(out))
    assert (said.exit_code, "4 messages" in said.stdout) == (0, True)
    assert out.stat().st_mode & 0o777 == 0o600
    written = json.loads(out.read_text())
    assert written["agents"][0]["name"] == "Yak"

    assert run("agents", "export", agent["id"], str(out)).exit_code == 1
    assert run("agents", "export", agent["id"], str(out), "--force").exit_code == 0
    silent = run("agents", "export", agent["id"], "-", "--no-messages").stdout
    assert len(json.loads(silent)["agents"][0]["messages"]) == 1
    assert run("agents", "import", "-", stdin=silent.encode()).exit_code == 0


def test_what_does_not_come_along_is_said(file: Path) -> None:
    said = run("agents", "import", str(file)).stdout
    assert "Left out: The tool send_message" in said
    assert "Switched off until you have read it: the tool weather" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), ("{", "no JSON"), ('{"agents": []}', "`agents`")],
)
def test_a_file_that_is_none_is_refused_with_the_reason(
    tmp_path: Path, content: str | None, says: str
) -> None:
    path = tmp_path / "bad.af"
    if content is not None:
        path.write_text(content)
    result = run("agents", "import", str(path))
    assert (result.exit_code, says in result.stderr) == (1, True)
    assert json.loads(run("agents", "list", "--json").stdout) == []


def test_an_agent_that_is_not_there_cannot_go_out(tmp_path: Path) -> None:
    result = run("agents", "export", "nobody", str(tmp_path / "x.af"))
    assert (result.exit_code, "familiar agents list" in result.stderr) == (1, True)
    assert not (tmp_path / "x.af").exists()


def test_a_model_that_is_not_here_is_refused(file: Path) -> None:
    result = run("agents", "import", str(file), "--model", "openai/x")
    assert (result.exit_code, "FAMILIAR_MODELS" in result.stderr) == (1, True)
