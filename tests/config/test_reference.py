"""The README and `.env.example` say what the settings are."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.reference import env_example, settings_table, with_settings_table
from config.settings import FIELDS, Settings, load_settings

ROOT = Path(__file__).parent.parent.parent
REWRITE = "run `make docs`"


def test_readme_lists_every_setting() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    missing = [name for name in FIELDS if f"`{name}`" not in readme]
    assert not missing, REWRITE
    assert settings_table() in readme, REWRITE


def test_env_example_lists_every_setting() -> None:
    assert (ROOT / ".env.example").read_text("utf-8") == env_example(), REWRITE


def test_env_example_is_a_valid_dotenv_that_changes_nothing(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(env_example().replace("\n#FAMILIAR", "\nFAMILIAR"), "utf-8")
    assert "\nFAMILIAR_PORT=8283\n" in dotenv.read_text("utf-8")
    assert load_settings({}, dotenv) == Settings()


def test_every_setting_is_described_in_a_sentence() -> None:
    for field in FIELDS.values():
        description = Settings.model_fields[field].description or ""
        assert description.endswith("."), field
        assert "|" not in description, f"{field}: a bar would break the table"


def test_a_readme_without_its_markers_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="needs the two markers"):
        with_settings_table("# Familiar\n")
