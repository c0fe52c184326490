"""What `/sleep` gives back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.sleep": (
        "After {minutes} minutes without a message I go over what is new and put my memory in "
        "order: I merge what is there twice, replace what has changed and drop what is over.\n\n"
        "{last}"
    ),
    "reply.sleep_is_off": (
        "You switched it off: I don't go over our conversations by myself.\n\n{last}"
    ),
    "reply.sleep_never": "I haven't done so yet.",
    "reply.sleep_last": (
        "Last time, on {date}, I read {messages} messages and changed this:\n{changes}"
    ),
    "reply.sleep_last_idle": (
        "Last time, on {date}, I read {messages} messages, and all was in order."
    ),
    "reply.sleep_reason": "   {reason}",
    "reply.sleep_on": (
        "Switched on: after {minutes} minutes without a message I put my memory in order. "
        "/sleep shows what came of it."
    ),
    "reply.sleep_off": ("Switched off: I change my memory only while we talk."),
    "reply.sleep_now": (
        "I go over it now, as soon as no message of yours waits. /sleep shows what came of it."
    ),
    "reply.sleep_nothing_new": "There is nothing new since the last time.",
    "reply.sleep_not_here": "The people who run me have switched that off.",
    "reply.sleep_how": (
        "Say /sleep to see how I put my memory in order; /sleep now, /sleep off or /sleep on."
    ),
}

GERMAN: Texts = {
    "reply.sleep": (
        "Nach {minutes} Minuten ohne Nachricht gehe ich das Neue durch und ordne mein Gedächtnis: "
        "Doppeltes führe ich zusammen, Überholtes ersetze ich, Vergangenes lasse ich weg.\n\n"
        "{last}"
    ),
    "reply.sleep_is_off": (
        "Du hast es abgeschaltet: Ich gehe unsere Gespräche nicht von selbst durch.\n\n{last}"
    ),
    "reply.sleep_never": "Das habe ich noch nicht getan.",
    "reply.sleep_last": (
        "Zuletzt, am {date}, habe ich {messages} Nachrichten gelesen und das geändert:\n{changes}"
    ),
    "reply.sleep_last_idle": (
        "Zuletzt, am {date}, habe ich {messages} Nachrichten gelesen, und alles war in Ordnung."
    ),
    "reply.sleep_reason": "   {reason}",
    "reply.sleep_on": (
        "Eingeschaltet: Nach {minutes} Minuten ohne Nachricht ordne ich mein Gedächtnis. "
        "/sleep zeigt, was dabei herauskam."
    ),
    "reply.sleep_off": ("Abgeschaltet: Ich ändere mein Gedächtnis nur, während wir reden."),
    "reply.sleep_now": (
        "Ich gehe es jetzt durch, sobald keine Nachricht von dir wartet. "
        "/sleep zeigt, was dabei herauskam."
    ),
    "reply.sleep_nothing_new": "Seit dem letzten Mal gibt es nichts Neues.",
    "reply.sleep_not_here": "Die Betreiber haben das abgeschaltet.",
    "reply.sleep_how": (
        "Sag /sleep, um zu sehen, wie ich mein Gedächtnis ordne; /sleep now, /sleep off oder "
        "/sleep on."
    ),
}
