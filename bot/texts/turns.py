"""Why a turn ended without an answer, or waits."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "turn.error": (
        "Something went wrong while I worked on that, and I have set it aside for the "
        "people who run me. You can go on writing."
    ),
    "turn.store_waiting": (
        "I can't save anything at the moment. Your message is safe, and I will answer as soon as "
        "I can."
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
    "turn.rest_in_file": "… All of it is in the file {file}.",
    "turn.max_steps": "I stopped here: that took more work than I may do for one message.",
    "turn.max_tokens": "I stopped here: that took more text than I may read for one message.",
    "turn.cancelled": "Stopped.",
    "turn.incognito_expired": (
        "The hour is up: incognito is over. What we said in it is being deleted here, and I know "
        "you again."
    ),
    "turn.held": (
        "I would note this, but the words behind it aren't yours, so I ask first:\n{lines}"
    ),
    "turn.noted": "Noted:{lines}",
    "turn.budget": "Today's budget is used up. I can answer again tomorrow.",
    "turn.too_large": "That is too much for me to read at once. Please send it in parts.",
}

GERMAN: Texts = {
    "turn.error": (
        "Dabei ist etwas schiefgegangen; ich habe die Nachricht für die Betreiber zur Seite "
        "gelegt. Du kannst weiterschreiben."
    ),
    "turn.store_waiting": (
        "Ich kann gerade nichts speichern. Deine Nachricht ist sicher, und ich antworte, sobald "
        "es geht."
    ),
    "turn.model_waiting": (
        "Ich erreiche mein Sprachmodell gerade nicht. Deine Nachricht ist sicher, und ich "
        "antworte, sobald es geht."
    ),
    "turn.model_refused": (
        "Mein Sprachmodell hat die Antwort verweigert. Wenn das wieder vorkommt, sag bitte "
        "den Betreibern Bescheid."
    ),
    "turn.no_answer": (
        "Leider habe ich darauf keine Antwort gefunden. Bitte versuch es mit anderen Worten."
    ),
    "turn.rest_in_file": "… Alles steht in der Datei {file}.",
    "turn.max_steps": (
        "Hier habe ich aufgehört: Das war mehr Arbeit, als ich für eine Nachricht leisten darf."
    ),
    "turn.max_tokens": (
        "Hier habe ich aufgehört: Das war mehr Text, als ich für eine Nachricht lesen darf."
    ),
    "turn.cancelled": "Aufgehört.",
    "turn.incognito_expired": (
        "Die Stunde ist um: Inkognito ist vorbei. Was wir darin gesagt haben, wird hier gelöscht, "
        "und ich kenne dich wieder."
    ),
    "turn.held": (
        "Das würde ich mir notieren, aber die Worte dahinter sind nicht deine, also frage ich "
        "erst:\n{lines}"
    ),
    "turn.noted": "Notiert:{lines}",
    "turn.budget": "Das Budget für heute ist aufgebraucht. Morgen antworte ich wieder.",
    "turn.too_large": "Das ist zu viel auf einmal für mich. Bitte schick es in Teilen.",
}
