"""What the commands give back with which people choose: `/persona`, `/model`, `/timezone`."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "reply.choice": "• {choice}",
    "reply.choice_now": "• {choice} ← now",
    "reply.choice_others": "The others by name: /{command} and the name.",
    "reply.personas": "I can be:\n\n{personas}\n\nWhat I know about you stays.",
    "reply.no_such_persona": "I can't be “{name}”. I can be:\n\n{personas}",
    "reply.persona_same": "I am {name} already.",
    "reply.persona_changed": (
        "From now on I am {name} (model: {model}). What I know about you stays. "
        "/undo makes me who I was."
    ),
    "reply.models": "These language models can speak for me:\n\n{models}",
    "reply.model_not_allowed": "I can't use “{name}”. These are there:\n\n{models}",
    "reply.model_changed": "From your next message on, {model} speaks for me.",
    "reply.model_default": "From your next message on, the usual model speaks for me: {model}.",
}

GERMAN: Texts = {
    "reply.choice": "• {choice}",
    "reply.choice_now": "• {choice} ← jetzt",
    "reply.choice_others": "Die anderen mit Namen: /{command} und der Name.",
    "reply.personas": "Ich kann sein:\n\n{personas}\n\nWas ich über dich weiß, bleibt.",
    "reply.no_such_persona": "„{name}“ kann ich nicht sein. Ich kann sein:\n\n{personas}",
    "reply.persona_same": "Ich bin schon {name}.",
    "reply.persona_changed": (
        "Von jetzt an bin ich {name} (Modell: {model}). Was ich über dich weiß, bleibt. "
        "/undo macht mich wieder zu dem, was ich war."
    ),
    "reply.models": "Diese Sprachmodelle können für mich sprechen:\n\n{models}",
    "reply.model_not_allowed": "„{name}“ kann ich nicht benutzen. Es gibt:\n\n{models}",
    "reply.model_changed": "Ab deiner nächsten Nachricht spricht {model} für mich.",
    "reply.model_default": "Ab deiner nächsten Nachricht spricht wieder das übliche Modell: {model}.",
}
