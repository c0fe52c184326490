"""Chats of several: what is heard there, and what isn't."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "refused.groups_off": "I only talk in private chats: please write to me there.",
    "group.joined_shared": (
        "Hello! Mention me, or reply to me, and I answer. I remember what this group tells me; "
        "/memory shows it, /help what else I can do. {heard}"
    ),
    "group.joined_personal": (
        "Hello! Mention me, or reply to me, and I answer: each of you as the one that you know "
        "in private, without saying what I know from there. /help shows what else I can do. {heard}"
    ),
    "group.hears_all": "What isn't meant for me I don't take in.",
    "group.hears_some": (
        "Messages that aren't meant for me don't reach me here: a setting of the platform keeps "
        "them from bots."
    ),
    "group.hears_as_admin": (
        "Messages that aren't meant for me don't reach me here: a setting of the platform keeps "
        "them from bots, unless you make me an admin of this group."
    ),
    "reply.listen_in_groups": "That is for groups: here, I listen to you anyway.",
    "reply.listen_for_admins": "Only those who look after this group can change that.",
    "reply.listening": (
        "I answer everything that is written here. Whoever looks after this group can change that."
    ),
    "reply.not_listening": (
        "I answer when somebody mentions me, replies to me or gives me a command. Whoever looks "
        "after this group can have me answer everything."
    ),
    "reply.listen_on": (
        "From now on I read and answer everything that is written here. If I miss what isn't said "
        "to me, a setting of the platform keeps it from me, which whoever runs me can change."
    ),
    "reply.listen_off": (
        "From now on I only take in what is meant for me: mention me, or reply to me."
    ),
}

GERMAN: Texts = {
    "group.joined_shared": (
        "Hallo! Erwähnt mich, oder antwortet mir, dann antworte ich. Ich merke mir, was mir diese "
        "Gruppe erzählt; /memory zeigt es, /help, was ich noch kann. {heard}"
    ),
    "group.joined_personal": (
        "Hallo! Erwähnt mich, oder antwortet mir, dann antworte ich: jedem als die, die er aus dem "
        "privaten Chat kennt, ohne zu sagen, was ich von dort weiß. /help zeigt, was ich noch "
        "kann. {heard}"
    ),
    "group.hears_all": "Was nicht an mich gerichtet ist, nehme ich nicht auf.",
    "group.hears_some": (
        "Nachrichten, die nicht an mich gerichtet sind, erreichen mich hier nicht: Eine "
        "Einstellung der Plattform hält sie von Bots fern."
    ),
    "group.hears_as_admin": (
        "Nachrichten, die nicht an mich gerichtet sind, erreichen mich hier nicht: Eine "
        "Einstellung der Plattform hält sie von Bots fern, solange ihr mich nicht zum Admin "
        "dieser Gruppe macht."
    ),
    "refused.groups_off": "Ich rede nur in privaten Chats: Bitte schreib mir dort.",
    "reply.listen_in_groups": "Das ist für Gruppen: Hier höre ich dir ohnehin zu.",
    "reply.listen_for_admins": "Das können nur die ändern, die diese Gruppe verwalten.",
    "reply.listening": (
        "Ich antworte auf alles, was hier geschrieben wird. Wer diese Gruppe verwaltet, kann das "
        "ändern."
    ),
    "reply.not_listening": (
        "Ich antworte, wenn mich jemand erwähnt, mir antwortet oder mir einen Befehl gibt. Wer "
        "diese Gruppe verwaltet, kann mich auf alles antworten lassen."
    ),
    "reply.listen_on": (
        "Von jetzt an lese und beantworte ich alles, was hier geschrieben wird. Entgeht mir, was "
        "nicht an mich gerichtet ist, dann hält es eine Einstellung der Plattform von mir fern; "
        "wer mich betreibt, kann sie ändern."
    ),
    "reply.listen_off": (
        "Von jetzt an nehme ich nur auf, was an mich gerichtet ist: Erwähne mich, oder antworte mir."
    ),
}
