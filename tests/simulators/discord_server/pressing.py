"""How people use commands, buttons, selects, menus and modals."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from tests.simulators.discord_server.channels import Channel, Kind, Record, parts
from tests.simulators.discord_server.commands import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from tests.simulators.discord_server.components import BUTTON, SELECT, SELECTS
from tests.simulators.discord_server.interactions import Interaction, InteractionKind
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.refusals import JSON

if TYPE_CHECKING:
    from tests.simulators.discord_server.people import Person
    from tests.simulators.discord_server.world import World

_GROUPS = {1, 2}
_USER, _CHANNEL, _ROLE, _ATTACHMENT = 6, 7, 8, 11
_RESOLVED = frozenset({_USER, _CHANNEL, _ROLE, _ATTACHMENT})
_OF_SELECT = {5: _USER, 6: _ROLE, 7: _USER, 8: _CHANNEL}


class Presser(ABC):
    """The part of a person that uses what the bot offers."""

    world: World
    id: int
    name: str
    installed: bool

    @property
    @abstractmethod
    def dm(self) -> Channel: ...

    def installs_bot(self) -> None:
        """For themselves: its commands are there wherever they are."""
        self.installed = True

    def uses(
        self,
        command: str,
        *,
        options: dict[str, Any] | None = None,
        channel: Channel | None = None,
    ) -> Interaction:
        """Use a command as people see it: `/memory`, or `/memory show` for one within."""
        where = channel or self.dm
        names = command.removeprefix("/").split()
        known = self._command(names[0], CHAT_INPUT, where)
        told, resolved = _options(known, names[1:], options or {})
        data: JSON = {"id": known["id"], "name": known["name"], "type": 1, "options": told}
        if resolved:
            data["resolved"] = self._resolved(resolved, where)
        if "guild_id" in known:
            data["guild_id"] = known["guild_id"]
        return self._interacts(InteractionKind.COMMAND, data, where)

    def types_option(
        self, command: str, option: str, typed: str, *, channel: Channel | None = None
    ) -> Interaction:
        """Begin to type an option that the bot completes; `choices` are its proposals."""
        where = channel or self.dm
        names = command.removeprefix("/").split()
        known = self._command(names[0], CHAT_INPUT, where)
        told, _ = _options(known, names[1:], {option: typed}, typing=option)
        data: JSON = {"id": known["id"], "name": known["name"], "type": 1, "options": told}
        return self._interacts(InteractionKind.AUTOCOMPLETE, data, where)

    def uses_menu(
        self, command: str, on: int | Person, *, channel: Channel | None = None
    ) -> Interaction:
        """Use a command of a message's menu, or of a person's."""
        where = channel or self.dm
        known = self._command(command, MESSAGE_MENU if isinstance(on, int) else USER_MENU, where)
        data: JSON = {"id": known["id"], "name": command, "type": known["type"]}
        if isinstance(on, int):
            message = self.world.message_json(where, where.records[on])
            data |= {"target_id": str(on), "resolved": {"messages": {str(on): message}}}
        else:
            data |= {
                "target_id": str(on.id),
                "resolved": self._resolved([(_USER, str(on.id))], where),
            }
        return self._interacts(InteractionKind.COMMAND, data, where)

    def presses(
        self, button: str, *, channel: Channel | None = None, message_id: int = 0
    ) -> Interaction:
        """Press a button by its label, on the newest message that has it."""
        where = channel or self.dm

        def fits(part: JSON) -> bool:
            return part["type"] == BUTTON and part.get("label") == button and "custom_id" in part

        record, part = self._part(where, fits, message_id, button)
        if part.get("disabled"):
            raise AssertionError(f"the button {button!r} cannot be pressed")
        return self.presses_id(part["custom_id"], where, record.id)

    def presses_id(self, custom_id: str, channel: Channel, message_id: int) -> Interaction:
        """Press a button that isn't there any more, or never was, as a changed client may."""
        data = {"custom_id": custom_id, "component_type": BUTTON, "id": 1}
        record = channel.records[message_id]
        return self._interacts(InteractionKind.COMPONENT, data, channel, record)

    def selects(
        self, *labels: str, channel: Channel | None = None, message_id: int = 0
    ) -> Interaction:
        """Choose from a select by what its options are called; of people and so on, by id."""
        where = channel or self.dm

        def fits(part: JSON) -> bool:
            if part["type"] not in SELECTS:
                return False
            there = {each["label"] for each in part.get("options", [])}
            return part["type"] != SELECT or set(labels) <= there

        record, part = self._part(where, fits, message_id, ", ".join(labels))
        values = {each["label"]: each["value"] for each in part.get("options", [])}
        data: JSON = {
            "custom_id": part["custom_id"],
            "component_type": part["type"],
            "values": [values.get(each, each) for each in labels],
            "id": part.get("id", 1),
        }
        if part["type"] != SELECT:
            kind = _OF_SELECT[part["type"]]
            data["resolved"] = self._resolved([(kind, each) for each in labels], where)
        return self._interacts(InteractionKind.COMPONENT, data, where, record)

    def submits(self, opened: Interaction, values: dict[str, str]) -> Interaction:
        """Fill in the modal that an interaction opened, by its fields' labels or ids, and send it.

        Raises:
            AssertionError: No modal was opened, or a required field is missing or too long.
        """
        if opened.modal is None:
            raise AssertionError("no modal was opened")
        rows = [_filled(each, values) for each in opened.modal["components"] if each["type"] != 10]
        data = {"custom_id": opened.modal["custom_id"], "components": rows}
        return self._interacts(InteractionKind.MODAL, data, opened.channel, opened.message)

    # How it becomes an interaction

    def _command(self, name: str, kind: int, where: Channel) -> JSON:
        guild = where.guild
        known = self.world.registry.find(name, kind, guild.id if guild else None)
        if known is None or not self._offered(known, where):
            raise AssertionError(f"{self.name} is offered no {name!r} there")
        return known

    def _offered(self, command: JSON, where: Channel) -> bool:
        contexts, guild = command.get("contexts"), where.guild
        own = self.installed and 1 in command["integration_types"]
        if where.kind is Kind.GROUP:
            return own and (contexts is None or 2 in contexts)
        if guild is None:
            allowed = contexts is None and command.get("dm_permission") is not False
            return allowed or 1 in (contexts or [])
        if contexts is not None and 0 not in contexts:
            return False
        told = command.get("default_member_permissions")
        needed = Permission(int(told or 0))
        if told == "0":
            needed = Permission.ADMINISTRATOR
        held = guild.permissions(self.id, where)
        if needed & ~held or Permission.USE_APPLICATION_COMMANDS not in held:
            return False
        return own or (guild.has_bot and 0 in command["integration_types"])

    def _part(self, where: Channel, fits: Any, message_id: int, wanted: str) -> tuple[Record, JSON]:
        for record in sorted(where.records.values(), key=lambda each: -each.id):
            if record.deleted or message_id not in {0, record.id}:
                continue
            if record.only_for not in {None, self.id}:
                continue
            for part in parts(record.message["components"]):
                if fits(part):
                    return record, part
        raise AssertionError(f"nothing with {wanted!r} there: {where.seen_by(self.id)}")

    def _resolved(self, wanted: list[tuple[int, str]], where: Channel) -> JSON:
        resolved: dict[str, JSON] = {}
        for kind, number in wanted:
            if kind == _USER:
                resolved.setdefault("users", {})[number] = self.world.user(int(number))
                if where.guild is not None and int(number) in where.guild.members:
                    member = where.guild.members[int(number)].json
                    plain = {k: v for k, v in member.items() if k != "user"}
                    plain["permissions"] = str(int(where.guild.permissions(int(number), where)))
                    resolved.setdefault("members", {})[number] = plain
            elif kind == _CHANNEL:
                channel = self.world.channels[int(number)]
                resolved.setdefault("channels", {})[number] = channel.json | {"permissions": "0"}
            elif kind == _ROLE and where.guild is not None:
                resolved.setdefault("roles", {})[number] = where.guild.roles[int(number)].json
            elif kind == _ATTACHMENT:
                about = self.world.files.signed(self.world.files.about(int(number)))
                resolved.setdefault("attachments", {})[number] = about
        return dict(resolved)

    def _interacts(
        self, kind: InteractionKind, data: JSON, where: Channel, message: Record | None = None
    ) -> Interaction:
        world = self.world
        interaction = Interaction(
            world,
            world.ids.new(),
            f"aW50ZXJhY3Rpb246{uuid.uuid4().hex}",
            kind,
            world.people[self.id],
            where,
            data,
            world.timeline.now(),
            message,
        )
        world.interactions[interaction.token] = interaction
        guild_id = where.guild.id if where.guild else None
        if world.bot.endpoint is None:
            world.gateway.dispatch("INTERACTION_CREATE", interaction.json, guild_id=guild_id)
        return interaction


