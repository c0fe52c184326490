"""Chats of several: what is heard there, and what isn't."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "refused.groups_off": "I only talk in private chats: please write to me there.",
    "reply.listen_in_groups": "That is for groups: here, I listen to you anyway.",
    "reply.listen_for_admins": "Only those who look after this group can change that.",
    "reply.listening": (
        "I answer everything that is written here. Whoever looks after this group can change "
        "that with /listen off."
    ),
    "reply.not_listening": (
        "I answer when somebody mentions me, replies to me or gives me a command. Whoever looks "
        "after this group can have me answer everything with /listen on."
    ),
    "reply.listen_on": (
        "From now on I read and answer everything that is written here. /listen off ends that."
    ),
    "reply.listen_off": (
        "From now on I only take in what is meant for me: mention me, or reply to me."
    ),
}

GERMAN: Texts = {
    "refused.groups_off": "Ich rede nur in privaten Chats: Bitte schreib mir dort.",
    "reply.listen_in_groups": "Das ist für Gruppen: Hier höre ich dir ohnehin zu.",
    "reply.listen_for_admins": "Das können nur die ändern, die diese Gruppe verwalten.",
    "reply.listening": (
        "Ich antworte auf alles, was hier geschrieben wird. Wer diese Gruppe verwaltet, kann das "
        "mit /listen off ändern."
    ),
    "reply.not_listening": (
        "Ich antworte, wenn mich jemand erwähnt, mir antwortet oder mir einen Befehl gibt. Wer "
        "diese Gruppe verwaltet, kann mich mit /listen on auf alles antworten lassen."
    ),
    "reply.listen_on": (
        "Von jetzt an lese und beantworte ich alles, was hier geschrieben wird. /listen off "
        "beendet das."
    ),
    "reply.listen_off": (
        "Von jetzt an nehme ich nur auf, was an mich gerichtet ist: Erwähne mich, oder antworte mir."
    ),
}
