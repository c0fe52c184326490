"""What `/share` and `/unshare` give back."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.title_public": "What groups may know of you",
    "reply.share": (
        "In groups, this is all that I know of you:\n\n{lines}\n\n"
        "/share 3 adds line 3 of /memory, or /share and a text. /unshare 2 takes line 2 out again."
    ),
    "reply.share_nothing": (
        "In groups I know nothing of you: what I keep in mind stays between us. If others may know "
        "something, /share 3 adds line 3 of /memory, or /share and a text."
    ),
    "reply.shared": (
        "In groups I may know this of you from now on:\n“{line}”\n\n"
        "/share shows all of it, /unshare and a number takes a line out."
    ),
    "reply.share_already": "That is public already: “{line}”",
    "reply.share_full": (
        "That doesn't fit any more: {most} characters may be public. "
        "/share shows what is, /unshare and a number makes room."
    ),
    "reply.unshared": "In groups I don't know this of you any more:\n“{line}”",
    "reply.unshare_not_public": "That isn't public: “{line}”. /share shows what is.",
}

GERMAN: Texts = {
    "reply.title_public": "Was Gruppen von dir wissen dürfen",
    "reply.share": (
        "In Gruppen weiß ich von dir nur das:\n\n{lines}\n\n"
        "/share 3 fügt Zeile 3 aus /memory hinzu, oder /share und ein Text. "
        "/unshare 2 nimmt Zeile 2 wieder heraus."
    ),
    "reply.share_nothing": (
        "In Gruppen weiß ich nichts von dir: Was ich mir merke, bleibt unter uns. Wenn andere etwas "
        "wissen dürfen, fügt /share 3 Zeile 3 aus /memory hinzu, oder /share und ein Text."
    ),
    "reply.shared": (
        "In Gruppen darf ich ab jetzt das von dir wissen:\n„{line}“\n\n"
        "/share zeigt alles davon, /unshare und eine Nummer nimmt eine Zeile heraus."
    ),
    "reply.share_already": "Das ist schon öffentlich: „{line}“",
    "reply.share_full": (
        "Das passt nicht mehr: {most} Zeichen dürfen öffentlich sein. "
        "/share zeigt, was es ist, /unshare und eine Nummer macht Platz."
    ),
    "reply.unshared": "In Gruppen weiß ich das nicht mehr von dir:\n„{line}“",
    "reply.unshare_not_public": "Das ist nicht öffentlich: „{line}“. /share zeigt, was es ist.",
}
