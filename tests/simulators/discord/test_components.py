"""Embeds, buttons, selects and layouts in the Discord simulator: how much of them there may be."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.simulators.discord.asking import refused, there
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, call
from tests.simulators.discord_server.server import DiscordServer


@pytest.mark.parametrize(
    ("embed", "field"),
    [
        ({"title": "x" * 257}, "title"),
        ({"description": "x" * 4097}, "description"),
        ({"title": "x", "footer": {"text": "x" * 2049}}, "footer"),
        ({"fields": [{"name": "x" * 257, "value": "x"}]}, "fields"),
        ({"fields": [{"name": "x", "value": "x" * 1025}]}, "fields"),
        ({"fields": [{"name": "x", "value": "x"}] * 26}, "fields"),
        ({}, "description"),
        ({"fields": [{"name": "", "value": "x"}]}, "fields"),
        ({"title": "x", "author": {"name": "x" * 257}}, "author"),
    ],
)
async def test_embeds_have_limits(
    server: DiscordServer, general: Channel, embed: Any, field: str
) -> None:
    said = await call(server, "POST", f"/channels/{general.id}/messages", {"embeds": [embed]})
    assert (said.status, said.body["code"]) == (400, 50035)
    assert field in said.body["errors"]["embeds"]["0"]


async def test_all_embeds_together_have_a_limit(client: Listener, general: Channel) -> None:
    channel = there(client, general)
    big = discord.Embed(title="Page", description="x" * 3000)
    assert "6000" in await refused(channel.send(embeds=[big, big]), 400, 50035)
    await channel.send(embed=big)
    assert (await general.sees(lambda shown: bool(shown.embeds))).embeds[0]["title"] == "Page"


def row(*parts: Any) -> Any:
    return {"type": 1, "components": list(parts)}


def button(**more: Any) -> Any:
    return {"type": 2, "style": 1, "label": "Yes", "custom_id": "yes"} | more


def select(count: int = 1, **more: Any) -> Any:
    options = [{"label": f"{at}", "value": f"{at}"} for at in range(count)]
    return {"type": 3, "custom_id": "choice", "options": options} | more


V2 = 1 << 15
TEXT = {"type": 10, "content": "text"}


@pytest.mark.parametrize(
    "body",
    [
        {"components": [row(button(label="x" * 81))]},
        {"components": [row(button(custom_id="x" * 101))]},
        {"components": [row(button(custom_id=None))]},
        {"components": [row(button(), button())]},
        {"components": [row(*[button(custom_id=f"{at}") for at in range(6)])]},
        {"components": [row(button(custom_id=f"{at}")) for at in range(6)]},
        {"components": [row(select(26))]},
        {"components": [row(select(0))]},
        {"components": [row(select(), button())]},
        {"components": [row()]},
        {"components": [row(button(style=9))]},
        {"components": [row(button(style=5, custom_id=None))]},
        {"components": [row(button(label=None))]},
        {"components": [row(TEXT)]},
        {"components": [row(select(placeholder="x" * 151))]},
        {"components": [row(select(2, min_values=2, max_values=1))]},
        {"components": [row(select(options=[{"label": "x", "value": "x"}] * 2))]},
        {"components": [row(select(options=[{"label": "x" * 101, "value": "x"}]))]},
        {"components": [{"type": 9, "components": [TEXT]}], "flags": V2},
        {"components": [{"type": 9, "components": [], "accessory": button()}], "flags": V2},
        {"components": [{"type": 9, "components": [row()], "accessory": button()}], "flags": V2},
        {"components": [{"type": 12, "items": []}], "flags": V2},
        {"components": [{"type": 17, "components": []}], "flags": V2},
        {"components": [{"type": 17, "components": [{"type": 17}]}], "flags": V2},
        {"components": [{"type": 10, "content": ""}], "flags": V2},
        {"components": [TEXT]},
        {"components": [TEXT], "content": "both", "flags": V2},
        {"components": [TEXT], "embeds": [{"title": "both"}], "flags": V2},
        {"components": [TEXT] * 41, "flags": V2},
        {"components": [{"type": 17, "components": [TEXT] * 40}], "flags": V2},
        {"components": [{"type": 10, "content": "x" * 2001}] * 2, "flags": V2},
    ],
)
async def test_components_have_limits(server: DiscordServer, general: Channel, body: Any) -> None:
    path = f"/channels/{general.id}/messages"
    said = await call(
        server, "POST", path, {"content": "x"} | body if "flags" not in body else body
    )
    assert (said.status, said.body["code"]) == (400, 50035)
    assert not general.shown


async def test_layouts_are_seen_and_stay_layouts(client: Listener, general: Channel) -> None:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("## Title"))
    section: discord.ui.Section[discord.ui.LayoutView] = discord.ui.Section(
        "part", accessory=discord.ui.Button(label="Go", custom_id="go")
    )
    view.add_item(discord.ui.Container(section))
    sent = await there(client, general).send(view=view)
    shown = await general.sees("## Title\npart")
    assert shown.buttons == (("Go",),)
    await refused(sent.edit(content="plain"), 400, 50035)
    view.add_item(discord.ui.TextDisplay("more"))
    await sent.edit(view=view)
    await general.sees("more")
