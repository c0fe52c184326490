"""What `/export` gives back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.export_sent": (
        "Here is everything that is kept of you, as a file that programs can read. It holds what "
        "we said: keep it safe."
    ),
    "reply.export_agent": (
        "And here am I, with my memory of you, as an agent file. Other services can read it."
    ),
    "reply.export_files": (
        "Everything that is kept of you, and me as an agent file:\n{files}\n\n"
        "They hold what we said: move them to where only you can read them."
    ),
    "reply.export_web": (
        "You find it in the menu at the top: “Take your data with you” is everything that is kept "
        "of you, and “Take me with you” is me, as an agent file for another service."
    ),
    "reply.export_too_large": (
        "It is too much for one file here. Link the web page with /link and take it there, or ask "
        "the people who run me for it."
    ),
    "reply.export_nothing": "There is nothing stored about you.",
    "reply.export_again": "You had it just now. Wait a minute, then ask again.",
}

GERMAN: Texts = {
    "reply.export_sent": (
        "Hier ist alles, was über dich gespeichert ist, als Datei, die Programme lesen können. "
        "Darin steht, was wir gesagt haben: Bewahre sie gut auf."
    ),
    "reply.export_agent": (
        "Und hier bin ich, mit meinem Gedächtnis von dir, als Agentendatei. Andere Dienste können "
        "sie lesen."
    ),
    "reply.export_files": (
        "Alles, was über dich gespeichert ist, und ich als Agentendatei:\n{files}\n\n"
        "Darin steht, was wir gesagt haben: Leg sie dorthin, wo nur du sie lesen kannst."
    ),
    "reply.export_web": (
        "Du findest es oben im Menü: „Nimm deine Daten mit“ ist alles, was über dich gespeichert "
        "ist, und „Nimm mich mit“ bin ich, als Agentendatei für einen anderen Dienst."
    ),
    "reply.export_too_large": (
        "Für eine Datei ist es hier zu viel. Verbinde die Webseite mit /link und nimm es dort mit, "
        "oder bitte die Leute darum, die mich betreiben."
    ),
    "reply.export_nothing": "Über dich ist nichts gespeichert.",
    "reply.export_again": "Das hattest du gerade eben. Warte eine Minute, dann frag noch einmal.",
}
