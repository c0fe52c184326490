"""What `/delete` gives back: the question, and the receipt."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.delete_asked": (
        "This erases everything about you, on all your chats with me: what we said, what I "
        "remember, your settings, and your words in groups. It can't be undone. "
        "If you are sure, send within 10 minutes:\n\n/delete {code}"
    ),
    "reply.delete_asked_here": (
        "This erases what you wrote in this group. The group and I stay, and so does what others "
        "and I said. It can't be undone. If you are sure, send here within 10 minutes:\n\n"
        "/delete {code}\n\nTo erase everything about you, write /delete to me in private."
    ),
    "reply.delete_done_here": "Done: what you wrote in this group is erased.",
    "reply.delete_private_only": (
        "This group has no memory of its own. Write /delete to me in private: it erases "
        "everything about you."
    ),
    "reply.delete_wrong_code": (
        "That code is wrong or has run out; nothing was erased. /delete gives you a new one."
    ),
    "reply.delete_nothing": "There is nothing stored about you.",
    "reply.delete_begun": (
        "You are erased: nothing of yours is shown, answered or remembered any more. The last of "
        "it is still being cleared from the disk; that goes on by itself."
    ),
    "reply.deleted": (
        "Everything about you is erased here. Entries deleted: {rows}; of what belongs to groups, "
        "emptied of your words: {redacted}. {files}\n\n"
        "What I can't erase:\n{beyond}\n\n"
        "If you write to me again, we begin as strangers. This is the last of it; keep it if you "
        "like."
    ),
    "reply.deleted_clean": (
        "I have looked through the files of the database: nothing is left in their unused space."
    ),
    "reply.deleted_unclean": (
        "Remains may still stand in unused space of the database's files, where nobody sees them, "
        "until they are written over. Those who run me can see to that."
    ),
    "reply.deleted_found": (
        "Of {looked_for} longer passages that you wrote, {found} also stand elsewhere, in what "
        "others keep."
    ),
    "reply.deleted_vacuum": (
        "The database server writes over the freed space with its next VACUUM; until then nobody "
        "can reach it."
    ),
    "reply.deleted_models": "what was sent to language models, if they keep it: {providers}",
    "reply.deleted_platform": "what your chat app keeps: delete our chat there",
    "reply.deleted_webhooks": (
        "what programs were sent that followed our chat: ask the people who run me about them"
    ),
    "reply.deleted_backups": "backups that were made before",
    "reply.deleted_copies": (
        "copies of the database from before an upgrade, on the same machine: {copies}"
    ),
}

GERMAN: Texts = {
    "reply.delete_asked": (
        "Das löscht alles über dich, aus all deinen Chats mit mir: was wir gesagt haben, was ich "
        "mir gemerkt habe, deine Einstellungen und deine Worte in Gruppen. Es lässt sich nicht "
        "rückgängig machen. Wenn du sicher bist, schick binnen 10 Minuten:\n\n/delete {code}"
    ),
    "reply.delete_asked_here": (
        "Das löscht, was du in dieser Gruppe geschrieben hast. Die Gruppe und ich bleiben, und "
        "auch, was andere und ich gesagt haben. Es lässt sich nicht rückgängig machen. Wenn du "
        "sicher bist, schick hier binnen 10 Minuten:\n\n/delete {code}\n\nUm alles über dich zu "
        "löschen, schreib mir /delete in einem privaten Chat."
    ),
    "reply.delete_done_here": "Erledigt: Was du in dieser Gruppe geschrieben hast, ist gelöscht.",
    "reply.delete_private_only": (
        "Diese Gruppe hat kein eigenes Gedächtnis. Schreib mir /delete in einem privaten Chat: "
        "Das löscht alles über dich."
    ),
    "reply.delete_wrong_code": (
        "Dieser Code stimmt nicht oder ist abgelaufen; nichts wurde gelöscht. "
        "/delete gibt dir einen neuen."
    ),
    "reply.delete_nothing": "Über dich ist nichts gespeichert.",
    "reply.delete_begun": (
        "Du bist gelöscht: Nichts von dir wird mehr gezeigt, beantwortet oder gewusst. Der Rest "
        "wird noch von der Platte geräumt; das geht von selbst weiter."
    ),
    "reply.deleted": (
        "Alles über dich ist hier gelöscht. Gelöschte Einträge: {rows}; in dem, was Gruppen "
        "gehört, von deinen Worten geleert: {redacted}. {files}\n\n"
        "Was ich nicht löschen kann:\n{beyond}\n\n"
        "Wenn du mir wieder schreibst, fangen wir als Fremde an. Das war das Letzte; heb es auf, "
        "wenn du magst."
    ),
    "reply.deleted_clean": (
        "Ich habe die Dateien der Datenbank durchgesehen: In ihrem ungenutzten Platz ist nichts "
        "mehr davon."
    ),
    "reply.deleted_unclean": (
        "Reste können noch im ungenutzten Platz der Datenbankdateien stehen, wo sie niemand sieht, "
        "bis sie überschrieben werden. Die Betreiber können dafür sorgen."
    ),
    "reply.deleted_found": (
        "Von {looked_for} längeren Stellen, die du geschrieben hast, stehen {found} auch anderswo, "
        "in dem, was andere aufheben."
    ),
    "reply.deleted_vacuum": (
        "Der Datenbankserver überschreibt den frei gewordenen Platz mit seinem nächsten VACUUM; "
        "bis dahin kommt niemand heran."
    ),
    "reply.deleted_models": ("was an Sprachmodelle ging, falls die es aufheben: {providers}"),
    "reply.deleted_platform": "was deine Chat-App aufhebt: Lösch dort unseren Chat",
    "reply.deleted_webhooks": (
        "was Programme bekommen haben, die unserem Chat gefolgt sind: Frag die Betreiber danach"
    ),
    "reply.deleted_backups": "Sicherungen, die vorher gemacht wurden",
    "reply.deleted_copies": (
        "Kopien der Datenbank von vor einer Aktualisierung, auf derselben Maschine: {copies}"
    ),
}
