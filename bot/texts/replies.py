"""What commands give back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.help": (
        "I am an assistant with a memory of my own about you. Just write to me.\n\n"
        "/memory: what I keep in mind\n"
        "/undo: take back the last change to my memory\n"
        "/new: start on a fresh page; my memory stays\n"
        "/stop: stop what I am doing now\n"
        "/help: this list"
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
}

GERMAN: Texts = {
    "reply.help": (
        "Ich bin ein Assistent, der sich merkt, was du erzählst. Schreib mir einfach.\n\n"
        "/memory: was ich mir gemerkt habe\n"
        "/undo: die letzte Änderung zurücknehmen\n"
        "/new: ein neues Blatt; was ich weiß, bleibt\n"
        "/stop: aufhören mit dem, was ich gerade tue\n"
        "/help: diese Liste"
    ),
    "reply.memory": "Das habe ich mir gemerkt:\n\n{blocks}",
    "reply.memory_empty": "Ich habe mir noch nichts über dich gemerkt.",
    "reply.undone": "Zurückgenommen. {label} lautet jetzt:\n{value}",
    "reply.undone_empty": "Zurückgenommen. {label} ist jetzt leer.",
    "reply.nothing_to_undo": "Es gibt keine Änderung, die ich zurücknehmen könnte.",
    "reply.undo_changed": (
        "An dieser Stelle hat sich seither etwas geändert, darum habe ich nichts angerührt. "
        "/memory zeigt den jetzigen Stand."
    ),
    "reply.new": (
        "Ein neues Blatt: Unsere letzten Nachrichten habe ich nicht mehr vor Augen. "
        "Was ich mir über dich gemerkt habe, bleibt, und nachschlagen kann ich weiterhin."
    ),
    "reply.stopping": "Ich höre auf.",
    "reply.nothing_to_stop": "Ich arbeite gerade an nichts.",
    "reply.unknown_command": "/{command} kenne ich nicht. /help zeigt, was ich verstehe.",
}
