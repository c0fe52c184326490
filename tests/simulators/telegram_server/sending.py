"""Methods that put something before people: messages, files, drafts, typing, guests' answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentcore.clock import SECOND
from tests.simulators.telegram_server.chats import Action, Chat, Draft, Record
from tests.simulators.telegram_server.entities import Formatted, units
from tests.simulators.telegram_server.markup import inline_keyboard
from tests.simulators.telegram_server.parameters import Parameters, Upload, of_json
from tests.simulators.telegram_server.refusals import JSON, Refused, bad_request
from tests.simulators.telegram_server.texts import (
    MOST_TEXT,
    caption_of,
    formatted_text,
    message_text,
)
from tests.simulators.telegram_server.world import Connection, World

MOST_UPLOAD = 50 * 1024 * 1024
MOST_PHOTO = 10 * 1024 * 1024
BUSINESS_WINDOW = 24 * 3600 * SECOND
GENERAL_TOPIC = 1
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def send_message(world: World, asked: Parameters) -> JSON:
    chat = _target(world, asked)
    formatted = known_mentions(world, asked)
    preview = asked.json("link_preview_options")
    fields: JSON = {"text": formatted.text}
    if formatted.entities:
        fields["entities"] = formatted.json_entities
    if preview is not None and not isinstance(preview, dict):
        raise bad_request("can't parse link preview options JSON object")
    if preview:
        fields["link_preview_options"] = preview
    return _put(world, asked, chat, fields)


def send_document(world: World, asked: Parameters) -> JSON:
    chat = _target(world, asked)
    formatted = caption_of(asked)
    upload = asked.upload("document")
    if upload is None:
        stored = world.files.get(asked.text("document"))
        if not asked.text("document"):
            raise bad_request("there is no document in the request")
        if stored is None:
            raise bad_request("wrong remote file identifier specified: wrong string length")
    else:
        _check_size(upload, MOST_UPLOAD)
        body = {"file_name": upload.name, "mime_type": upload.mime_type}
        stored = world.store_file("document", upload.content, body, name=upload.name)
    fields = {"document": stored.body, **_caption(formatted)}
    return _put(world, asked, chat, fields, stored.content)


def send_photo(world: World, asked: Parameters) -> JSON:
    chat = _target(world, asked)
    formatted = caption_of(asked)
    upload = asked.upload("photo")
    if upload is None:
        stored = world.files.get(asked.text("photo"))
        if not asked.text("photo"):
            raise bad_request("there is no photo in the request")
        if stored is None or stored.kind != "photo":
            raise bad_request("wrong remote file identifier specified: wrong string length")
    else:
        _check_size(upload, MOST_PHOTO)
        if not upload.content.startswith((b"\xff\xd8", b"\x89PNG")):
            raise bad_request("IMAGE_PROCESS_FAILED")
        stored = world.store_file(
            "photo", upload.content, {"width": 90, "height": 90}, name=upload.name
        )
    return _put(world, asked, chat, {"photo": [stored.body], **_caption(formatted)}, stored.content)


def _check_size(upload: Upload, most: int) -> None:
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > MOST_UPLOAD:
        raise Refused(413, "Request Entity Too Large")
    if len(upload.content) > most:
        raise bad_request("file is too big")


def known_mentions(world: World, asked: Parameters) -> Formatted:
    """A message's text, with people mentioned by number as they are.

    Raises:
        Refused: It isn't one that can be sent, or an entity is for nobody whom the bot knows. Of
            markup for nobody, the text stays and no mention.
    """
    formatted = message_text(asked)
    entities = []
    for each in formatted.entities:
        if each.type == "text_mention":
            user = world.people.get(dict(each.detail)["user"].get("id"))
            if user is None and asked.json("entities"):
                raise bad_request("user not found")
            if user is None:
                continue
            each = replace(each, detail=(("user", user),))  # noqa: PLW2901
        entities.append(each)
    return Formatted(formatted.text, tuple(entities))


def _caption(formatted: Formatted) -> JSON:
    if not formatted.text:
        return {}
    entities = {"caption_entities": formatted.json_entities} if formatted.entities else {}
    return {"caption": formatted.text, **entities}


def send_chat_action(world: World, asked: Parameters) -> bool:
    chat = _target(world, asked)
    action = asked.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.acts(Action(world.timeline.now(), action, topic_of(chat, asked)))
    return True


def send_message_draft(world: World, asked: Parameters) -> bool:
    chat = world.writable(asked.text("chat_id"))
    if chat.kind != "private":
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    draft_id = asked.integer("draft_id")
    if draft_id == 0:
        raise bad_request("invalid draft_id specified")
    formatted = formatted_text(asked, "text", "parse_mode", "entities")
    if len(formatted.text) > MOST_TEXT:
        raise bad_request("message is too long")
    topic = topic_of(chat, asked)
    entities = tuple(formatted.json_entities)
    chat.drafted(Draft(world.timeline.now(), draft_id, formatted.text, entities, topic))
    return True


def answer_guest_query(world: World, asked: Parameters) -> JSON:
    guest = world.guests.get(asked.text("guest_query_id"))
    if guest is None or guest.inline_message_id:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    result = asked.json("result", "inline query result")
    content = (result or {}).get("input_message_content")
    if not isinstance(content, dict) or not result.get("id"):
        raise bad_request("can't parse inline query result: Can't find field \"id\"")
    told = dict(content, text=content.get("message_text", ""))
    formatted = message_text(of_json(told))
    markup = inline_keyboard(of_json({"reply_markup": result.get("reply_markup")}))
    guest.inline_message_id = f"AgAAAFamiliar{next(world.numbers):06d}"
    message = _message(world, guest.chat, {"text": formatted.text})
    message |= {"via_bot": world.bot.user}
    if formatted.entities:
        message["entities"] = formatted.json_entities
    if markup:
        message["reply_markup"] = markup
    record = Record(message, world.timeline.now(), by_bot=True)
    world.inline_messages[guest.inline_message_id] = record
    guest.chat.put(record)
    return {"inline_message_id": guest.inline_message_id}


def _target(world: World, asked: Parameters) -> Chat:
    """Where to send: a chat of the bot's, or one of a business account."""
    if name := asked.text("business_connection_id"):
        return _business_chat(world, name, asked.integer("chat_id"))
    return world.writable(asked.text("chat_id"))


