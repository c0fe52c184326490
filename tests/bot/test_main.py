"""The first moment of the `familiar` command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

INTERRUPTED = """
import sys

class Interruption:
    def find_spec(self, name, path, target=None):
        if name == "bot.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interruption())
from bot.__main__ import main
main()
"""


def python(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_ctrl_c_while_it_loads_leaves_without_a_word() -> None:
    ended = python("-c", INTERRUPTED)

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_packages_of_others_under_our_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").write_text("")
    code = f"import sys; sys.path.append({str(ROOT)!r}); from bot.__main__ import main; main()"

    ended = python("-c", code, folder=tmp_path)

    assert ended.returncode == 1
    assert "not Familiar's own: config" in ended.stderr


def test_a_client_of_a_running_service_loads_neither_engine_nor_web_server() -> None:
    heavy = ("bot.app", "sqlalchemy", "alembic", "fastapi", "uvicorn", "litellm", "numpy", "jinja2")
    loaded = f"print([name for name in {heavy!r} if name in sys.modules])"

    ended = python("-c", f"import sys, bot.cli, bot.door.client, adapters.terminal; {loaded}")

    assert (ended.stdout, ended.stderr) == ("[]\n", "")


def test_a_chat_without_a_service_loads_no_web_framework() -> None:
    heavy = ("adapters.web.rest.app", "fastapi", "uvicorn", "litellm", "numpy")
    loaded = f"print([name for name in {heavy!r} if name in sys.modules])"

    ended = python("-c", f"import sys, bot.app, bot.work; {loaded}")

    assert (ended.stdout, ended.stderr) == ("[]\n", "")
