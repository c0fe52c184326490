"""What may be written behind a command, in a line of at most 100 characters."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "argument.memory": "archive: longer texts; or edit, a line's number and its new text",
    "argument.forget": "A line's number, or what it is about; nothing: what was said last",
    "argument.undo": "A line's number; nothing: the last change",
    "argument.persona": "Who I am to be; nothing: who I am now",
    "argument.incognito": "on: begin; off: end",
    "argument.why": "A line's number in /memory, or some of its words",
    "argument.model": "Its name; nothing: which one it is now",
    "argument.sleep": "on, off, or now; nothing: how it is now",
    "argument.cards": "on: now and then; always: each time; off: never",
    "argument.share": "A line's number, or something new; nothing: what groups know of you",
    "argument.unshare": "A line's number in /share; nothing: what groups know of you",
    "argument.link": "The code that I gave you on the other platform; nothing: get one",
    "argument.unlink": "The number of a link; nothing: which there are",
    "argument.timezone": "A city, such as Vienna; nothing: what I go by now",
    "argument.delete": "The code that I gave you; nothing: get one",
    "argument.start": "The word of an invitation, if you were given one",
    "argument.listen": "on: to everything; off: only to what is meant for me",
}

GERMAN: Texts = {
    "argument.memory": "archive: längere Texte; oder edit, eine Zeilennummer und der neue Text",
    "argument.forget": "Eine Zeilennummer oder ein Thema; nichts: was zuletzt gesagt wurde",
    "argument.undo": "Eine Zeilennummer; nichts: die letzte Änderung",
    "argument.persona": "Wer ich sein soll; nichts: wer ich jetzt bin",
    "argument.incognito": "on: anfangen; off: aufhören",
    "argument.why": "Eine Zeilennummer aus /memory oder ein paar ihrer Wörter",
    "argument.model": "Sein Name; nichts: welches es jetzt ist",
    "argument.sleep": "on: an, off: aus, now: jetzt gleich; nichts: wie es jetzt ist",
    "argument.cards": "on: ab und zu; always: jedes Mal; off: nie",
    "argument.share": "Eine Zeilennummer oder etwas Neues; nichts: was Gruppen von dir wissen",
    "argument.unshare": "Eine Zeilennummer aus /share; nichts: was Gruppen von dir wissen",
    "argument.link": "Der Code, den ich dir auf der anderen Plattform gab; nichts: einen bekommen",
    "argument.unlink": "Die Nummer einer Verbindung; nichts: welche es gibt",
    "argument.timezone": "Eine Stadt, etwa Wien; nichts: wonach ich mich jetzt richte",
    "argument.delete": "Der Code, den ich dir gegeben habe; nichts: einen bekommen",
    "argument.start": "Das Wort einer Einladung, falls du eine hast",
    "argument.listen": "on: auf alles; off: nur auf das, was mir gilt",
}