def connection_named(world: World, name: str) -> Connection:
    connection = world.connections.get(name)
    if connection is None or not connection.enabled:
        raise bad_request("business connection not found")
    return connection


def _business_chat(world: World, name: str, counterpart: int) -> Chat:
    connection = connection_named(world, name)
    chat = connection.chats.get(counterpart)
    if chat is None:
        raise bad_request("chat not found")
    if not connection.can_reply:
        raise bad_request("BUSINESS_CONNECTION_NOT_ALLOWED")
    if world.timeline.now() - connection.last_inbound.get(counterpart, 0) > BUSINESS_WINDOW:
        raise bad_request("BUSINESS_PEER_USAGE_MISSING")
    return chat


def topic_of(chat: Chat, asked: Parameters) -> int | None:
    """The topic of a message.

    Raises:
        Refused: The chat has none such, or it is closed. The general topic has no id to send to.
    """
    topic = asked.integer("message_thread_id")
    if not topic:
        return None
    if topic == GENERAL_TOPIC or topic not in chat.topics:
        raise bad_request("message thread not found")
    if topic in chat.closed_topics and chat.bot_status != "administrator":
        raise bad_request("TOPIC_CLOSED")
    return topic


def _message(world: World, chat: Chat, fields: JSON) -> JSON:
    return {
        "message_id": world.message_id(chat),
        "from": world.bot.user,
        "chat": chat.json,
        "date": world.seconds(),
        **fields,
    }


def _put(world: World, asked: Parameters, chat: Chat, fields: JSON, content: bytes = b"") -> JSON:
    """Send, once everything about it is in order."""
    markup = inline_keyboard(asked)
    topic = topic_of(chat, asked)
    reply, quote = _replied(chat, asked)
    world.flood.take(chat)
    if asked.text("business_connection_id"):
        fields["business_connection_id"] = asked.text("business_connection_id")
        fields["sender_business_bot"] = world.bot.user
    if topic is not None:
        fields |= {"message_thread_id": topic, "is_topic_message": True}
    if reply is not None:
        fields["reply_to_message"] = reply
    if quote:
        fields["quote"] = quote
    if markup is not None:
        fields["reply_markup"] = markup
    if asked.flag("protect_content"):
        fields["has_protected_content"] = True
    message = _message(world, chat, fields)
    chat.put(Record(message, world.timeline.now(), by_bot=True, content=content))
    return message


def _replied(chat: Chat, asked: Parameters) -> tuple[JSON | None, JSON]:
    """The message that is replied to, and what is quoted of it."""
    told: Any = asked.json("reply_parameters", "reply parameters")
    if told is None and asked.integer("reply_to_message_id"):
        told = {
            "message_id": asked.integer("reply_to_message_id"),
            "allow_sending_without_reply": asked.flag("allow_sending_without_reply"),
        }
    if told is None:
        return None, {}
    if not isinstance(told, dict) or not isinstance(told.get("message_id"), int):
        raise bad_request("can't parse reply parameters JSON object")
    if len(str(told.get("quote", ""))) > 1024:
        raise bad_request("message quote is too long")
    record = chat.records.get(told["message_id"])
    if record is None or record.deleted:
        if told.get("allow_sending_without_reply"):
            return None, {}
        raise bad_request("message to be replied not found")
    message = record.message
    replied = {name: value for name, value in message.items() if name != "reply_to_message"}
    if not (quote := told.get("quote")):
        return replied, {}
    before, found, _ = str(message.get("text") or message.get("caption") or "").partition(quote)
    if not found:
        raise bad_request("QUOTE_TEXT_INVALID")
    return replied, {"text": quote, "position": units(before), "is_manual": True}


METHODS = {
    "sendMessage": send_message,
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "sendChatAction": send_chat_action,
    "sendMessageDraft": send_message_draft,
    "answerGuestQuery": answer_guest_query,
}
