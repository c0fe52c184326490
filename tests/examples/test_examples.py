"""The programs in `examples/`, run as a user runs them: processes of their own, a real service."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.home import PATIENCE, Home, Serving

EXAMPLES = Path(__file__).parents[2] / "examples"
OLDER_CLIENT = Path(sys.prefix) / "older"
"""Where `make test` puts the SDK of the line before: the two can't be in one environment."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Home(tmp_path_factory.mktemp("examples")).serving() as service:
        yield service


def shown_by(name: str, service: Serving, *, path: Path | None = None) -> str:
    """What an example prints, which ends well."""
    environment = {"LETTA_BASE_URL": service.url, "PYTHONPATH": "" if path is None else str(path)}
    ended = subprocess.run(  # noqa: S603 (a program of ours)
        [sys.executable, EXAMPLES / name],
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")
    return ended.stdout.decode()


def test_each_program_is_run_here() -> None:
    tested = "".join(each.read_text("utf-8") for each in Path(__file__).parent.glob("*.py"))
    assert all(f'"{each.name}"' in tested for each in EXAMPLES.glob("*.py"))


def test_the_first_agent_keeps_a_name_in_mind(service: Serving) -> None:
    shown = shown_by("first_agent.py", service)

    assert "it calls memory_" in shown
    assert "which returns: success" in shown
    said = [line for line in shown.splitlines() if line.startswith("Agent: ")]
    assert "Ada" in said[-1]
    assert re.search(r"\n- human, \d+/\d+ characters\n(    .*\n)*    .*Ada", shown)
    assert "- persona, 33/2000 characters\n    I am friendly, curious and brief.\n" in shown


def test_an_answer_is_watched_and_memory_changes(service: Serving) -> None:
    shown = shown_by("watching.py", service)
    before, *between = shown.partition("After: ")[0].splitlines()

    assert before == "Before: Name: unknown"
    assert any("[memory_" in line for line in between)
    assert "(end_turn)" in between
    assert "Grace" in shown.partition("After: ")[2]


def test_the_older_client_works_as_well(service: Serving) -> None:
    if not OLDER_CLIENT.exists():
        pytest.skip("the SDK of the 0.1 line isn't there: `make test` installs it")
    shown = shown_by("older_client.py", service, path=OLDER_CLIENT)

    assert "it calls memory_" in shown
    assert re.search(r"^Agent: .*Ada", shown, re.MULTILINE)
    assert re.search(r"\n- human, \d+/\d+ characters\n(    .*\n)*    .*Ada", shown)
    assert re.search(r"\n- persona, 11/\d+ characters\n    I am brief.\n", shown)


def test_a_client_made_for_openai_talks_to_an_agent_that_remembers(service: Serving) -> None:
    shown = shown_by("any_openai_client.py", service)

    assert "Lisbon" in shown.splitlines()[-1]
