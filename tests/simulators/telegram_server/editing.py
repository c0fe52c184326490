"""Methods on what is already there: edits, deletions, reactions, answers to presses."""

from __future__ import annotations

from telegram.constants import ReactionEmoji

from agentcore.clock import SECOND
from tests.simulators.telegram_server.chats import Chat, Record
from tests.simulators.telegram_server.markup import inline_keyboard
from tests.simulators.telegram_server.parameters import Parameters
from tests.simulators.telegram_server.refusals import (
    JSON,
    NOT_MODIFIED,
    QUERY_TOO_OLD,
    bad_request,
)
from tests.simulators.telegram_server.sending import known_mentions
from tests.simulators.telegram_server.world import World

QUERY_SECONDS = 15
"""How long a press waits for its answer; Telegram tells no number."""
MOST_ANSWER = 200
DELETABLE_SECONDS = 48 * 3600


def edit_message_text(world: World, asked: Parameters) -> JSON | bool:
    chat, record = _editable(world, asked)
    formatted = known_mentions(world, asked)
    markup = inline_keyboard(asked)
    if "text" not in record.message:
        raise bad_request("there is no text in the message to edit")
    fields: JSON = {"text": formatted.text, "entities": formatted.json_entities}
    return _edit(world, chat, record, fields, markup)


def edit_message_reply_markup(world: World, asked: Parameters) -> JSON | bool:
    chat, record = _editable(world, asked)
    return _edit(world, chat, record, {}, inline_keyboard(asked))


def _editable(world: World, asked: Parameters) -> tuple[Chat | None, Record]:
    if name := asked.text("inline_message_id"):
        if name not in world.inline_messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return None, world.inline_messages[name]
    if connection := world.connections.get(asked.text("business_connection_id")):
        chat = connection.chats.get(asked.integer("chat_id"))
        if chat is None:
            raise bad_request("chat not found")
    else:
        chat = world.writable(asked.text("chat_id"))
    record = chat.records.get(asked.integer("message_id"))
    if record is None or record.deleted:
        raise bad_request("message to edit not found")
    if not record.by_bot:
        raise bad_request("message can't be edited")
    return chat, record


def _edit(
    world: World, chat: Chat | None, record: Record, fields: JSON, markup: JSON | None
) -> JSON | bool:
    old = record.message
    same_text = all(old.get(name, []) == value for name, value in fields.items())
    if same_text and old.get("reply_markup") == markup:
        raise bad_request(NOT_MODIFIED)
    if chat is not None:
        world.flood.take(chat)
    record.versions.append(old.get("text", ""))
    kept = {name: value for name, value in old.items() if name not in {"entities", "reply_markup"}}
    if not fields and "entities" in old:
        kept["entities"] = old["entities"]
    told = {name: value for name, value in fields.items() if value}
    record.message = kept | told | {"edit_date": world.seconds()}
    if markup is not None:
        record.message["reply_markup"] = markup
    where = chat or world.chats[record.message["chat"]["id"]]
    where.happened("edit", record.shown().text, record.id)
    return record.message if chat is not None else True


def delete_message(world: World, asked: Parameters) -> bool:
    chat = world.writable(asked.text("chat_id"))
    record = chat.records.get(asked.integer("message_id"))
    if record is None or record.deleted:
        raise bad_request("message to delete not found")
    others = not record.by_bot and chat.kind != "private" and chat.bot_status != "administrator"
    old = world.timeline.now() - record.at > DELETABLE_SECONDS * SECOND
    if others or (old and chat.bot_status != "administrator"):
        raise bad_request("message can't be deleted")
    record.deleted = True
    chat.happened("delete", message_id=record.id)
    return True


def set_message_reaction(world: World, asked: Parameters) -> bool:
    chat = world.writable(asked.text("chat_id"))
    record = chat.records.get(asked.integer("message_id"))
    if record is None or record.deleted:
        raise bad_request("message to react not found")
    reactions = asked.json("reaction") or []
    if not isinstance(reactions, list):
        raise bad_request("can't parse reaction types JSON object")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for each in reactions:
        if each.get("type") != "emoji" or each.get("emoji") not in list(ReactionEmoji):
            raise bad_request("REACTION_INVALID")
    chat.reactions[record.id] = reactions
    chat.happened("reaction", "".join(each["emoji"] for each in reactions), record.id)
    return True


def answer_callback_query(world: World, asked: Parameters) -> bool:
    query = world.queries.get(asked.text("callback_query_id"))
    now = world.timeline.now()
    if query is None or query.answer is not None or now - query.at > QUERY_SECONDS * SECOND:
        raise bad_request(QUERY_TOO_OLD)
    if len(asked.text("text")) > MOST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"text": asked.text("text"), "show_alert": asked.flag("show_alert")}
    world.bell.ring()
    return True


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "setMessageReaction": set_message_reaction,
    "answerCallbackQuery": answer_callback_query,
}
