"""What `/timezone`, `/usage` and `/privacy` give back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.timezone": (
        "Your time zone is {zone}; there it is {time} now. "
        "/timezone and a city changes it, for example /timezone Lisbon."
    ),
    "reply.timezone_set": "From now on your time zone is {zone}; there it is {time} now.",
    "reply.timezone_several": "Which one do you mean?",
    "reply.timezone_unknown": (
        "I don't know a time zone “{name}”. Try the nearest large city, "
        "for example /timezone Lisbon, or a name such as Europe/Lisbon."
    ),
    "reply.usage": "Today: {today}\nThis month: {month}\n\n{limits}\nDays and months count in UTC.",
    "reply.usage_figures": "messages: {messages}, tokens: {tokens}, {cost}",
    "reply.usage_cost": "cost: {cost}",
    "reply.usage_cost_unknown": "cost: {cost}, and calls whose price I don't know: {calls}",
    "reply.usage_messages_cap": "You can send {most} messages a day.",
    "reply.usage_budget_cap": "All people here together can use {most} a day.",
    "reply.privacy": (
        "What is stored: {messages} messages of our conversations and {lines} lines of memory, "
        "since {since}. /memory shows the lines.\n\n"
        "Where it goes: {models}\n\n"
        "How long: until you delete it. /delete erases everything about you.\n\n"
        "Who has looked at it:\n{looks}"
    ),
    "reply.privacy_offline": (
        "nowhere. The built-in offline model answers, on the machine where I run."
    ),
    "reply.privacy_offline_search": (
        "the built-in offline model answers, on the machine where I run."
    ),
    "reply.privacy_models": (
        "to answer you I send our last messages and my memory of you to a language model: {models}."
    ),
    "reply.privacy_search": (
        "So that I find again what we said, our messages and what I kept in my archive go to "
        "{search}, too."
    ),
    "reply.privacy_nobody": "nobody but you.",
    "reply.look_operator": "the people who run me",
    "reply.look_api": "a program with access",
    "reply.was_linked": "another platform was linked; /unlink shows it",
    "reply.was_parted": "a link to another platform was taken back",
    "reply.was_bound": "I was made the one who answers you",
    "reply.was_unbound": "I was made to answer you no longer",
    "reply.saw_memory": "what I keep in mind",
    "reply.saw_messages": "what we said",
    "reply.heard_answers": "my answers to its own messages",
    "reply.took_everything": "all that I know and what we said, as a file",
    "reply.saw_settings": "my settings",
    "reply.changed_memory": "what I keep in mind, and changed it",
    "reply.changed_settings": "my settings, and changed them",
}

GERMAN: Texts = {
    "reply.timezone": (
        "Deine Zeitzone ist {zone}; dort ist es jetzt {time}. "
        "/timezone und eine Stadt ändert sie, zum Beispiel /timezone Lisbon."
    ),
    "reply.timezone_set": "Von jetzt an ist deine Zeitzone {zone}; dort ist es jetzt {time}.",
    "reply.timezone_several": "Welche meinst du?",
    "reply.timezone_unknown": (
        "Eine Zeitzone „{name}“ kenne ich nicht. Versuch es mit der nächsten Großstadt auf "
        "Englisch, zum Beispiel /timezone Lisbon, oder einem Namen wie Europe/Lisbon."
    ),
    "reply.usage": (
        "Heute: {today}\nDiesen Monat: {month}\n\n{limits}\nTage und Monate zählen nach UTC."
    ),
    "reply.usage_figures": "Nachrichten: {messages}, Tokens: {tokens}, {cost}",
    "reply.usage_cost": "Kosten: {cost}",
    "reply.usage_cost_unknown": "Kosten: {cost}, und Aufrufe mit unbekanntem Preis: {calls}",
    "reply.usage_messages_cap": "Du kannst {most} Nachrichten am Tag schicken.",
    "reply.usage_budget_cap": "Alle hier zusammen können {most} am Tag verbrauchen.",
    "reply.privacy": (
        "Was gespeichert ist: {messages} Nachrichten aus unseren Gesprächen und {lines} Zeilen "
        "Gedächtnis, seit {since}. /memory zeigt die Zeilen.\n\n"
        "Wohin es geht: {models}\n\n"
        "Wie lange: bis du es löschst. /delete löscht alles über dich.\n\n"
        "Wer es angesehen hat:\n{looks}"
    ),
    "reply.privacy_offline": (
        "nirgendwohin. Das eingebaute Offline-Modell antwortet, auf der Maschine, auf der ich laufe."
    ),
    "reply.privacy_offline_search": (
        "das eingebaute Offline-Modell antwortet, auf der Maschine, auf der ich laufe."
    ),
    "reply.privacy_models": (
        "um dir zu antworten, schicke ich unsere letzten Nachrichten und was ich mir über dich "
        "gemerkt habe an ein Sprachmodell: {models}."
    ),
    "reply.privacy_search": (
        "Damit ich wiederfinde, was wir gesagt haben, gehen unsere Nachrichten und was ich in "
        "mein Archiv gelegt habe auch an {search}."
    ),
    "reply.privacy_nobody": "niemand außer dir.",
    "reply.look_operator": "die Betreiber",
    "reply.look_api": "ein Programm mit Zugang",
    "reply.was_linked": "eine andere Plattform wurde verbunden; /unlink zeigt es",
    "reply.was_parted": "eine Verbindung wurde zurückgenommen",
    "reply.was_bound": "ich wurde dazu bestimmt, dir zu antworten",
    "reply.was_unbound": "ich sollte dir nicht mehr antworten",
    "reply.saw_memory": "was ich mir gemerkt habe",
    "reply.saw_messages": "was wir gesagt haben",
    "reply.heard_answers": "meine Antworten auf eigene Nachrichten",
    "reply.took_everything": "alles, was ich weiß und was wir gesagt haben, als Datei",
    "reply.saw_settings": "meine Einstellungen",
    "reply.changed_memory": "was ich mir gemerkt habe, und hat es geändert",
    "reply.changed_settings": "meine Einstellungen, und hat sie geändert",
}