def _options(
    command: JSON, names: list[str], values: dict[str, Any], *, typing: str = ""
) -> tuple[list[JSON], list[tuple[int, str]]]:
    """The options as they are sent, and the ids within that want to be looked up."""
    offered: list[JSON] = command.get("options") or []
    if names:
        inner = next((each for each in offered if each["name"] == names[0]), None)
        if inner is None or inner["type"] not in _GROUPS:
            raise AssertionError(f"no {names[0]!r} in {command['name']!r}")
        told, resolved = _options(inner, names[1:], values, typing=typing)
        return [{"name": inner["name"], "type": inner["type"], "options": told}], resolved
    known = {each["name"]: each for each in offered}
    if any(each["type"] in _GROUPS for each in offered):
        raise AssertionError(f"{command['name']!r} has more within: say which")
    for name in values.keys() - known.keys():
        raise AssertionError(f"no option {name!r} in {command['name']!r}")
    missing = [
        each["name"] for each in offered if each.get("required") and each["name"] not in values
    ]
    if missing and not typing:
        raise AssertionError(f"{command['name']!r} wants {missing}")
    sent = [_option(known[name], value, typing=name == typing) for name, value in values.items()]
    resolved = [(each["type"], each["value"]) for each in sent if each["type"] in _RESOLVED]
    return sent, resolved


