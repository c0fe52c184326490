"""What the commands about memory give back: `/memory`, `/why`, `/undo`."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.title_human": "About you",
    "reply.title_persona": "How I am with you",
    "reply.memory": (
        "This is what I keep in mind:\n\n{blocks}\n\n"
        "/why 3 tells where line 3 comes from, /memory edit 3 and a text changes it, /forget 3 "
        "shows what goes with it."
    ),
    "reply.memory_empty": "I keep nothing in mind about you yet.{archive}",
    "reply.memory_what": (
        "I don't know what to do with “{what}” there. /memory alone shows what I keep in mind, "
        "/memory archive the longer texts, /memory edit 3 and a text changes line 3."
    ),
    "reply.memory_archive": "And {count} longer texts in my archive.",
    "reply.memory_archive_one": "And a longer text in my archive.",
    "reply.archive": (
        "The longer texts that I keep:\n\n{texts}\n\n"
        "/memory archive and a number shows one in full, /memory archive and a word finds more."
    ),
    "reply.archive_text": "Kept on {date}:\n\n{text}",
    "reply.archive_empty": "I keep no longer texts for you yet.",
    "reply.archive_no_such": "I find no such text. /memory archive lists those that I keep.",
    "reply.why": "“{line}”\n{reason}",
    "reply.why_turn": "{lines}\n{reason}",
    "reply.why_told": "I noted this from your message of {date}: “{message}”",
    "reply.why_told_here": "I noted this from a message of {date}: “{message}”",
    "reply.why_told_program": (
        "I noted this from what a program with access wrote to me on {date}: “{message}”"
    ),
    "reply.why_noted": (
        "I noted this on {date} from something you wrote. That message is no longer there."
    ),
    "reply.why_template": "It came with my character on {date}; nobody told me.",
    "reply.why_persona": "It came with the persona that you chose on {date}.",
    "reply.why_yourself": "You put it there yourself on {date}, with a command.",
    "reply.why_operator": "The people who run me wrote it on {date}.",
    "reply.why_api": "A program with access to my memory wrote it on {date}.",
    "reply.why_linked": "It came along on {date}, when you linked {platforms}.",
    "reply.why_linked_once": "It came along on {date}, when you linked another platform.",
    "reply.why_reflection": (
        "I wrote it on {date}, when I went over our conversations and put my memory in order."
    ),
    "reply.why_reflected": (
        "I wrote it on {date}, when I went over our conversations and put my memory in order: "
        "{reason}"
    ),
    "reply.why_reflected_on": "It goes back to your message of {date}: “{message}”",
    "reply.why_reflected_on_program": (
        "It goes back to what a program with access wrote to me on {date}: “{message}”"
    ),
    "reply.why_restored": "It was gone for a while; your /undo of {date} brought it back.",
    "reply.why_unknown": "I can't tell any more: that part of my memory's history is gone.",
    "reply.why_shared": "Another assistant that shares this part of my memory wrote it on {date}.",
    "reply.line_which": (
        "Which line? /memory shows them with numbers; then, for example, /{command} 3, "
        "or /{command} and words that only that line has."
    ),
    "reply.line_not_listed": (
        "I don't know which line you mean. Please look at /memory first, then write /{command} "
        "and a number from there."
    ),
    "reply.line_no_such": "There was no line {number}; the last one was {last}. See /memory.",
    "reply.line_changed": (
        "Line {number} is no longer what it was when I showed it to you. "
        "Please look at /memory again."
    ),
    "reply.edited": "Now it reads:\n{lines}",
    "reply.edit_same": "That is how it reads already: “{line}”",
    "reply.edit_removed": (
        "Taken out:\n✗ {line}\n\nI may still find it in what you told me. "
        "/forget and what it is about makes me forget that, too."
    ),
    "reply.edit_full": (
        "That doesn't fit: this part of my memory takes {most} characters, and it would be {over} "
        "too many. Make it shorter, or take another line out first."
    ),
    "reply.edit_changed": (
        "That line is no longer what it was when I showed it to you, so I changed nothing. "
        "Please look at /memory again."
    ),
    "reply.edit_how": (
        "Write the number of the line and what it should say, for example: "
        "/memory edit 3 Likes green tea. /memory shows the numbers."
    ),
    "form.edit_title": "Change this line",
    "form.edit_label": "New text; empty takes the line out",
    "reply.kept": "Noted:\n{lines}",
    "reply.kept_too_late": (
        "My memory has changed since, so that can't be noted as it was. Tell me in your own words."
    ),
    "reply.dropped": "I left it out.",
    "reply.nothing_held": "There is nothing that waits for your word.",
    "reply.undone": (
        "Taken back.\n{changes}\n\nIf you want it to stay after all, just tell me again."
    ),
    "reply.undo_left": "This was written over since, so I left it as it is:\n{lines}",
    "reply.undo_changed": (
        "That was written over since, so I took nothing back. Now it reads:\n{lines}\n\n"
        "/memory shows all of it."
    ),
    "reply.undo_already": "Nothing is left of that change: it is taken back, or gone by itself.",
    "reply.cards": "After a message that changed my memory I {now}.\n\nWhen shall I show it?",
    "reply.cards_on": "show you what I noted, the first times and then now and then",
    "reply.cards_always": "show you what I noted, each time",
    "reply.cards_off": "don't show you what I noted; /memory always does",
    "reply.cards_set": "All right: after a message that changed my memory I {now}.",
    "reply.undo_not_mine": (
        "“{line}”\n{reason}\n\nI can't take that back. Tell me what should become of that line."
    ),
    "reply.undone_persona": "Taken back: I am {name} again, as I was.",
    "reply.undo_persona_gone": (
        "My persona before this one, “{name}”, isn't offered any more. /persona shows those that are."
    ),
    "reply.nothing_to_undo": "There is no change to my memory that I could take back.",
}

GERMAN: Texts = {
    "reply.title_human": "Über dich",
    "reply.title_persona": "Wie ich mit dir bin",
    "reply.memory": (
        "Das habe ich mir gemerkt:\n\n{blocks}\n\n"
        "/why 3 sagt, woher Zeile 3 kommt, /memory edit 3 und ein Text ändert sie, /forget 3 "
        "zeigt, was mit ihr ginge."
    ),
    "reply.memory_empty": "Ich habe mir noch nichts über dich gemerkt.{archive}",
    "reply.memory_what": (
        "Mit „{what}“ kann ich da nichts anfangen. /memory allein zeigt, was ich mir gemerkt habe, "
        "/memory archive die längeren Texte, /memory edit 3 und ein Text ändert Zeile 3."
    ),
    "reply.memory_archive": "Und {count} längere Texte in meinem Archiv.",
    "reply.memory_archive_one": "Und ein längerer Text in meinem Archiv.",
    "reply.archive": (
        "Die längeren Texte, die ich aufhebe:\n\n{texts}\n\n"
        "/memory archive und eine Nummer zeigt einen ganz, /memory archive und ein Wort findet "
        "weitere."
    ),
    "reply.archive_text": "Aufgehoben am {date}:\n\n{text}",
    "reply.archive_empty": "Ich hebe noch keine längeren Texte für dich auf.",
    "reply.archive_no_such": (
        "So einen Text finde ich nicht. /memory archive zeigt die, die ich aufhebe."
    ),
    "reply.why": "„{line}“\n{reason}",
    "reply.why_turn": "{lines}\n{reason}",
    "reply.why_told": "Das habe ich mir aus deiner Nachricht vom {date} gemerkt: „{message}“",
    "reply.why_told_here": "Das habe ich mir aus einer Nachricht vom {date} gemerkt: „{message}“",
    "reply.why_told_program": (
        "Das habe ich mir gemerkt, weil ein Programm mit Zugriff mir am {date} geschrieben hat: "
        "„{message}“"
    ),
    "reply.why_noted": (
        "Das habe ich mir am {date} aus etwas gemerkt, das du geschrieben hast. "
        "Die Nachricht gibt es nicht mehr."
    ),
    "reply.why_template": "Das kam am {date} mit meinem Charakter; niemand hat es mir gesagt.",
    "reply.why_persona": "Das kam mit der Persona, die du am {date} gewählt hast.",
    "reply.why_yourself": "Das hast du am {date} selbst mit einem Befehl eingetragen.",
    "reply.why_operator": "Das haben die Betreiber am {date} geschrieben.",
    "reply.why_api": "Das hat am {date} ein Programm geschrieben, das an mein Gedächtnis darf.",
    "reply.why_linked": "Das kam am {date} mit, als du verbunden hast: {platforms}.",
    "reply.why_linked_once": "Das kam am {date} mit, als du eine andere Plattform verbunden hast.",
    "reply.why_reflection": (
        "Das habe ich am {date} geschrieben, als ich unsere Gespräche durchgegangen bin und mein "
        "Gedächtnis geordnet habe."
    ),
    "reply.why_reflected": (
        "Das habe ich am {date} geschrieben, als ich unsere Gespräche durchgegangen bin und mein "
        "Gedächtnis geordnet habe: {reason}"
    ),
    "reply.why_reflected_on": "Es geht auf deine Nachricht vom {date} zurück: „{message}“",
    "reply.why_reflected_on_program": (
        "Es geht darauf zurück, was ein Programm mit Zugriff mir am {date} geschrieben hat: "
        "„{message}“"
    ),
    "reply.why_restored": "Es war zwischendurch weg; dein /undo vom {date} hat es zurückgeholt.",
    "reply.why_unknown": (
        "Das weiß ich nicht mehr: Dieser Teil der Geschichte meines Gedächtnisses ist weg."
    ),
    "reply.why_shared": (
        "Das hat am {date} ein anderer Assistent geschrieben, der diesen Teil meines Gedächtnisses "
        "mitbenutzt."
    ),
    "reply.line_which": (
        "Welche Zeile? /memory zeigt sie mit Nummern; dann zum Beispiel /{command} 3, "
        "oder /{command} und Wörter, die nur in dieser Zeile stehen."
    ),
    "reply.line_not_listed": (
        "Ich weiß nicht, welche Zeile du meinst. Bitte sieh zuerst in /memory nach und schreib dann "
        "/{command} und eine Nummer von dort."
    ),
    "reply.line_no_such": (
        "Eine Zeile {number} gab es nicht; die letzte war {last}. Siehe /memory."
    ),
    "reply.line_changed": (
        "Zeile {number} ist nicht mehr die, die ich dir gezeigt habe. "
        "Bitte sieh noch einmal in /memory nach."
    ),
    "reply.edited": "Jetzt heißt es:\n{lines}",
    "reply.edit_same": "So heißt es schon: „{line}“",
    "reply.edit_removed": (
        "Herausgenommen:\n✗ {line}\n\nIn dem, was du mir erzählt hast, finde ich es vielleicht "
        "noch. Mit /forget und dem Thema vergesse ich auch das."
    ),
    "reply.edit_full": (
        "Das passt nicht: In diesen Teil meines Gedächtnisses gehen {most} Zeichen, und es wären "
        "{over} zu viel. Mach es kürzer, oder nimm erst eine andere Zeile heraus."
    ),
    "reply.edit_changed": (
        "Diese Zeile ist nicht mehr, was sie war, als ich sie dir gezeigt habe; ich habe nichts "
        "geändert. Bitte sieh noch einmal in /memory nach."
    ),
    "reply.edit_how": (
        "Schreib die Nummer der Zeile und was dort stehen soll, zum Beispiel: "
        "/memory edit 3 Mag grünen Tee. /memory zeigt die Nummern."
    ),
    "form.edit_title": "Diese Zeile ändern",
    "form.edit_label": "Neuer Text; leer nimmt die Zeile heraus",
    "reply.kept": "Notiert:\n{lines}",
    "reply.kept_too_late": (
        "Mein Gedächtnis hat sich seitdem geändert, so lässt sich das nicht mehr notieren. "
        "Sag es mir in deinen Worten."
    ),
    "reply.dropped": "Ich habe es weggelassen.",
    "reply.nothing_held": "Es gibt nichts, das auf dein Wort wartet.",
    "reply.undone": (
        "Zurückgenommen.\n{changes}\n\nSoll es doch bleiben, sag es mir einfach noch einmal."
    ),
    "reply.undo_left": "Das wurde seither überschrieben, darum bleibt es, wie es ist:\n{lines}",
    "reply.undo_changed": (
        "Das wurde seither überschrieben, darum habe ich nichts zurückgenommen. Jetzt steht dort:\n"
        "{lines}\n\n/memory zeigt alles."
    ),
    "reply.undo_already": (
        "Von dieser Änderung ist nichts mehr da: Sie ist zurückgenommen oder schon weg."
    ),
    "reply.cards": (
        "Nach einer Nachricht, die mein Gedächtnis geändert hat, {now}.\n\nWann soll ich es zeigen?"
    ),
    "reply.cards_on": "zeige ich dir, was ich notiert habe, die ersten Male und dann ab und zu",
    "reply.cards_always": "zeige ich dir jedes Mal, was ich notiert habe",
    "reply.cards_off": "zeige ich dir nicht, was ich notiert habe; /memory zeigt es immer",
    "reply.cards_set": "Gut: Nach einer Nachricht, die mein Gedächtnis geändert hat, {now}.",
    "reply.undo_not_mine": (
        "„{line}“\n{reason}\n\nDas kann ich nicht zurücknehmen. "
        "Sag mir, was mit der Zeile geschehen soll."
    ),
    "reply.undone_persona": "Zurückgenommen: Ich bin wieder {name}, so wie ich war.",
    "reply.undo_persona_gone": (
        "Meine vorige Persona „{name}“ wird nicht mehr angeboten. /persona zeigt, welche es gibt."
    ),
    "reply.nothing_to_undo": "Es gibt keine Änderung, die ich zurücknehmen könnte.",
}
