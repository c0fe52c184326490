"""Every text of ours that a person gets to read, by key and language.

Keys that begin with `reply.` are what a command gives back; `refused.` says why something wasn't
accepted; `turn.` why a turn ended without an answer, or waits. Never part of a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agentcore.records import NoticeArguments
from bot.german import GERMAN

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "reply.help": (
            "I am an assistant with a memory of my own about you. Just write to me.\n\n{commands}"
        ),
        "reply.memory": "This is what I keep in mind:\n\n{blocks}",
        "reply.memory_empty": "I keep nothing in mind about you yet.",
        "reply.undone": "Taken back. {label} now reads:\n{value}",
        "reply.undone_empty": "Taken back. {label} is empty now.",
        "reply.nothing_to_undo": "There is no change to my memory that I could take back.",
        "reply.undo_changed": (
            "My memory has changed in that place since, so I left it alone. "
            "/memory shows how it reads now."
        ),
        "reply.new": (
            "A fresh page: I no longer have our last messages in view. "
            "What I keep in mind about you stays, and I can still look things up."
        ),
        "reply.stopping": "Stopping.",
        "reply.nothing_to_stop": "I am not working on anything right now.",
        "reply.unknown_command": "I don't know /{command}. /help shows what I understand.",
        "refused.too_long": (
            "That message is too long for me: {size} bytes, and I take {max_size}. "
            "Please send it in parts."
        ),
        "refused.empty": "There was nothing in that message that I can read.",
        "refused.pending_full": (
            "I still have {max_pending} of your messages or more to read. "
            "Please wait for my answers, then send that one again."
        ),
        "refused.rate": (
            "That is more than {max_per_minute} messages in a minute. "
            "Please wait a little, then send the last ones again."
        ),
        "refused.crowded": "Too many newcomers at once. Please try again in an hour.",
        "refused.not_admitted": (
            "This bot is private. Ask the person who runs it to let you in; "
            "what you wrote was not kept."
        ),
        "refused.blocked": "",
        "turn.error": (
            "Something went wrong while I worked on that, and I have set it aside for the "
            "people who run me. You can go on writing."
        ),
        "turn.model_waiting": (
            "I can't reach my language model at the moment. Your message is safe, and I will "
            "answer as soon as I can."
        ),
        "turn.model_refused": (
            "My language model refused to answer that. If it happens again, please tell the "
            "people who run me."
        ),
        "turn.no_answer": "I'm sorry, I couldn't find an answer to that. Please try other words.",
        "turn.max_steps": "I stopped here: that took more work than I may do for one message.",
        "turn.max_tokens": "I stopped here: that took more text than I may read for one message.",
        "turn.cancelled": "Stopped.",
        "turn.budget": "Today's budget is used up. I can answer again tomorrow.",
        "turn.too_large": "That is too much for me to read at once. Please send it in parts.",
    }
)

LANGUAGES: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH, "de": GERMAN})


def text_of(key: str, arguments: NoticeArguments, language: str | None) -> str:
    """The text in the reader's language, or in English where that has none.

    Raises:
        KeyError: no such key: a bug, which a test rules out for every key in use.
    """
    spoken = (language or "en").replace("_", "-").partition("-")[0].lower()
    wanted = LANGUAGES.get(spoken, ENGLISH)
    template = wanted.get(key) or ENGLISH[key]
    return template.format_map(arguments)
