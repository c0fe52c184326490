"""What commands give back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.start": (
        "{greeting}\n\nWho I can be:\n{personas}\n\n"
        "/persona and a name changes it, /help shows what else I do. Or just write to me."
    ),
    "reply.help": (
        "I am an assistant with a memory of my own about you. Just write to me.\n\n"
        "/memory: what I keep in mind\n"
        "/why 3: where line 3 of it comes from\n"
        "/undo: take back the last change to my memory, then the one before\n"
        "/cards: when I show you what I noted\n"
        "/share 3: what I may know of you in groups; /unshare takes it out\n"
        "/forget 3, /forget about work: what I am to forget; /unforget brings it back\n"
        "/sleep: how I put my memory in order while you are away\n"
        "/persona: who I am, and who else I could be\n"
        "/model: which language model speaks for me\n"
        "/timezone: which time it is for you\n"
        "/new: start on a fresh page; my memory stays\n"
        "/retry: answer your last message once more\n"
        "/stop: stop what I am doing now\n"
        "/incognito: a conversation that I forget\n"
        "/usage: what you have used\n"
        "/privacy: what is stored about you, and who has looked\n"
        "/delete: erase everything about you\n"
        "/help: this list"
    ),
    "reply.new": (
        "A fresh page: I no longer have our last messages in view. "
        "What I keep in mind about you stays, and I can still look things up."
    ),
    "reply.retrying": "I am trying again with the message that I had set aside.",
    "reply.nothing_to_retry": "There is no message here that I could answer again.",
    "reply.incognito_begun": (
        "🕶 Incognito begins. Until it ends I know nothing about you, keep nothing of what we say "
        "in mind, and all of it is deleted at the end: with /incognito or /new, or by itself "
        "after an hour. The language model and this chat app still see what you write."
    ),
    "reply.incognito_over": (
        "Incognito is over. What we said in it is being deleted here, and I know you again."
    ),
    "reply.private_only": "That works only when we are alone, in a private chat.",
    "reply.incognito_not_now": (
        "This is incognito: I leave my memory and who I am alone here. /incognito ends it."
    ),
    "reply.stopping": "Stopping.",
    "reply.nothing_to_stop": "I am not working on anything right now.",
    "reply.unknown_command": "I don't know /{command}. /help shows what I understand.",
}

GERMAN: Texts = {
    "reply.start": (
        "{greeting}\n\nWer ich sein kann:\n{personas}\n\n"
        "/persona und ein Name ändert es, /help zeigt, was ich noch kann. Oder schreib mir einfach."
    ),
    "reply.help": (
        "Ich bin ein Assistent, der sich merkt, was du erzählst. Schreib mir einfach.\n\n"
        "/memory: was ich mir gemerkt habe\n"
        "/why 3: woher Zeile 3 davon kommt\n"
        "/undo: die letzte Änderung zurücknehmen, dann die davor\n"
        "/cards: wann ich dir zeige, was ich notiert habe\n"
        "/share 3: was ich in Gruppen von dir wissen darf; /unshare nimmt es heraus\n"
        "/forget 3, /forget Arbeit: was ich vergessen soll; /unforget holt es zurück\n"
        "/sleep: wie ich mein Gedächtnis ordne, während du weg bist\n"
        "/persona: wer ich bin und wer ich sein könnte\n"
        "/model: welches Sprachmodell für mich spricht\n"
        "/timezone: wie spät es bei dir ist\n"
        "/new: ein neues Blatt; was ich weiß, bleibt\n"
        "/retry: auf deine letzte Nachricht noch einmal antworten\n"
        "/stop: aufhören mit dem, was ich gerade tue\n"
        "/incognito: ein Gespräch, das ich vergesse\n"
        "/usage: was du verbraucht hast\n"
        "/privacy: was über dich gespeichert ist, und wer es angesehen hat\n"
        "/delete: alles über dich löschen\n"
        "/help: diese Liste"
    ),
    "reply.new": (
        "Ein neues Blatt: Unsere letzten Nachrichten habe ich nicht mehr vor Augen. "
        "Was ich mir über dich gemerkt habe, bleibt, und nachschlagen kann ich weiterhin."
    ),
    "reply.retrying": "Ich versuche es noch einmal mit der Nachricht, die ich beiseitegelegt hatte.",
    "reply.nothing_to_retry": "Hier ist keine Nachricht, auf die ich noch einmal antworten könnte.",
    "reply.incognito_begun": (
        "🕶 Inkognito beginnt. Bis es endet, weiß ich nichts über dich, merke mir nichts von dem, "
        "was wir sagen, und am Ende wird alles davon gelöscht: mit /incognito oder /new, oder von "
        "selbst nach einer Stunde. Das Sprachmodell und diese Chat-App sehen weiterhin, was du "
        "schreibst."
    ),
    "reply.incognito_over": (
        "Inkognito ist vorbei. Was wir darin gesagt haben, wird hier gelöscht, und ich kenne dich "
        "wieder."
    ),
    "reply.private_only": "Das geht nur, wenn wir allein sind, in einem privaten Chat.",
    "reply.incognito_not_now": (
        "Das hier ist inkognito: Mein Gedächtnis und wer ich bin lasse ich dabei in Ruhe. "
        "/incognito beendet es."
    ),
    "reply.stopping": "Ich höre auf.",
    "reply.nothing_to_stop": "Ich arbeite gerade an nichts.",
    "reply.unknown_command": "/{command} kenne ich nicht. /help zeigt, was ich verstehe.",
}
