"""What the service says of itself where nobody has written to it yet, such as in its profile.

`about.long` has at most 512 characters, `about.short` 120.
"""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "about.long": (
        "I am an assistant that remembers: tell me what matters to you, and I know it next time.\n\n"
        "What I remember is yours. /memory shows it, /forget and /undo take it back, and /delete "
        "erases everything about you.\n\n"
        "Just write to me. In a group, mention me or reply to what I said."
    ),
    "about.short": (
        "An assistant that remembers what you tell it, shows you all of it, and forgets on request."
    ),
}

GERMAN: Texts = {
    "about.long": (
        "Ich bin ein Assistent mit Gedächtnis: Erzähl mir, was dir wichtig ist, und beim nächsten "
        "Mal weiß ich es.\n\n"
        "Was ich mir merke, gehört dir. /memory zeigt es, /forget und /undo nehmen es zurück, und "
        "/delete löscht alles über dich.\n\n"
        "Schreib mir einfach. In einer Gruppe erwähne mich, oder antworte auf etwas von mir."
    ),
    "about.short": (
        "Ein Assistent, der sich merkt, was du erzählst, dir alles davon zeigt und auf Wunsch vergisst."
    ),
}
