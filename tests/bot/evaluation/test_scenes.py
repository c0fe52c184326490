"""Every scene passes with a model that does well, and each of its checks fails with one that doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentcore.sqlstore.engine.schema import upgrade_sqlite
from agentcore.testing import ScriptedModel
from bot.evaluation.checks import SOUND
from bot.evaluation.scene import Scene, Script, Transcript
from bot.evaluation.scenes import SCENES
from bot.evaluation.stage import played
from config.settings import Settings


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fresh") / "fresh.db"
    upgrade_sqlite(path)
    return path


async def outcome(scene: Scene, lines: Script, fresh: Path, folder: Path) -> Transcript:
    model = ScriptedModel(*lines)
    transcript = await played(scene, model, Settings(), fresh, folder)
    assert model.exhausted, "the script is longer than the scene"
    return transcript


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
async def test_a_scene_tells_a_good_model_from_a_bad_one(
    scene: Scene, fresh: Path, tmp_path: Path
) -> None:
    good = await outcome(scene, scene.good, fresh, tmp_path / "good")
    checks = (*scene.checks, *SOUND)
    assert [check.text for check in checks if not check.holds(good)] == []
    failed = set()
    for number, lines in enumerate(scene.bad):
        bad = await outcome(scene, lines, fresh, tmp_path / f"bad-{number}")
        failed |= {check.text for check in scene.checks if not check.holds(bad)}
    assert [check.text for check in scene.checks if check.text not in failed] == []
