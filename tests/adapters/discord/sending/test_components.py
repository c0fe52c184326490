"""Buttons and lists below a message, and what pressing them brings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.delivery import Button
from adapters.discord.custom_ids import CustomId, parsed
from adapters.discord.sending import Sending
from tests.adapters.discord.sending.post_office import PostOffice
from tests.simulators.discord_server.people import Person


def buttons(kind: str, count: int, first: int = 0) -> tuple[Button, ...]:
    return tuple(
        Button(f"{kind} {number}", f"t:{number}", kind)  # type: ignore[arg-type]
        for number in range(first, first + count)
    )


async def test_actions_are_buttons_in_rows_and_their_labels_fit(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    labels = ["Yes", " ", "x" * 99, "a\nb", "e", "f"]
    told = tuple(Button(label, f"t:{number}") for number, label in enumerate(labels))

    await sending.send(office.chunk(ada, buttons=told))

    (shown,) = ada.dm.bots()
    assert shown.buttons == (("Yes", "…", "x" * 79 + "…", "a b", "e"), ("f",))
    pressed = ada.presses("f")
    assert parsed(pressed.data["custom_id"]) == CustomId("action", "t:5", f"@{ada.id}")


@pytest.mark.parametrize(("kind", "means"), [("choice", "action"), ("form", "form")])
async def test_several_to_pick_from_are_a_list_and_one_is_a_button(
    office: PostOffice, sending: Sending, ada: Person, kind: str, means: str
) -> None:
    await sending.send(office.chunk(ada, "one", buttons=buttons(kind, 1)))
    await sending.send(office.chunk(ada, "several", buttons=buttons(kind, 3)))

    one, several = ada.dm.bots()
    assert (one.buttons, several.buttons) == (((f"{kind} 0",),), ())
    pressed = ada.presses(f"{kind} 0", message_id=one.message_id)
    picked = ada.selects(f"{kind} 2", message_id=several.message_id)
    assert [parsed(each) for each in (pressed.data["custom_id"], picked.data["values"][0])] == [
        CustomId(means, "t:0", f"@{ada.id}"),  # type: ignore[arg-type]
        CustomId(means, "t:2", f"@{ada.id}"),  # type: ignore[arg-type]
    ]


async def test_a_list_says_what_picking_from_it_does(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    first, *others = buttons("form", 3)
    prompted = (replace(first, prompt="Change a line…"), *others)
    await sending.send(office.chunk(ada, buttons=prompted))

    (row,) = ada.dm.bots()[0].components
    assert row["components"][0]["placeholder"] == "Change a line…"


async def test_lists_of_both_kinds_stand_between_buttons_and_long_ones_are_several(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    told = (
        *buttons("action", 1),
        *buttons("choice", 30, 100),
        *buttons("form", 2, 200),
        *buttons("action", 1, 300),
    )

    await sending.send(office.chunk(ada, buttons=told))

    (shown,) = ada.dm.bots()
    rows = [row["components"][0] for row in shown.components]
    assert [len(row.get("options", [])) for row in rows] == [0, 25, 5, 2, 0]
    assert len({row["custom_id"] for row in rows}) == 5


async def test_more_than_a_message_holds_is_left_out(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    await sending.send(office.chunk(ada, buttons=buttons("action", 40)))

    (shown,) = ada.dm.bots()
    assert sum(map(len, shown.buttons)) == 25
