"""What a model makes of the memory while the person is away: sleep-time."""

from __future__ import annotations

from bot.evaluation.checks import holds, holds_once, lacks, tidies, unchanged
from bot.evaluation.scene import Before, Scene, says, script, tidy

_LINES = ("Name: Ada", "Works as a nurse in Graz.", "Likes green tea.", "2026-12-24: flies home.")
_TIDY = Before({"human": "\n".join(_LINES)})
_DOUBLE = Before(
    {"human": "Name: Ada\nLikes green tea.\nHas a dog, Rex.\nLoves green tea.\nHer dog is Rex."}
)
_NOTHING = tidy()

SLEEPING = (
    Scene(
        "sleep_doubles",
        "changing",
        "merges what is there twice while the person is away",
        says("Hi! Just saying hello."),
        (tidies(), holds_once("green tea"), holds_once("rex"), holds("ada")),
        script(
            "Hello!",
            tidy(
                (("Likes green tea.", "Loves green tea."), ("Loves green tea.",)),
                (("Has a dog, Rex.", "Her dog is Rex."), ("Has a dog, Rex.",)),
            ),
        ),
        (
            script("Hello!", _NOTHING),
            script("Hello!", "I have tidied up."),
            script("Hello!", tidy((("Name: Ada",), ()))),
        ),
        _DOUBLE,
        sleeps=True,
    ),
    Scene(
        "sleep_contradiction",
        "changing",
        "what was said later replaces an older line while the person is away",
        says("We've been in Lisbon for a month now, it beats Graz.", "Gave up nursing, too."),
        (tidies(), holds("lisbon"), lacks(r"^works as a nurse in graz\.$"), holds("green tea")),
        script(
            "Lovely!",
            "Oh!",
            tidy(
                (
                    ("Works as a nurse in Graz.",),
                    ("2026-10: moved from Graz to Lisbon.", "Gave up nursing in 2026."),
                )
            ),
        ),
        (
            script("Lovely!", "Oh!", _NOTHING),
            script("Lovely!", "Oh!", tidy((("Likes green tea.",), ()))),
            script("Lovely!", "Oh!", "[]"),
        ),
        _TIDY,
        sleeps=True,
    ),
    Scene(
        "sleep_leaves_alone",
        "leaving out",
        "leaves a memory alone that is in order",
        says("Ugh, Mondays.", "Rain all day, and I'm tired."),
        (tidies(), unchanged(*_LINES)),
        script("Hang in there!", "Poor you.", _NOTHING),
        (
            script("Hang in there!", "Poor you.", tidy(((), ("Is tired.",)))),
            script("Hang in there!", "Poor you.", "All is in order."),
        ),
        _TIDY,
        sleeps=True,
    ),
)
