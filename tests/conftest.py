"""What holds for every test: one event loop, and no test that quietly stays away in CI."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Generator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from bot.__main__ import GARBAGE
from tests import compiled

gc.set_threshold(*GARBAGE)  # as the program does
compiled.share()

# No test asks anybody beyond this machine: without authorities each HTTP client costs 20 ms less.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = os.devnull

# How fast the host is decides nothing here.
settings.register_profile("any host", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any host")

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


LONG = {"end_to_end", "browser", "docs", "examples"}
"""Folders of tests that start processes. They come first: what is begun last, one worker does
alone at the end.
"""


REWRITE = "--rewrite-snapshots"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(REWRITE, action="store_true", help="write agreed texts anew; read the diff")


@pytest.fixture
def agreed(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the agreed one in `snapshots` beside the test, by name."""
    folder = request.path.parent / "snapshots"

    def compare(name: str, shown: str) -> None:
        path = folder / f"{name}.txt"
        if request.config.getoption(REWRITE):
            path.write_text(shown, "utf-8")
        assert path.exists(), f"no {path.name}: run this with {REWRITE}, then read the file"
        assert shown == path.read_text("utf-8"), f"meant to change? {REWRITE} writes it anew"

    return compare


@pytest.fixture(autouse=True)
def _logs_as_before() -> Generator[None, None, None]:
    """What a test, or a command that it runs in this process, makes of the logs ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def pytest_unconfigure() -> None:
    gc.freeze()  # as the program does at its end


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI and report.skipped:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A skip on the machine that decides about a change would be a check nobody made."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"Skipped in CI, where every test must run. {reason}"
