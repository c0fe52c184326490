"""What a service asks of the machine when it starts."""

from __future__ import annotations

import gc
import resource

from bot.serving import MANY_FILES, allow_many_files, look_through_what_is_new


def test_as_many_files_may_be_open_as_the_machine_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        allow_many_files()
        now, still = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert now == (MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES))
    assert still == hard


def test_what_a_start_has_loaded_is_not_looked_through_for_garbage_again() -> None:
    thresholds, before = gc.get_threshold(), len(gc.get_objects())
    try:
        look_through_what_is_new()
        looked_through, more_often = len(gc.get_objects()), gc.get_threshold() < thresholds
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)

    assert looked_through < before / 100
    assert more_often