def _option(option: JSON, value: Any, *, typing: bool) -> JSON:
    kind = option["type"]
    sent: JSON = {"name": option["name"], "type": kind, "value": value}
    if typing:
        if not option.get("autocomplete"):
            raise AssertionError(f"the bot doesn't complete {option['name']!r}")
        return sent | {"focused": True}
    _check_value(option, value)
    return sent | {"value": str(value)} if kind in _RESOLVED else sent


def _check_value(option: JSON, value: Any) -> None:
    """Clients don't send what the option doesn't allow."""
    choices = [each["value"] for each in option.get("choices") or []]
    if choices and value not in choices:
        raise AssertionError(f"{option['name']!r} is one of {choices}")
    if option["type"] == 3:
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise AssertionError(f"{option['name']!r} is a text of {least} to {most} letters")
    if option["type"] == 4 and (isinstance(value, bool) or not isinstance(value, int)):
        raise AssertionError(f"{option['name']!r} is a number")


def _filled(row: JSON, values: dict[str, str]) -> JSON:
    inner = row["component"] if "component" in row else row["components"][0]
    label = row.get("label") or inner.get("label")
    value = values.get(inner["custom_id"], values.get(str(label), inner.get("value", "")))
    if inner.get("required", True) and not value:
        raise AssertionError(f"the field {label!r} must be filled in")
    if not (inner.get("min_length") or 0) <= len(value) <= (inner.get("max_length") or 4000):
        raise AssertionError(f"the field {label!r} takes no text of {len(value)} letters")
    filled: JSON = {"type": inner["type"], "custom_id": inner["custom_id"], "id": 2}
    if inner["type"] == 4:
        filled["value"] = value
    else:
        chosen = {each["label"]: each["value"] for each in inner.get("options", [])}
        filled["values"] = [chosen.get(value, value)]
    if "component" in row:
        return {"type": row["type"], "id": 1, "component": filled}
    return {"type": 1, "id": 1, "components": [filled]}
