"""What keeps the code readable and the repository portable, as rules a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agentcore", "adapters", "bot", "config", "benchmarks")
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
VAGUE_NAMES = frozenset({"util", "utils", "helper", "helpers", "manager", "misc"})
NOT_OURS = frozenset({".git", ".venv", ".hypothesis", "__pycache__", "data", "dist", "build"})

# Spelt in pieces, so that this file doesn't find itself.
MACHINE_PATH = re.compile(r"(?<![\w.\-/])/(?:" + "|".join(("work", "root", "home")) + r")/\w")
INDEX_HOST = re.compile(
    r"--(?:extra-)?"
    + r"index-url|pypi\."
    + r"org|pythonhosted\."
    + r"org|https?://\S+/"
    + r"simple\b"
)


def source_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked_files() -> list[Path]:
    """The files that belong to the project; without git, all but the well-known rest."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 (git, wherever it is)
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = []
    if any(listed):
        return [path for name in listed if name and (path := ROOT / name).is_file()]
    return [path for path in walked(ROOT) if path.name != ".env"]


def walked(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in NOT_OURS and not path.name.endswith("_cache"):
                yield from walked(path)
        elif path.is_file():
            yield path


def text_of(path: Path) -> str | None:
    data = path.read_bytes()
    return None if b"\0" in data[:8_000] else data.decode("utf-8", "replace")


def test_no_source_file_is_too_long_to_read() -> None:
    lengths = {
        shown(path): path.read_text("utf-8").count("\n")
        for path in source_files(*PACKAGES, "tests")
    }
    long = {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE}
    assert not long, f"over {MOST_LINES_OF_A_FILE} lines; split off a noun of its own: {long}"


def test_no_function_is_too_long_to_read() -> None:
    long = [
        f"{shown(path)}:{node.lineno} {node.name} ({lines} lines)"
        for path in source_files(*PACKAGES)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        # From `def`: decorators stand on lines of their own above it and aren't counted.
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long, f"over {MOST_LINES_OF_A_FUNCTION} lines; give a step a name: {long}"


def test_every_package_says_what_it_is() -> None:
    bare = [
        shown(path)
        for path in source_files(*PACKAGES)
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not bare, f"write a docstring: what the package owns, in which order to read it: {bare}"


def test_where_a_package_says_to_begin_reading_there_is_something() -> None:
    lost = [
        f"{shown(path)}: {first}"
        for path in source_files(*PACKAGES)
        if path.name == "__init__.py"
        for first in re.findall(
            r"(?:Reading order:|Begin with)\s+`([\w.]+)`",
            ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "",
        )
        if not (path.parent / first.replace(".", "/")).is_dir()
        and not (path.parent / f"{first.replace('.', '/')}.py").is_file()
    ]
    assert not lost, f"these name a module that isn't in the package: {lost}"


def test_every_folder_of_source_is_a_package() -> None:
    folders = {path.parent for path in source_files("agentcore", "adapters", "bot", "config")}
    stray = [
        shown(folder)
        for folder in sorted(folders)
        if "migrations" not in folder.parts and not (folder / "__init__.py").is_file()
    ]
    assert not stray, f"add an __init__.py with a docstring: {stray}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        shown(path)
        for path in source_files(*PACKAGES, "tests")
        if {path.stem, path.parent.name} & VAGUE_NAMES
    ]
    assert not vague, f"name what the module holds: {vague}"


@pytest.mark.parametrize(
    ("pattern", "advice"),
    [
        (MACHINE_PATH, "paths of one machine; make them relative, or take them from a setting"),
        (INDEX_HOST, "package indexes; where packages come from is the installer's choice"),
    ],
    ids=["paths", "indexes"],
)
def test_no_file_names_what_only_one_machine_has(pattern: re.Pattern[str], advice: str) -> None:
    found = [
        f"{shown(path)}: {match.group()}"
        for path in tracked_files()
        if (text := text_of(path)) is not None
        for match in pattern.finditer(text)
    ]
    assert not found, f"these name {advice}: {found}"


def architecture() -> str:
    return (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def test_what_the_pages_name_is_there() -> None:
    """Modules by their path or the end of it, folders of ours by their path."""
    there = {f"/{shown(path)}" for path in tracked_files()}
    folders = {f"{each.rpartition('/')[0]}/" for each in there}

    def is_gone(name: str) -> bool:
        if name.endswith(".py"):
            return not any(each.endswith(f"/{name}") for each in there)
        ours = name.partition("/")[0] in PACKAGES and "/" in name
        return ours and not any(each.startswith(f"/{name.rstrip('/')}/") for each in folders)

    gone = [
        f"{page.name}: {name}"
        for page in sorted(ROOT.glob("*.md"))
        if page.name != "CHANGELOG.md"
        for name in sorted(set(re.findall(r"`(\w[\w./]*)`", page.read_text("utf-8"))))
        if is_gone(name)
    ]
    assert not gone, f"these have moved or gone: {gone}"


def test_every_package_has_its_room_in_the_architecture() -> None:
    rooms = set()
    for cell in re.findall(r"^\| (`.*?) \|", architecture(), re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", cell)
        beside = first.rpartition("/")[0]
        rooms |= {first, *(each if "/" in each else f"{beside}/{each}" for each in others)}
    packages = {
        shown(path.parent)
        for path in source_files("agentcore", "adapters", "bot", "config")
        if path.name == "__init__.py" and path.parent.parent.name != "migrations"
    }
    assert not packages - rooms, f"give these a row in its table: {sorted(packages - rooms)}"


def test_the_layers_in_the_architecture_are_those_that_are_held() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    held = {
        " > ".join(contract["layers"])
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract.get("exhaustive") and contract["id"] != "seam-layers"
    }
    told = set(re.findall(r"^- `[\w/]+`: `(.* > .*)`$", architecture(), re.MULTILINE))
    assert told == held
