"""What the web page says."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "web.language": "en",
    "web.title": "Familiar",
    "web.skip": "Skip to the message field",
    "web.conversation": "Conversation",
    "web.message": "Your message",
    "web.placeholder": "Write a message…",
    "web.send": "Send",
    "web.stop": "Stop",
    "web.you": "You",
    "web.thinking": "Thinking…",
    "web.sending": "Sending…",
    "web.not_sent": "Not sent.",
    "web.send_again": "Send again",
    "web.discard": "Discard",
    "web.waiting": "Not sent yet. It goes out as soon as the connection is back.",
    "web.reconnecting": "Connection lost. Trying again…",
    "web.new_messages": "New messages",
    "web.earlier": "Show earlier messages",
    "web.today": "Today",
    "web.yesterday": "Yesterday",
    "web.memory": "Memory",
    "web.memory_intro": "It is yours: correct me in the chat, or take a change back.",
    "web.memory_empty": (
        "Nothing about you yet. When you tell me something worth keeping, such as your name, "
        "what you like or what you plan, I write it down here, where you can see it and take "
        "it back."
    ),
    "web.memory_changed": "My memory has changed.",
    "web.new_line": "new",
    "web.undo": "Undo",
    "web.block_human": "About you",
    "web.block_persona": "How I am with you",
    "web.offline": "Demo mode",
    "web.offline_long": (
        "This is a built-in stand-in, not a language model: it follows simple English "
        "sentences and shows how remembering works. Nothing leaves this machine."
    ),
    "web.offline_search": (
        "This is a built-in stand-in, not a language model: it follows simple English "
        "sentences and shows how remembering works. {search} reads our messages, so that I find "
        "them again."
    ),
    "web.welcome": "Hello. Who should I be for you?",
    "web.welcome_text": (
        "I am an AI with a memory of my own about you. Choose a character, or just begin to write. "
        "You can change it whenever you like."
    ),
    "web.chosen": "Your choice",
    "web.agree": "I agree",
    "web.decline": "No, thanks",
    "web.consent": "Before we begin",
    "web.menu": "Menu",
    "web.close": "Close",
    "web.menu_persona": "Change my character",
    "web.menu_new": "Start on a fresh page",
    "web.menu_privacy": "What is stored about you",
    "web.menu_code": "Use me on another device",
    "web.menu_recover": "I have a code from another device",
    "web.menu_theme": "Appearance",
    "web.menu_delete": "Delete everything",
    "web.menu_leave": "Forget me in this browser",
    "web.code_text": (
        "With this code another browser becomes yours: the same chat, the same memory. "
        "Keep it to yourself, like a password."
    ),
    "web.copy": "Copy",
    "web.copied": "Copied",
    "web.recover_text": "Enter the code that the other device shows.",
    "web.code": "Code",
    "web.use_code": "Use this code",
    "web.leave_text": (
        "This browser will no longer know you. Your memory stays with the service: "
        "note your code first if you want to come back to it."
    ),
    "web.leave": "Forget me here",
    "web.cancel": "Cancel",
    "web.enter_title": "By invitation",
    "web.enter_text": "This chat is private. Enter your invitation, or a code from another device.",
    "web.invite": "Invitation",
    "web.enter": "Come in",
    "web.wrong_code": "That code isn't right. Check it against the other device.",
    "web.wrong_invite": "That invitation isn't valid, or has run out. Ask for a new one.",
    "web.used_invite": (
        "That invitation has been used. Ask for a new one, or enter your recovery code."
    ),
    "web.too_many_tries": "Too many tries. Please wait a minute.",
    "web.commands": "Commands",
    "web.no_script": "This page needs JavaScript.",
    "web.on_the_way": "On its way",
    "web.failed": "That didn't work. Please try again.",
    "web.to_the_end": "To the end",
    "web.placeholder_waiting": "Please agree first",
    "web.commands_found": "{count} commands. Arrow keys choose, Tab takes.",
    "web.memory_title": "What I keep in mind",
    "web.memory_example": "“My name is Ada, and I love rye bread.”",
    "web.memory_news": "Memory, changed",
    "web.noted": "Noted just now",
    "web.last_change": "Last change",
    "web.used": "{percent} full",
    "web.block_empty": "Nothing noted yet.",
    "web.why": "Why?",
    "web.why_line": "Why do you know this? {line}",
    "web.forget": "Forget",
    "web.forget_line": "Forget this: {line}",
    "web.block_public": "What groups may know of you",
    "web.block_goals": "Your goals",
    "web.block_progress": "How far you are",
    "web.block_projects": "Your projects",
    "web.personas": "Characters",
    "web.persona_text": "Another character talks in another way. What I know about you stays.",
    "web.starters": "Or begin with",
    "web.starter_name": "My name is",
    "web.starter_like": "I like",
    "web.starter_remember": "Remember that",
    "web.consent_text": "I need your yes before anything that you write reaches me.",
    "web.consent_declined": "You said no, so I read nothing. You can still change your mind.",
    "web.consent_paused": "You have paused our conversation. Agree again to go on.",
    "web.menu_new_about": "What I know about you stays",
    "web.menu_incognito": "Talk incognito",
    "web.menu_incognito_about": "I forget it afterwards",
    "web.menu_privacy_about": "And who has looked at it",
    "web.menu_export": "Take your data with you",
    "web.menu_export_about": "Everything that is kept of you, as a file",
    "web.menu_export_agent": "Take me with you",
    "web.menu_export_agent_about": "An agent file (.af), for another service",
    "web.theme_auto": "Auto",
    "web.theme_light": "Light",
    "web.theme_dark": "Dark",
    "web.delete_text": (
        "Our conversations and everything I know about you are erased for good. Nobody can "
        "bring them back."
    ),
    "web.delete_sure": "Yes, delete everything about me",
}

GERMAN: Texts = {
    "web.language": "de",
    "web.title": "Familiar",
    "web.skip": "Zum Eingabefeld springen",
    "web.conversation": "Gespräch",
    "web.message": "Deine Nachricht",
    "web.placeholder": "Schreib eine Nachricht…",
    "web.send": "Senden",
    "web.stop": "Anhalten",
    "web.you": "Du",
    "web.thinking": "Ich denke nach…",
    "web.sending": "Wird gesendet…",
    "web.not_sent": "Nicht gesendet.",
    "web.send_again": "Noch einmal senden",
    "web.discard": "Verwerfen",
    "web.waiting": "Noch nicht gesendet. Sie geht hinaus, sobald die Verbindung wieder steht.",
    "web.reconnecting": "Verbindung verloren. Neuer Versuch…",
    "web.new_messages": "Neue Nachrichten",
    "web.earlier": "Frühere Nachrichten zeigen",
    "web.today": "Heute",
    "web.yesterday": "Gestern",
    "web.memory": "Gedächtnis",
    "web.memory_intro": (
        "Es gehört dir: Berichtige mich im Gespräch, oder nimm eine Änderung zurück."
    ),
    "web.memory_empty": (
        "Noch nichts über dich. Wenn du mir etwas erzählst, das sich zu merken lohnt, etwa "
        "deinen Namen, was du magst oder was du vorhast, schreibe ich es hier auf. Du siehst "
        "es und kannst es zurücknehmen."
    ),
    "web.memory_changed": "Mein Gedächtnis hat sich geändert.",
    "web.new_line": "neu",
    "web.undo": "Zurücknehmen",
    "web.block_human": "Über dich",
    "web.block_persona": "Wie ich zu dir bin",
    "web.offline": "Vorführung",
    "web.offline_long": (
        "Das ist ein eingebauter Ersatz, kein Sprachmodell: Er versteht einfache englische "
        "Sätze und zeigt, wie das Merken geht. Nichts verlässt diesen Rechner."
    ),
    "web.offline_search": (
        "Das ist ein eingebauter Ersatz, kein Sprachmodell: Er versteht einfache englische "
        "Sätze und zeigt, wie das Merken geht. {search} liest unsere Nachrichten, damit ich sie "
        "wiederfinde."
    ),
    "web.welcome": "Hallo. Wer soll ich für dich sein?",
    "web.welcome_text": (
        "Ich bin eine KI, die sich merkt, was du erzählst. Wähle einen Charakter, oder schreib "
        "einfach los. Du kannst ihn jederzeit ändern."
    ),
    "web.chosen": "Deine Wahl",
    "web.agree": "Einverstanden",
    "web.decline": "Nein, danke",
    "web.consent": "Bevor es losgeht",
    "web.menu": "Menü",
    "web.close": "Schließen",
    "web.menu_persona": "Anderer Charakter",
    "web.menu_new": "Ein neues Blatt beginnen",
    "web.menu_privacy": "Was über dich gespeichert ist",
    "web.menu_code": "Auf einem anderen Gerät weitermachen",
    "web.menu_recover": "Ich habe einen Code von einem anderen Gerät",
    "web.menu_theme": "Aussehen",
    "web.menu_delete": "Alles löschen",
    "web.menu_leave": "In diesem Browser vergessen",
    "web.code_text": (
        "Mit diesem Code wird ein anderer Browser zu deinem: dasselbe Gespräch, dasselbe "
        "Gedächtnis. Behalte ihn für dich, wie ein Passwort."
    ),
    "web.copy": "Kopieren",
    "web.copied": "Kopiert",
    "web.recover_text": "Gib den Code ein, den das andere Gerät zeigt.",
    "web.code": "Code",
    "web.use_code": "Diesen Code verwenden",
    "web.leave_text": (
        "Dieser Browser kennt dich dann nicht mehr. Dein Gedächtnis bleibt beim Dienst: "
        "Notiere zuerst deinen Code, wenn du darauf zurückkommen willst."
    ),
    "web.leave": "Hier vergessen",
    "web.cancel": "Abbrechen",
    "web.enter_title": "Nur mit Einladung",
    "web.enter_text": (
        "Dieses Gespräch ist privat. Gib deine Einladung ein, oder einen Code von einem "
        "anderen Gerät."
    ),
    "web.invite": "Einladung",
    "web.enter": "Eintreten",
    "web.wrong_code": "Dieser Code stimmt nicht. Vergleiche ihn mit dem anderen Gerät.",
    "web.wrong_invite": "Diese Einladung gilt nicht, oder nicht mehr. Bitte um eine neue.",
    "web.used_invite": (
        "Diese Einladung wurde schon verwendet. Bitte um eine neue, oder gib deinen Code ein."
    ),
    "web.too_many_tries": "Zu viele Versuche. Bitte warte eine Minute.",
    "web.commands": "Befehle",
    "web.no_script": "Diese Seite braucht JavaScript.",
    "web.on_the_way": "Unterwegs",
    "web.failed": "Das hat nicht geklappt. Bitte versuch es noch einmal.",
    "web.to_the_end": "Zum Ende",
    "web.placeholder_waiting": "Stimm bitte zuerst zu",
    "web.commands_found": "{count} Befehle. Pfeiltasten wählen, Tab übernimmt.",
    "web.memory_title": "Was ich mir merke",
    "web.memory_example": "„Ich heiße Ada und esse am liebsten Roggenbrot.“",
    "web.memory_news": "Gedächtnis, geändert",
    "web.noted": "Eben notiert",
    "web.last_change": "Letzte Änderung",
    "web.used": "zu {percent} voll",
    "web.block_empty": "Noch nichts notiert.",
    "web.why": "Warum?",
    "web.why_line": "Woher weißt du das? {line}",
    "web.forget": "Vergessen",
    "web.forget_line": "Das vergessen: {line}",
    "web.block_public": "Was Gruppen von dir wissen dürfen",
    "web.block_goals": "Deine Ziele",
    "web.block_progress": "Wie weit du bist",
    "web.block_projects": "Deine Projekte",
    "web.personas": "Charaktere",
    "web.persona_text": "Ein anderer Charakter spricht anders. Was ich über dich weiß, bleibt.",
    "web.starters": "Oder fang so an:",
    "web.starter_name": "My name is",
    "web.starter_like": "I like",
    "web.starter_remember": "Remember that",
    "web.consent_text": "Ich brauche dein Ja, bevor mich etwas erreicht, das du schreibst.",
    "web.consent_declined": (
        "Du hast Nein gesagt, darum lese ich nichts. Du kannst es dir noch anders überlegen."
    ),
    "web.consent_paused": "Du hast unser Gespräch angehalten. Stimm wieder zu, um weiterzumachen.",
    "web.menu_new_about": "Was ich über dich weiß, bleibt",
    "web.menu_incognito": "Inkognito reden",
    "web.menu_incognito_about": "Ich vergesse es danach",
    "web.menu_privacy_about": "Und wer es angesehen hat",
    "web.menu_export": "Nimm deine Daten mit",
    "web.menu_export_about": "Alles, was über dich gespeichert ist, als Datei",
    "web.menu_export_agent": "Nimm mich mit",
    "web.menu_export_agent_about": "Eine Agentendatei (.af), für einen anderen Dienst",
    "web.theme_auto": "Auto",
    "web.theme_light": "Hell",
    "web.theme_dark": "Dunkel",
    "web.delete_text": (
        "Unsere Gespräche und alles, was ich über dich weiß, werden für immer gelöscht. "
        "Niemand kann sie zurückholen."
    ),
    "web.delete_sure": "Ja, alles über mich löschen",
}
