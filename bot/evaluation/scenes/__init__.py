"""The scenes, by what they look at. They begin on Friday, 20 November 2026, at 18:00 UTC."""

from __future__ import annotations

from bot.evaluation.scene import Scene
from bot.evaluation.scenes.keeping import KEEPING
from bot.evaluation.scenes.recalling import RECALLING
from bot.evaluation.scenes.sleeping import SLEEPING
from bot.evaluation.scenes.talking import TALKING

SCENES: tuple[Scene, ...] = (*KEEPING, *SLEEPING, *RECALLING, *TALKING)
