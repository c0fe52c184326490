"""The composition root: what it builds from settings, and what it says when it can't."""

from __future__ import annotations

import re
import stat
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agentcore.errors import BadInput, TemplateInvalid
from bot.app import opened
from bot.host.places import prepare_folder, sqlite_path
from bot.offers import template_of
from config.database_url import parse_database_url
from config.settings import Settings

MODULE = """
from adapters.terminal import TerminalAdapter

class Adapter(TerminalAdapter):
    name = "shop:1"

def shop(context):
    token = context.settings["SHOP_TOKEN"]
    if token == "bad":
        raise ValueError("SHOP_TOKEN has the wrong form")
    return Adapter()

def broken(context):
    raise RuntimeError("MARKER")
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder from which `shop_adapters` can be imported, with an entry point `shop`."""
    folder = tmp_path / "modules"
    info = folder / "shop_adapters-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "shop_adapters.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-adapters\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        textwrap.dedent("""
            [familiar.adapters]
            shop = shop_adapters:shop
            gone = shop_adapters_that_are_gone:shop
        """)
    )
    monkeypatch.syspath_prepend(str(folder))
    yield
    sys.modules.pop("shop_adapters", None)


def settings_in(folder: Path, *adapters: str, given: str = "good") -> Settings:
    own = {spec: {"SHOP_TOKEN": SecretStr(given)} for spec in adapters if given}
    return Settings(data_dir=folder / "data", adapters=adapters, adapter_settings=own)


async def adapters_of(settings: Settings) -> set[str]:
    async with opened(settings) as parts:
        return set(parts.adapters)


async def test_a_service_without_settings_has_the_terminal(tmp_path: Path) -> None:
    assert await adapters_of(settings_in(tmp_path)) == {"terminal:local"}


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize("spec", ["shop", "shop_adapters:shop"])
async def test_an_adapter_is_found_by_entry_point_or_by_its_place(
    tmp_path: Path, spec: str
) -> None:
    assert await adapters_of(settings_in(tmp_path, spec)) == {"terminal:local", "shop:1"}


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("shopp", r"no adapter 'shopp' \(FAMILIAR_ADAPTERS\).*gone, shop"),
        ("gone", r"'gone' \(FAMILIAR_ADAPTERS\) can't be loaded"),
        ("shop_adapters:shopp", r"'shop_adapters:shopp' .*can't be loaded"),
        ("no_such_module:shop", r"'no_such_module:shop' .*can't be loaded.*no_such_module"),
        ("shop_adapters:broken", r"shop_adapters:broken can't be set up: RuntimeError"),
    ],
)
async def test_an_adapter_that_cannot_be_had_is_named_with_the_reason(
    tmp_path: Path, spec: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as raised:
        await adapters_of(settings_in(tmp_path, spec))
    assert "MARKER" not in str(raised.value)


@pytest.mark.usefixtures("modules")
async def test_an_adapter_says_itself_what_is_wrong_with_its_settings(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="shop can't be set up: SHOP_TOKEN has the wrong form"):
        await adapters_of(settings_in(tmp_path, "shop", given="bad"))
    with pytest.raises(BadInput, match="it wants the setting 'SHOP_TOKEN'"):
        await adapters_of(settings_in(tmp_path, "shop", given=""))


@pytest.mark.usefixtures("modules")
async def test_two_adapters_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="shop:1"):
        await adapters_of(settings_in(tmp_path, "shop", "shop_adapters:shop"))


async def test_a_missing_key_is_said_before_anything_is_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", model="openai/gpt-4o-mini")

    with pytest.raises(BadInput, match="OPENAI_API_KEY"):
        await adapters_of(settings)
    assert not (tmp_path / "data" / "familiar.db").exists()


def test_the_database_is_in_the_data_folder_unless_it_is_said_where(tmp_path: Path) -> None:
    elsewhere = parse_database_url(f"sqlite:///{tmp_path}/else.db")

    assert sqlite_path(Settings(data_dir=tmp_path)) == tmp_path / "familiar.db"
    assert sqlite_path(Settings(database_url=elsewhere)) == tmp_path / "else.db"


def test_a_place_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "familiar.db").mkdir()

    with pytest.raises(BadInput, match=re.escape(f"{tmp_path / 'file'} is a file")):
        sqlite_path(Settings(data_dir=tmp_path / "file" / "deeper"))
    with pytest.raises(BadInput, match="is a folder"):
        sqlite_path(Settings(data_dir=tmp_path))
    with pytest.raises(BadInput, match="SQLite only") as raised:
        sqlite_path(Settings(database_url=parse_database_url("postgres://me:secret@host/name")))
    assert "secret" not in str(raised.value)


def test_a_new_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "new" / "familiar.db")

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_template_is_found_or_refused_with_those_there_are(tmp_path: Path) -> None:
    assert template_of(Settings(template="coach")).name == "coach"
    with pytest.raises(BadInput, match=r"'none'.*coach, friend, tutor, work"):
        template_of(Settings(template="none"))
    (tmp_path / "mine.yaml").write_text("nmae: mine")
    with pytest.raises(TemplateInvalid, match="nmae"):
        template_of(Settings(templates_dir=tmp_path))


def test_a_folder_of_templates_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere"):
        template_of(Settings(templates_dir=tmp_path / "nowhere"))
