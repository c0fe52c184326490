"""The calls that answer interactions: the first within three seconds, others for fifteen minutes."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulators.discord_server.calls import Call
from tests.simulators.discord_server.channels import EPHEMERAL, LOADING, Record
from tests.simulators.discord_server.commands import check_choices
from tests.simulators.discord_server.components import check_modal
from tests.simulators.discord_server.drafting import Draft, drafted, redrafted
from tests.simulators.discord_server.interactions import (
    MOST_FOLLOW_UPS_OUTSIDE,
    Interaction,
    InteractionKind,
)
from tests.simulators.discord_server.messages import rewrite
from tests.simulators.discord_server.permissions import ALL
from tests.simulators.discord_server.refusals import (
    ACKNOWLEDGED,
    JSON,
    MOST_FOLLOW_UPS,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refused,
    no_choice,
    required,
)
from tests.simulators.discord_server.world import World

SAY, ANNOUNCE, ACKNOWLEDGE, UPDATE, PROPOSE, OPEN_MODAL = 4, 5, 6, 7, 8, 9
_MAY = {
    InteractionKind.COMMAND: {SAY, ANNOUNCE, OPEN_MODAL},
    InteractionKind.COMPONENT: {SAY, ANNOUNCE, ACKNOWLEDGE, UPDATE, OPEN_MODAL},
    InteractionKind.AUTOCOMPLETE: {PROPOSE},
    InteractionKind.MODAL: {SAY, ANNOUNCE, ACKNOWLEDGE, UPDATE},
}


def callback(world: World, call: Call) -> JSON | None:
    """The first answer."""
    interaction = world.interactions.get(call.ids[1])
    if interaction is None or str(interaction.id) != call.ids[0]:
        raise Refused(*UNKNOWN_INTERACTION)
    if interaction.answered is not None:
        raise Refused(*ACKNOWLEDGED)
    if interaction.late:
        raise Refused(*UNKNOWN_INTERACTION)
    kind = call.asked.get("type")
    allowed = _MAY[interaction.kind]
    if interaction.kind is InteractionKind.MODAL and interaction.message is None:
        allowed = allowed - {ACKNOWLEDGE, UPDATE}
    if kind not in allowed:
        raise no_choice("type", ", ".join(map(str, sorted(allowed))))
    try:
        _DO[kind](world, interaction, call, call.asked.get("data") or {})
    except Refused as refused:
        raise _within_data(refused) from refused
    interaction.answered = kind
    world.bell.ring()
    return _told(world, interaction) if call.flag("with_response") else None


def _within_data(refused: Refused) -> Refused:
    """The same, with the paths of the fields as they are in an answer to an interaction."""
    errors = refused.more.get("errors", {})
    if not errors or "data" in errors:
        return refused
    return Refused(refused.status, refused.code, refused.message, {"errors": {"data": errors}})


def _told(world: World, interaction: Interaction) -> JSON:
    kind, record = interaction.answered, interaction.original
    about: JSON = {"id": str(interaction.id), "type": int(interaction.kind)}
    resource: JSON = {"type": kind}
    if record is not None and kind != ACKNOWLEDGE:
        about |= {
            "response_message_id": str(record.id),
            "response_message_loading": bool(record.message["flags"] & LOADING),
            "response_message_ephemeral": record.only_for is not None,
        }
        if kind != ANNOUNCE:
            resource["message"] = world.message_json(interaction.channel, record)
    return {"interaction": about, "resource": resource}


def _say(world: World, interaction: Interaction, call: Call, data: JSON) -> None:
    draft = drafted(world, interaction.channel, call, data, held=ALL, ephemeral=True)
    interaction.original = _post(world, interaction, draft)


def _announce(world: World, interaction: Interaction, _call: Call, data: JSON) -> None:
    flags = LOADING | int(data.get("flags") or 0) & EPHEMERAL
    interaction.original = _post(world, interaction, Draft({"flags": flags}))


def _acknowledge(_world: World, interaction: Interaction, _call: Call, _data: JSON) -> None:
    interaction.original = interaction.message


def _update(world: World, interaction: Interaction, call: Call, data: JSON) -> None:
    if interaction.message is None:
        raise Refused(*UNKNOWN_MESSAGE)
    rewrite(world, interaction.channel, interaction.message, call, data)
    interaction.original = interaction.message


def _propose(_world: World, interaction: Interaction, _call: Call, data: JSON) -> None:
    if "choices" not in data:
        raise required("data.choices")
    check_choices(data["choices"], "data.choices")
    interaction.choices = data["choices"]


def _open_modal(_world: World, interaction: Interaction, _call: Call, data: JSON) -> None:
    interaction.modal = check_modal(data)


_DO: dict[int, Callable[[World, Interaction, Call, JSON], None]] = {
    SAY: _say,
    ANNOUNCE: _announce,
    ACKNOWLEDGE: _acknowledge,
    UPDATE: _update,
    PROPOSE: _propose,
    OPEN_MODAL: _open_modal,
}


def _post(world: World, interaction: Interaction, draft: Draft) -> Record:
    """A message that answers; if it is ephemeral, only the person sees it."""
    channel = interaction.channel
    kind = 0
    if interaction.kind is InteractionKind.COMMAND and not interaction.answered:
        kind = 20 if interaction.data["type"] == 1 else 23
    fields = draft.fields | {
        "webhook_id": str(world.bot.id),
        "application_id": str(world.bot.id),
        "interaction_metadata": interaction.metadata,
    }
    message = world.new_message(channel, world.bot.user, fields, kind=kind)
    hidden = bool(message["flags"] & EPHEMERAL)
    record = Record(
        message,
        world.timeline.now(),
        by_bot=True,
        only_for=interaction.person.id if hidden else None,
        files=draft.files,
        notified=draft.notified,
        token=interaction.token,
    )
    return world.put(channel, record)


# Afterwards, by the interaction's token


def _known(world: World, call: Call) -> Interaction:
    """The interaction, once it was answered and while its token is good."""
    interaction = world.interactions.get(call.ids[1])
    known = interaction is not None and call.ids[0] == str(world.bot.id)
    if interaction is None or not known or interaction.answered is None or interaction.over:
        raise Refused(*UNKNOWN_WEBHOOK)
    return interaction


def _found(world: World, call: Call) -> tuple[Interaction, Record]:
    interaction = _known(world, call)
    record = interaction.owned(call.ids[2])
    if record is None:
        raise Refused(*UNKNOWN_MESSAGE)
    return interaction, record


def follow_up(world: World, call: Call) -> JSON:
    """One more message; the first after an announcement takes its place."""
    interaction = _known(world, call)
    channel, announced = interaction.channel, interaction.original
    if interaction.outside and len(interaction.follow_ups) >= MOST_FOLLOW_UPS_OUTSIDE:
        raise Refused(*MOST_FOLLOW_UPS)
    if announced is not None and announced.message["flags"] & LOADING and not announced.deleted:
        _fill(world, interaction, announced, call)
        return world.message_json(channel, announced)
    draft = drafted(world, channel, call, call.asked, held=ALL, ephemeral=True)
    record = _post(world, interaction, draft)
    interaction.follow_ups.append(record)
    return world.message_json(channel, record)


def _fill(world: World, interaction: Interaction, record: Record, call: Call) -> None:
    """What was announced comes: as hidden or open as it was announced."""
    channel = interaction.channel
    draft = redrafted(world, channel, record, call, call.asked)
    flags = draft.fields["flags"] & ~LOADING
    record.message = record.message | draft.fields | {"flags": flags}
    record.files, record.at = draft.files, world.timeline.now()
    hidden = record.only_for is not None
    channel.happened("message", record.shown().text, record.id, ephemeral=hidden)
    world.announce("MESSAGE_UPDATE", channel, record)


def read_answer(world: World, call: Call) -> JSON:
    interaction, record = _found(world, call)
    return world.message_json(interaction.channel, record)


def edit_answer(world: World, call: Call) -> JSON:
    interaction, record = _found(world, call)
    if record.message["flags"] & LOADING:
        _fill(world, interaction, record, call)
    else:
        rewrite(world, interaction.channel, record, call, call.asked)
    return world.message_json(interaction.channel, record)


def delete_answer(world: World, call: Call) -> None:
    interaction, record = _found(world, call)
    world.remove(interaction.channel, record)
