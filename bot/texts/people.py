"""First contact: what is kept, and who is let in."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "terms.offline": (
        "Before we begin: I am a program that remembers. What we write and what I note about you "
        "is stored on this machine and leaves it for nobody. /privacy shows it, /delete erases it."
    ),
    "terms.provider": (
        "Before we begin: I am an AI that remembers. What we write and what I note about you is "
        "stored by this service, and {provider} reads it to answer you. /privacy shows it, "
        "/delete erases it."
    ),
    "terms.offline_now": (
        "Something has changed: from now on I am a program of this machine alone. What we write and "
        "what I note about you leaves it for nobody. /privacy shows it, /delete erases it."
    ),
    "terms.provider_now": (
        "Something has changed: from now on {provider} reads what we write and what I note about "
        "you, to answer you. /privacy shows what is stored, /delete erases it."
    ),
    "terms.search": (
        "Before we begin: I am a program that remembers. What we write and what I note about you "
        "is stored on this machine. So that I find it again later, {search} reads our messages. "
        "/privacy shows what is stored, /delete erases it."
    ),
    "terms.search_now": (
        "Something has changed: from now on I am a program of this machine alone, and {search} "
        "reads our messages, older ones too, so that I find them again. /privacy shows what is "
        "stored, /delete erases it."
    ),
    "terms.provider_search": (
        "Before we begin: I am an AI that remembers. What we write and what I note about you is "
        "stored by this service. {provider} reads it to answer you, and {search} reads our "
        "messages so that I find them again later. /privacy shows it, /delete erases it."
    ),
    "terms.provider_search_now": (
        "Something has changed: from now on {provider} reads what we write and what I note about "
        "you, to answer you, and {search} reads our messages, older ones too, so that I find them "
        "again. /privacy shows what is stored, /delete erases it."
    ),
    "refused.consent": (
        "I am an AI that remembers: what we write and what I note about you would be stored by "
        "this service, and its language model would read it. Is that fine with you? If so, send "
        "your message again afterwards: so far nothing was kept."
    ),
    "refused.pairing": (
        "This bot is private. Give this code to the person who runs it: {code}. "
        "Once you are let in, send your message again; it wasn't kept."
    ),
    "refused.daily": (
        "That was the last of today's {max_per_day} messages. "
        "I am here for you again tomorrow (from midnight UTC)."
    ),
    "refused.budget": (
        "Today's budget for my language model is used up, so I can't answer any more today. "
        "Please write again tomorrow (from midnight UTC); this message wasn't kept."
    ),
    "access.allowed": "You have been let in. Write to me whenever you like.",
    "reply.agreed": "Thank you. Now just write to me; what you send from here on is kept.",
    "reply.declined": (
        "All right: I keep nothing more of what you write, and don't answer it. "
        "/agree changes that at any time, /delete erases what there is."
    ),
}

GERMAN: Texts = {
    "terms.offline": (
        "Bevor es losgeht: Ich bin ein Programm mit Gedächtnis. Was wir schreiben und was ich mir "
        "über dich notiere, wird auf diesem Rechner gespeichert und geht an niemanden. "
        "/privacy zeigt es, /delete löscht es."
    ),
    "terms.provider": (
        "Bevor es losgeht: Ich bin eine KI mit Gedächtnis. Was wir schreiben und was ich mir über "
        "dich notiere, wird von diesem Dienst gespeichert, und {provider} liest es, um dir zu "
        "antworten. /privacy zeigt es, /delete löscht es."
    ),
    "terms.offline_now": (
        "Etwas hat sich geändert: Von jetzt an bin ich ein Programm allein auf diesem Rechner. Was "
        "wir schreiben und was ich mir über dich notiere, geht an niemanden. /privacy zeigt es, "
        "/delete löscht es."
    ),
    "terms.provider_now": (
        "Etwas hat sich geändert: Von jetzt an liest {provider}, was wir schreiben und was ich mir "
        "über dich notiere, um dir zu antworten. /privacy zeigt, was gespeichert ist, /delete "
        "löscht es."
    ),
    "terms.search": (
        "Bevor es losgeht: Ich bin ein Programm mit Gedächtnis. Was wir schreiben und was ich mir "
        "über dich notiere, wird auf diesem Rechner gespeichert. Damit ich es später wiederfinde, "
        "liest {search} unsere Nachrichten. /privacy zeigt, was gespeichert ist, /delete löscht es."
    ),
    "terms.search_now": (
        "Etwas hat sich geändert: Von jetzt an bin ich ein Programm allein auf diesem Rechner, und "
        "{search} liest unsere Nachrichten, auch ältere, damit ich sie wiederfinde. /privacy "
        "zeigt, was gespeichert ist, /delete löscht es."
    ),
    "terms.provider_search": (
        "Bevor es losgeht: Ich bin eine KI mit Gedächtnis. Was wir schreiben und was ich mir über "
        "dich notiere, wird von diesem Dienst gespeichert. {provider} liest es, um dir zu "
        "antworten, und {search} liest unsere Nachrichten, damit ich sie später wiederfinde. "
        "/privacy zeigt es, /delete löscht es."
    ),
    "terms.provider_search_now": (
        "Etwas hat sich geändert: Von jetzt an liest {provider}, was wir schreiben und was ich mir "
        "über dich notiere, um dir zu antworten, und {search} liest unsere Nachrichten, auch "
        "ältere, damit ich sie wiederfinde. /privacy zeigt, was gespeichert ist, /delete löscht es."
    ),
    "refused.consent": (
        "Ich bin eine KI mit Gedächtnis: Was wir schreiben und was ich mir über dich notiere, "
        "würde von diesem Dienst gespeichert, und sein Sprachmodell würde es lesen. Ist dir das "
        "recht? Wenn ja, schick danach deine Nachricht noch einmal: Bisher wurde nichts behalten."
    ),
    "refused.pairing": (
        "Dieser Bot ist privat. Gib diesen Code der Person, die ihn betreibt: {code}. "
        "Sobald du eingelassen bist, schick deine Nachricht noch einmal; behalten wurde sie nicht."
    ),
    "refused.daily": (
        "Das war die letzte der {max_per_day} Nachrichten von heute. "
        "Morgen bin ich wieder für dich da (ab Mitternacht UTC)."
    ),
    "refused.budget": (
        "Das Budget für mein Sprachmodell ist für heute aufgebraucht, ich kann heute nicht mehr "
        "antworten. Bitte schreib morgen wieder (ab Mitternacht UTC); diese Nachricht wurde nicht "
        "behalten."
    ),
    "access.allowed": "Du bist eingelassen. Schreib mir, wann immer du magst.",
    "reply.agreed": "Danke. Schreib mir jetzt einfach; was du von hier an schickst, wird behalten.",
    "reply.declined": (
        "In Ordnung: Ich behalte nichts mehr von dem, was du schreibst, und antworte nicht darauf. "
        "/agree ändert das jederzeit, /delete löscht, was da ist."
    ),
}
