"""Why something was not accepted. Said once per window."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
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
    "refused.unreadable_photo": (
        "I can't look at pictures yet: please tell me in words what is in it."
    ),
    "refused.unreadable_voice": ("I can't listen to voice messages yet: please write it to me."),
    "refused.unreadable_audio": "I can't listen to recordings yet: please write it to me.",
    "refused.unreadable_video": "I can't watch videos yet: please tell me what is in it.",
    "refused.unreadable_document": (
        "I can't open files yet: please paste the part that matters as text."
    ),
    "refused.unreadable_sticker": "I can't see stickers yet: please say it in words.",
    "refused.unreadable_other": "I can't read that yet: please say it in words.",
    "refused.press_gone": "That button is too old for me. Please write the command instead.",
    "refused.press_not_yours": "That button is for the person I was answering there.",
    "refused.press_unfilled": "I didn't get what you filled in. Please try again.",
    "refused.line_changed": (
        "That line is no longer what it was when I showed it to you. Please look at /memory again."
    ),
}

GERMAN: Texts = {
    "refused.unreadable_photo": (
        "Bilder kann ich noch nicht ansehen: Bitte sag mir in Worten, was darauf ist."
    ),
    "refused.unreadable_voice": (
        "Sprachnachrichten kann ich noch nicht anhören: Bitte schreib es mir."
    ),
    "refused.unreadable_audio": "Aufnahmen kann ich noch nicht anhören: Bitte schreib es mir.",
    "refused.unreadable_video": (
        "Videos kann ich noch nicht ansehen: Bitte sag mir, was darin vorkommt."
    ),
    "refused.unreadable_document": (
        "Dateien kann ich noch nicht öffnen: Bitte füg den wichtigen Teil als Text ein."
    ),
    "refused.unreadable_sticker": "Sticker kann ich noch nicht sehen: Bitte sag es in Worten.",
    "refused.unreadable_other": "Das kann ich noch nicht lesen: Bitte sag es in Worten.",
    "refused.press_gone": "Dieser Knopf ist mir zu alt. Bitte schreib stattdessen den Befehl.",
    "refused.press_not_yours": "Dieser Knopf ist für die Person, der ich dort geantwortet habe.",
    "refused.press_unfilled": (
        "Was du ausgefüllt hast, ist nicht angekommen. Bitte versuch es noch einmal."
    ),
    "refused.line_changed": (
        "Diese Zeile ist nicht mehr, was sie war, als ich sie dir gezeigt habe. "
        "Bitte sieh noch einmal in /memory nach."
    ),
    "refused.too_long": (
        "Diese Nachricht ist mir zu lang: {size} Bytes, und ich nehme {max_size}. "
        "Bitte schick sie in Teilen."
    ),
    "refused.empty": "In dieser Nachricht war nichts, das ich lesen kann.",
    "refused.pending_full": (
        "Ich habe noch {max_pending} oder mehr deiner Nachrichten zu lesen. "
        "Bitte warte auf meine Antworten und schick diese dann noch einmal."
    ),
    "refused.rate": (
        "Das sind mehr als {max_per_minute} Nachrichten in einer Minute. "
        "Bitte warte ein wenig und schick die letzten dann noch einmal."
    ),
    "refused.crowded": "Zu viele neue Leute auf einmal. Bitte versuch es in einer Stunde wieder.",
    "refused.not_admitted": (
        "Dieser Bot ist privat. Bitte den Betreiber, dich einzulassen; "
        "was du geschrieben hast, wurde nicht behalten."
    ),
    "refused.blocked": "",
}
