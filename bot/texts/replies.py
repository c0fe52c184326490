"""What commands give back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.start": (
        "{greeting}\n\nWho I can be:\n{personas}\n\n"
        "/help shows what else I do. Or just write to me."
    ),
    "reply.help": (
        "I am an assistant with a memory of my own about you. Just write to me.\n\n{commands}"
    ),
    "reply.help_here": (
        "I am an assistant with a memory of my own. In a chat of several I answer whoever speaks "
        "to me: mention me, or reply to what I said.\n\n{commands}"
    ),
    "reply.new": (
        "A fresh page: I no longer have our last messages in view. "
        "What I keep in mind about you stays, and I can still look things up."
    ),
    "reply.retrying": "I am trying again with the message that I had set aside.",
    "reply.nothing_to_retry": "There is no message here that I could answer again.",
    "reply.incognito_begun": (
        "🕶 Incognito begins. Until it ends I know nothing about you, keep nothing of what we say "
        "in mind, and all of it is deleted at the end, which comes by itself after an hour. "
        "The language model and this chat app still see what you write."
    ),
    "reply.incognito_over": (
        "Incognito is over. What we said in it is being deleted here, and I know you again."
    ),
    "reply.incognito_not_on": "This isn't incognito. /incognito begins it.",
    "reply.private_only": "That works only when we are alone, in a private chat.",
    "reply.incognito_not_now": ("This is incognito: I leave my memory and who I am alone here."),
    "reply.stopping": "Stopping.",
    "reply.nothing_to_stop": "I am not working on anything right now.",
    "reply.unknown_command": "I don't know /{command}. /help shows what I understand.",
}

GERMAN: Texts = {
    "reply.start": (
        "{greeting}\n\nWer ich sein kann:\n{personas}\n\n"
        "/help zeigt, was ich noch kann. Oder schreib mir einfach."
    ),
    "reply.help": (
        "Ich bin ein Assistent, der sich merkt, was du erzählst. Schreib mir einfach.\n\n{commands}"
    ),
    "reply.help_here": (
        "Ich bin ein Assistent mit einem eigenen Gedächtnis. Unter mehreren antworte ich dem, der "
        "mit mir spricht: Erwähne mich, oder antworte auf etwas von mir.\n\n{commands}"
    ),
    "reply.new": (
        "Ein neues Blatt: Unsere letzten Nachrichten habe ich nicht mehr vor Augen. "
        "Was ich mir über dich gemerkt habe, bleibt, und nachschlagen kann ich weiterhin."
    ),
    "reply.retrying": "Ich versuche es noch einmal mit der Nachricht, die ich beiseitegelegt hatte.",
    "reply.nothing_to_retry": "Hier ist keine Nachricht, auf die ich noch einmal antworten könnte.",
    "reply.incognito_begun": (
        "🕶 Inkognito beginnt. Bis es endet, weiß ich nichts über dich, merke mir nichts von dem, "
        "was wir sagen, und am Ende, das nach einer Stunde von selbst kommt, wird alles davon "
        "gelöscht. Das Sprachmodell und diese Chat-App sehen weiterhin, was du schreibst."
    ),
    "reply.incognito_over": (
        "Inkognito ist vorbei. Was wir darin gesagt haben, wird hier gelöscht, und ich kenne dich "
        "wieder."
    ),
    "reply.incognito_not_on": "Das hier ist nicht inkognito. /incognito beginnt es.",
    "reply.private_only": "Das geht nur, wenn wir allein sind, in einem privaten Chat.",
    "reply.incognito_not_now": (
        "Das hier ist inkognito: Mein Gedächtnis und wer ich bin lasse ich dabei in Ruhe."
    ),
    "reply.stopping": "Ich höre auf.",
    "reply.nothing_to_stop": "Ich arbeite gerade an nichts.",
    "reply.unknown_command": "/{command} kenne ich nicht. /help zeigt, was ich verstehe.",
}
