"""`/persona` and `/model`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.feed import Action, FeedNotice
from agentcore.testing import ScriptedModel
from bot.offers import BUNDLED_TEMPLATES
from tests.bot.commands.talk import TEMPLATES, insert, persona_of, said, told
from tests.house import address_of, call, calls, house, replies, working

MODELS: dict[str, Any] = {"model": "offline", "models": ("offline", "openai/gpt-4o-mini")}


async def test_personas_are_listed_with_what_they_are_like_and_which_is_on(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with house(tmp_path, model) as home, working(home):
        ((key, text), (wrong, same)) = await told(home, "ada", "/persona", "/persona pirate")
    assert (key, wrong) == ("reply.personas", "reply.no_such_persona")
    for shown in (text, same):
        for name, template in TEMPLATES.items():
            now = " ← now" if name == "friend" else ""
            assert f"• {name}: {template.description}{now}\n" in f"{shown}\n"
    assert model.requests == []


async def test_another_persona_keeps_what_is_known_and_the_conversation(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Hi Ada.", "Let us set a goal.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I'm Ada.")
        ((key, text),) = await told(home, "ada", "/persona Coach")
        await said(home, "ada", "And now?")
        agent = await (await home.door("ada")).agent()
        blocks = {b.label: b.value for b in await (await home.door("ada")).blocks()}
    assert (key, "coach" in text) == ("reply.persona_changed", True)
    assert blocks == {"human": "Name: Ada", "persona": persona_of("coach"), "goals": ""}
    assert (agent.name, agent.template) == ("coach", TEMPLATES["coach"].handle)
    before, after = model.requests[-2].prompt, model.requests[-1].prompt
    assert "a coach for goals" in after[0].text
    assert "a coach for goals" not in before[0].text
    for shown in ("1→ Name: Ada", persona_of("coach").splitlines()[0], 'label="goals"'):
        assert shown in after[0].text
    assert persona_of("friend").splitlines()[0] not in after[0].text
    assert after[1 : len(before)] == before[1:]  # what was said stays in view


async def test_undo_brings_the_old_persona_back_as_it_had_become(tmp_path: Path) -> None:
    grown = call("memory_insert", '{"label": "persona", "new_string": "Brief, please."}')
    model = ScriptedModel(calls(grown), "Fine.", "As before.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Be brief")
        await said(home, "ada", "/persona coach", "/persona tutor")
        ((first, _),) = await told(home, "ada", "/undo")
        assert (await (await home.door("ada")).agent()).name == "coach"
        ((_, text),) = await told(home, "ada", "/undo")
        await said(home, "ada", "Hello")
        agent = await (await home.door("ada")).agent()
        persona = await home.block("ada", "persona")
        ((third, _),) = await told(home, "ada", "/undo")
        ends_as = await home.block("ada", "persona")
    assert (first, text) == ("reply.undone_persona", "Taken back: I am friend again, as I was.")
    assert (agent.name, agent.template) == ("friend", TEMPLATES["friend"].handle)
    assert persona == f"{persona_of('friend')}\nBrief, please."
    assert "Brief, please." in model.requests[-1].prompt[0].text
    assert (third, ends_as) == ("reply.undone", persona_of("friend"))


async def test_a_persona_chosen_before_anything_was_said_begins_the_conversation(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("A goal!")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "/persona coach", "Hello")
        ((key, _),) = await told(home, "ada", "/persona coach")
    assert "a coach for goals" in model.requests[0].prompt[0].text
    assert len(model.requests) == 1
    assert key == "reply.persona_same"


async def test_in_another_chat_the_new_persona_speaks_too(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", "Hi.", "A goal!")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Hello")
        desk = replace(home.inbound("ada", "Hello here"), address=address_of("desk"))
        receipt = await home.parts.gateway.accept(desk)
        await home.heard("desk", until=receipt.position)
        await said(home, "ada", "/persona coach")
        more = replace(home.inbound("ada", "More"), address=address_of("desk"))
        receipt = await home.parts.gateway.accept(more)
        await home.heard("desk", until=receipt.position)
    assert "a coach for goals" in model.requests[2].prompt[0].text
    assert [p.text.rpartition("\n")[2] for p in model.requests[2].prompt[1:]] == [
        "Hello here",
        "Hi.",
        "More",
    ]


async def test_a_persona_is_changed_once_however_often_the_command_arrives(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        receipt = await home.accept("ada", "/persona coach", update_id="1")
        again = await home.accept("ada", "/persona coach", update_id="1")
        await home.heard("ada", until=receipt.position)
        revisions = await (await home.door("ada")).revisions(label="persona")
    assert (again.outcome, len(revisions)) == ("duplicate", 2)


async def test_a_template_of_the_operators_own_is_on_offer_too(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    coach = (BUNDLED_TEMPLATES / "coach.yaml").read_text()
    (folder / "pirate.yaml").write_text(
        coach.replace("name: coach", "name: pirate\nmodel: offline")
    )
    async with house(tmp_path, templates_dir=folder) as home, working(home):
        await said(home, "ada", "/persona pirate")
        assert (await (await home.door("ada")).agent()).model == "offline"
        await said(home, "ada", "/persona friend")
        assert (await (await home.door("ada")).agent()).model is None


async def test_models_are_listed_with_the_one_that_speaks(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel(), **MODELS) as home, working(home):
        ((key, text), (wrong, other)) = await told(home, "ada", "/model", "/model o9")
        listed = [e for e in await home.heard("ada", until=0) if isinstance(e, FeedNotice)]
    assert (key, wrong) == ("reply.models", "reply.model_not_allowed")
    assert text.endswith("• offline ← now\n• openai/gpt-4o-mini")
    assert listed[0].actions == (
        Action("gpt-4o-mini", "/model openai/gpt-4o-mini"),
        Action("The usual one", "/model default"),
    )
    assert "“o9”" in other
    assert "• openai/gpt-4o-mini" in other


async def test_the_model_that_was_chosen_answers_until_the_default_is_wanted_again(
    tmp_path: Path,
) -> None:
    usual = ScriptedModel("usual 1", "usual 2", name="offline")
    other = ScriptedModel("other", name="openai/gpt-4o-mini")
    async with house(tmp_path, usual, other, **MODELS) as home, working(home):
        await said(home, "ada", "a")
        ((changed, _),) = await told(home, "ada", "/model GPT-4o-mini")
        await said(home, "ada", "b")
        ((_, shown),) = await told(home, "ada", "/model")
        ((back, _),) = await told(home, "ada", "/model default")
        await said(home, "ada", "c")
        events = await home.heard("ada", until=0)
    assert (changed, back) == ("reply.model_changed", "reply.model_default")
    assert "• openai/gpt-4o-mini ← now" in shown
    assert replies(events) == ["usual 1", "other", "usual 2"]


async def test_a_model_that_is_no_longer_allowed_gives_way_to_the_default(tmp_path: Path) -> None:
    first = ScriptedModel("first", name="offline")
    other = ScriptedModel(name="openai/gpt-4o-mini")
    async with house(tmp_path, first, other, **MODELS) as home, working(home):
        await said(home, "ada", "/model gpt-4o-mini")
    async with house(tmp_path, first) as home, working(home):
        receipt = await home.accept("ada", "Hello")
        events = await home.heard("ada", until=receipt.position)
    assert replies(events) == ["first"]


@pytest.mark.parametrize("command", ["/model openai/gpt-4o-mini", "/persona coach"])
async def test_a_choice_waits_for_the_messages_before_it(tmp_path: Path, command: str) -> None:
    model = ScriptedModel("one", name="offline")
    async with house(tmp_path, model, ScriptedModel(name="openai/gpt-4o-mini"), **MODELS) as home:
        await home.accept("ada", "Hello")
        receipt = await home.accept("ada", command)
        async with working(home):
            await home.heard("ada", until=receipt.position)
    (request,) = model.requests
    assert "a coach for goals" not in request.prompt[0].text


async def test_start_is_the_agent_s_greeting_and_who_else_it_could_be(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        ((key, first),) = await told(home, "ada", "/start")
        await said(home, "ada", "/persona coach")
        ((_, changed),) = await told(home, "ada", "/start")
    assert key == "reply.start"
    assert first.startswith(TEMPLATES["friend"].greeting_text().strip())
    assert "coach: " in first
    assert changed.startswith(TEMPLATES["coach"].greeting_text().strip())


async def test_start_is_the_help_where_the_template_is_gone(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    friend = (BUNDLED_TEMPLATES / "friend.yaml").read_text("utf-8")
    (own / "gone.yaml").write_text(friend.replace("name: friend", "name: gone"), "utf-8")
    folder = tmp_path / "data"
    folder.mkdir()
    async with house(folder, ScriptedModel(), templates_dir=own, template="gone") as home:
        await home.accept("ada", "/help")
    async with house(folder, ScriptedModel()) as home, working(home):
        ((key, _),) = await told(home, "ada", "/start")
    assert key == "reply.help"
