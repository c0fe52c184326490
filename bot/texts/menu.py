"""What each command does, in a line of at most 60 characters."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "menu.new": "Start on a fresh page; my memory stays",
    "menu.memory": "What I keep in mind",
    "menu.forget": "What I am to forget: /forget 3, /forget about work",
    "menu.undo": "Take back the last change to my memory, then earlier ones",
    "menu.persona": "Who I am, and who else I could be",
    "menu.stop": "Stop what I am doing now",
    "menu.retry": "Answer your last message once more",
    "menu.incognito": "A conversation that I forget",
    "menu.why": "Where a line of my memory comes from: /why 3",
    "menu.model": "Which language model speaks for me",
    "menu.sleep": "How I put my memory in order while you are away",
    "menu.cards": "When I show you what I noted",
    "menu.share": "What I may know of you in groups: /share 3",
    "menu.unshare": "Take out of it what groups are not to know: /unshare 2",
    "menu.unforget": "Bring back what I was just to forget",
    "menu.timezone": "Which time it is for you",
    "menu.usage": "What you have used",
    "menu.privacy": "What is stored about you, and who has looked",
    "menu.delete": "Erase everything about you",
    "menu.delete_here": "Erase what you wrote here",
    "menu.listen": "Whether I answer everything that is said here",
    "menu.help": "This list",
    "menu.start": "Who I am, to begin with",
}

GERMAN: Texts = {
    "menu.new": "Ein neues Blatt; was ich weiß, bleibt",
    "menu.memory": "Was ich mir gemerkt habe",
    "menu.forget": "Was ich vergessen soll: /forget 3, /forget Arbeit",
    "menu.undo": "Die letzte Änderung zurücknehmen, dann die davor",
    "menu.persona": "Wer ich bin und wer ich sein könnte",
    "menu.stop": "Aufhören mit dem, was ich gerade tue",
    "menu.retry": "Auf deine letzte Nachricht noch einmal antworten",
    "menu.incognito": "Ein Gespräch, das ich vergesse",
    "menu.why": "Woher eine Zeile meines Gedächtnisses kommt: /why 3",
    "menu.model": "Welches Sprachmodell für mich spricht",
    "menu.sleep": "Wie ich mein Gedächtnis ordne, während du weg bist",
    "menu.cards": "Wann ich dir zeige, was ich notiert habe",
    "menu.share": "Was ich in Gruppen von dir wissen darf: /share 3",
    "menu.unshare": "Etwas davon wieder herausnehmen: /unshare 2",
    "menu.unforget": "Zurückholen, was ich gerade vergessen sollte",
    "menu.timezone": "Wie spät es bei dir ist",
    "menu.usage": "Was du verbraucht hast",
    "menu.privacy": "Was über dich gespeichert ist, und wer es angesehen hat",
    "menu.delete": "Alles über dich löschen",
    "menu.delete_here": "Löschen, was du hier geschrieben hast",
    "menu.listen": "Ob ich hier auf alles antworte",
    "menu.help": "Diese Liste",
    "menu.start": "Wer ich bin, für den Anfang",
}
