"""What `/forget` and `/unforget` give back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.forget_found": (
        "This is what I found. Nothing is forgotten yet.\n\n{found}\n\n"
        "/forget yes and numbers (/forget yes 1 3) forgets only what stands under these."
    ),
    "reply.forget_line": "In my memory: “{text}”",
    "reply.forget_line_absorbed": "In my memory before I knew you here as well: “{text}”",
    "reply.forget_passage": "In my archive, {date}: “{text}”",
    "reply.forget_exchange": "What was said on {date}: “{text}”, with my answer",
    "reply.forget_more": "… and {more} more that were said about it.",
    "reply.forget_nothing": (
        "I found nothing that I could forget. Name a line by its number in /memory (/forget 3) "
        "or say what it is about (/forget about work). /forget alone shows what was said last."
    ),
    "reply.forget_what": (
        "First tell me what: /forget 3 for a line of /memory, /forget about work for a topic, "
        "or /forget alone for what was said last."
    ),
    "reply.forget_changed": (
        "My memory has changed since I showed you that. Nothing was forgotten; please ask again."
    ),
    "reply.forgotten": (
        "Forgotten:\n{what}\n\n"
        "At {until} I erase it for good; until then you can have it back. What the model's provider and "
        "your chat app keep is theirs. If you tell me again, I may note it again."
    ),
    "reply.forgotten_lines": "lines of my memory: {count}",
    "reply.forgotten_exchanges": "messages with what I answered: {count}",
    "reply.forgotten_passages": "texts in my archive: {count}",
    "reply.unforgotten": "It is all there again.",
    "reply.unforget_other": (
        "That is back already, or gone for good, or you had me forget something else since. "
        "/unforget brings back what was forgotten last."
    ),
    "reply.nothing_to_unforget": (
        "There is nothing that I could bring back: what was forgotten more than ten minutes ago "
        "is gone for good."
    ),
    "reply.undo_forgotten": (
        "You have just had me forget something. /unforget brings it back; earlier changes can be "
        "taken back once it is erased, ten minutes after you forgot it."
    ),
    "turn.removed": "(Here stood something that I have forgotten since.)",
}

GERMAN: Texts = {
    "reply.forget_found": (
        "Das habe ich gefunden. Noch ist nichts vergessen.\n\n{found}\n\n"
        "/forget yes und Nummern (/forget yes 1 3) vergisst nur, was unter diesen steht."
    ),
    "reply.forget_line": "In meinem Gedächtnis: „{text}“",
    "reply.forget_line_absorbed": (
        "In meinem Gedächtnis, bevor ich dich auch hier kannte: „{text}“"
    ),
    "reply.forget_passage": "In meinem Archiv, {date}: „{text}“",
    "reply.forget_exchange": "Gesagt am {date}: „{text}“, samt meiner Antwort",
    "reply.forget_more": "… und {more} weitere, in denen es darum ging.",
    "reply.forget_nothing": (
        "Ich habe nichts gefunden, das ich vergessen könnte. Nenn eine Zeile mit ihrer Nummer in "
        "/memory (/forget 3) oder sag, worum es geht (/forget Arbeit). /forget allein zeigt, was "
        "zuletzt gesagt wurde."
    ),
    "reply.forget_what": (
        "Sag mir zuerst, was: /forget 3 für eine Zeile aus /memory, /forget Arbeit für ein Thema, "
        "oder /forget allein für das, was zuletzt gesagt wurde."
    ),
    "reply.forget_changed": (
        "Mein Gedächtnis hat sich geändert, seit ich dir das gezeigt habe. Vergessen ist nichts; "
        "bitte frag noch einmal."
    ),
    "reply.forgotten": (
        "Vergessen:\n{what}\n\n"
        "Um {until} lösche ich es endgültig; bis dahin kannst du es zurückholen. Was der Anbieter des "
        "Modells und deine Chat-App behalten, liegt bei ihnen. Wenn du es mir wieder erzählst, darf "
        "ich es mir wieder merken."
    ),
    "reply.forgotten_lines": "Zeilen meines Gedächtnisses: {count}",
    "reply.forgotten_exchanges": "Nachrichten samt meinen Antworten: {count}",
    "reply.forgotten_passages": "Texte in meinem Archiv: {count}",
    "reply.unforgotten": "Es ist alles wieder da.",
    "reply.unforget_other": (
        "Das ist schon wieder da oder endgültig weg, oder ich sollte seither noch etwas vergessen. "
        "/unforget holt zurück, was ich zuletzt vergessen sollte."
    ),
    "reply.nothing_to_unforget": (
        "Es gibt nichts, das ich zurückholen könnte: Was vor mehr als zehn Minuten vergessen wurde, "
        "ist endgültig weg."
    ),
    "reply.undo_forgotten": (
        "Du hast mich gerade etwas vergessen lassen. /unforget bringt es zurück; frühere Änderungen "
        "lassen sich wieder zurücknehmen, sobald es gelöscht ist, zehn Minuten danach."
    ),
    "turn.removed": "(Hier stand etwas, das ich seither vergessen habe.)",
}
