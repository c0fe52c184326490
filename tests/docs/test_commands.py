"""Every command and program on the pages is run as it stands there, here or by a test that is named
here; for the few that no test can run, the reason stands here instead.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from config.settings import FIELDS
from tests.api_site import api_site
from tests.docs.pages import PAGES, ROOT, blocks_of, commands_of, lines_of, programs_of, settings_of
from tests.docs.shell import Shell
from tests.docs.test_checklists import names_in
from tests.simulators.letta_server import LettaServer, block, user_message

INSTALLS = "it installs from an index"
TOY = "examples/test_toy_adapter.py::test_what_is_said_in_letters_is_remembered_over_a_restart"
RUN_BY: Mapping[str, str] = {
    "FAMILIAR_ADAPTERS=examples.toy_adapter:Toy TOY_FOLDER=letters make run": TOY,
    "cat 'letters/ada/*.answer'": TOY,
}
"""Commands that a test of their own runs, and which."""
NOT_RUN: Mapping[str, str] = {
    "make run": f"{INSTALLS}; what it starts then is what tests/end_to_end start",
    "make test": "it is what runs this",
    "make test PYTEST_ARGS=tests/docs": "it is what runs this",
    "python -m pytest tests/fuzz -n 0 --hypothesis-profile=long --timeout=0": "it goes on for long, "
    "with new damage each time; the same tests are run with the same each time",
    "make lint": "CI runs it beside the tests",
    "make format": "it writes into the project, and CI checks that there is nothing to write",
    "make coverage": "it is the tests once more",
    "make docs": "it writes into the project; tests/config check that there is nothing to write",
    "make lock": INSTALLS,
    "sudo systemctl enable --now familiar": "it takes a machine with systemd",
}
"""Commands that no test runs, and why."""
FRAGMENTS: Mapping[str, str] = {
    "docs/tools.md": "adapters/web/rest/test_approvals.py::test_all_calls_of_a_message_are_refused_at_once",
}
"""Pages whose later programs only make sense in the middle of something, and what shows that."""

OTHER_SETTINGS = frozenset({"TOY_FOLDER"})
"""Of an adapter that isn't ours."""
SHOWN = frozenset({"", "text", "yaml", "ini", "caddy"})
"""Kinds of blocks in which nothing is typed."""

PLACES: Mapping[str, Callable[[Shell], str]] = {
    "agent-2f0c…": lambda shell: _listed(shell, "agents", "list"),
    "token-2f0c…": lambda shell: _listed(shell, "token", "list"),
    "user-2f0c…": lambda shell: _listed(shell, "users", "list"),
}
"""What stands on the pages for what differs from service to service."""


def _listed(shell: Shell, *words: str) -> str:
    found = json.loads(shell.familiar(*words, "--json").out)
    return str(found[0]["id"])


@asynccontextmanager
async def _servers(folder: Path) -> AsyncIterator[Mapping[str, str]]:
    """A service with an agent and a token, and a Letta server with an agent: what is printed on the
    pages, and what it is here.
    """
    letta = LettaServer()
    sam = letta.add_agent("Sam", block("human", "Name: Ada"))
    letta.say(sam, user_message("Hi"))
    async with (
        api_site(folder, model="offline", allow_code_tools=True) as site,
        letta.running() as elsewhere,
    ):
        agent = (await site.agent())["id"]
        token = await site.home.parts.store.tokens.create("reader")
        yield {
            "http://localhost:8283/v1/agents/agent-…": f"{site.url}/v1/agents/{agent}",
            "http://localhost:8283": site.url,
            "http://localhost:8284": elsewhere,
            '"agent-…"': f'"{agent}"',
            '"agent-2f0c…", input': f'"{agent}", input',
            'api_key="…"': f'api_key="{token.text}"',
            "fam_…": token.text,
        }


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    folder = tmp_path_factory.mktemp("site")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_servers(folder)) as addresses,
    ):
        yield addresses


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Ada has talked with her agent, and has an agent file from elsewhere."""
    folder = tmp_path_factory.mktemp("lived-in")
    shell = Shell(folder)
    shell.run('echo "My name is Ada." | familiar chat --user ada')
    shell.run("familiar agents export ada sam.af")
    shell.run("familiar token create --name backend")
    shutil.copy(ROOT / "Makefile", folder)
    return folder


def here(printed: str, addresses: Mapping[str, str]) -> str:
    for name, real in addresses.items():
        printed = printed.replace(name, real)
    return printed


def spelt(line: str) -> str:
    """The command without its comment."""
    return shlex.join(shlex.split(line, comments=True))


@pytest.mark.parametrize("page", [page for page in PAGES if commands_of(page)])
def test_what_a_page_tells_to_type_works_in_that_order(
    page: str, tmp_path: Path, lived_in: Path, addresses: Mapping[str, str]
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(lived_in, folder)
    shell = Shell(folder)

    for typed in commands_of(page):
        if spelt(typed) in {*RUN_BY, *NOT_RUN}:
            continue
        line = here(typed, addresses)
        for printed, found in PLACES.items():
            line = line.replace(printed, found(shell)) if printed in line else line
        shell.run(line)


@pytest.mark.parametrize("page", [page for page in PAGES if programs_of(page)])
def test_the_programs_on_a_page_run_as_they_are_printed(
    page: str, addresses: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    programs = programs_of(page)
    for program in programs:
        compile(program, page, "exec")
    runs = programs[:1] if page in FRAGMENTS else programs
    exec(here("\n".join(runs), addresses), {})  # noqa: S102 (what our own pages say)

    if page == "docs/api.md":
        assert "Ada" in capsys.readouterr().out


def test_what_is_not_run_here_stands_on_a_page_and_has_a_test_or_a_reason() -> None:
    typed = {spelt(line) for page in PAGES for line in commands_of(page)}

    assert {*RUN_BY, *NOT_RUN} <= typed
    assert FRAGMENTS.keys() <= set(PAGES)
    for named in (*RUN_BY.values(), *FRAGMENTS.values()):
        file, _, name = named.partition("::")
        assert name in names_in(file), named
    assert all(NOT_RUN.values())


@pytest.mark.parametrize("page", PAGES)
def test_settings_that_a_page_sets_are_there(page: str) -> None:
    of_make = set(
        re.findall(r"^([A-Z_]+) \?=", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    unknown = settings_of(page) - FIELDS.keys() - of_make - OTHER_SETTINGS

    assert not {name for name in unknown if not name.endswith("_API_KEY")}


@pytest.mark.parametrize("page", PAGES)
def test_a_block_is_of_a_kind_that_is_looked_at(page: str) -> None:
    """What is typed is never hidden in a block that no test reads."""
    for each in blocks_of(page):
        assert each.language in {"sh", "python", *SHOWN}, each
        if each.language in SHOWN:
            assert not re.search(
                r"^\s*(\$ |\.venv/|familiar |make |curl )", each.text, re.MULTILINE
            )
        elif each.language == "sh":
            assert list(lines_of(each)), f"nothing is typed in {each}"
