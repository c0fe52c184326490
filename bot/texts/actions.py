"""What buttons are called: at most 30 characters, as phones show no more."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "action.undo": "Undo",
    "action.why": "Why",
    "action.keep": "Keep",
    "action.drop": "Leave it out",
    "action.forget_all": "Forget all of it",
    "action.unforget": "Bring it back",
    "action.undo_last": "Undo the last change",
    "action.archive": "Show the archive",
    "action.forget_passage": "Forget it",
    "action.usual_model": "The usual one",
    "action.cards_on": "Now and then",
    "action.cards_always": "Every time",
    "action.cards_off": "Never",
    "action.sleep_now": "Do it now",
    "action.sleep_off": "Switch it off",
    "action.sleep_on": "Switch it on",
    "action.sleep_undo": "Take all of that back",
    "action.incognito_off": "End incognito",
    "action.listen_on": "Answer everything",
    "action.listen_off": "Only what is meant for you",
    "action.link": "Yes, make us one",
    "action.unlink": "Take it back",
    "action.agree": "I agree",
    "action.decline": "No",
}

GERMAN: Texts = {
    "action.undo": "Rückgängig",
    "action.why": "Warum",
    "action.keep": "Notieren",
    "action.drop": "Weglassen",
    "action.forget_all": "Alles davon vergessen",
    "action.unforget": "Zurückholen",
    "action.undo_last": "Letzte Änderung zurücknehmen",
    "action.archive": "Archiv zeigen",
    "action.forget_passage": "Vergessen",
    "action.usual_model": "Das übliche",
    "action.cards_on": "Ab und zu",
    "action.cards_always": "Jedes Mal",
    "action.cards_off": "Nie",
    "action.sleep_now": "Jetzt machen",
    "action.sleep_off": "Abschalten",
    "action.sleep_on": "Einschalten",
    "action.sleep_undo": "Alles davon zurücknehmen",
    "action.incognito_off": "Inkognito beenden",
    "action.listen_on": "Auf alles antworten",
    "action.listen_off": "Nur wenn du gemeint bist",
    "action.link": "Ja, verbinden",
    "action.unlink": "Wieder trennen",
    "action.agree": "Einverstanden",
    "action.decline": "Nein",
}
