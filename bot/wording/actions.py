"""What a person can do about a notice: commands that are sent for them, by the notice's key.

Each of them may be sent twice without harm: so may a button be pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from adapters.feed import Action
from agentcore.records import NoticeAction, NoticeArguments
from bot.texts import text_of

MOST_DIGITS = 3
MOST_CHOICES = 9
"""Buttons for choices below one notice."""
MAX_LABEL = 30
MAX_LINE = 80
"""Characters of a line's that stand for all of it."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One action: the key of its name, and its command, which may take arguments of the notice.
    With `given`, only where the notice has that argument.
    """

    label: str
    command: str
    given: str | None = None


@dataclass(frozen=True, slots=True)
class OneOf:
    """An action for each line of the notice's argument `choices` (see `choices`). `prompt` is the
    key of what picking one does, `label` of what one is called, if not just by its name.
    """

    command: str
    prompt: str
    named: Callable[[str], str] = str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class FormFor:
    """A form for each line of the notice's argument `forms`: what it is about, as the command names
    it, and as people do. What is filled in is written behind the command.
    """

    command: str
    prompt: str


def _title(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}".replace("_", " ").replace("-", " ")


def _bare(model: str) -> str:
    """A model's name without its provider's."""
    return model.rpartition("/")[2]


def _platforms(link: str) -> str:
    """A link without its number."""
    return link.partition(" ")[2]


_PERSONAS = OneOf("/persona {choice}", "action.pick_persona", _title)
_MODELS = OneOf("/model {choice}", "action.pick_model", _bare)
_SLEEP_ON = Fixed("action.sleep_on", "/sleep on")
_SLEEP_UNDO = Fixed("action.sleep_undo", "/undo #{turn}", given="turn")
_LISTEN_OFF = Fixed("action.listen_off", "/listen off")
_ARCHIVE = Fixed("action.archive", "/memory archive", given="archived")
_END_INCOGNITO = Fixed("action.incognito_off", "/incognito off")

ACTIONS: Mapping[str, tuple[Fixed | OneOf | FormFor, ...]] = {
    "turn.noted": (Fixed("action.undo", "/undo #{turn}"), Fixed("action.why", "/why #{turn}")),
    "turn.held": (Fixed("action.keep", "/keep #{turn}"), Fixed("action.drop", "/drop #{turn}")),
    "refused.consent": (Fixed("action.agree", "/agree"), Fixed("action.decline", "/decline")),
    "reply.start": (_PERSONAS,),
    "reply.personas": (_PERSONAS,),
    "reply.no_such_persona": (_PERSONAS,),
    "reply.models": (_MODELS, Fixed("action.usual_model", "/model default")),
    "reply.model_not_allowed": (_MODELS,),
    "reply.timezone_several": (OneOf("/timezone {choice}", "action.pick_zone"),),
    "reply.cards": (
        Fixed("action.cards_on", "/cards on"),
        Fixed("action.cards_always", "/cards always"),
        Fixed("action.cards_off", "/cards off"),
    ),
    "reply.sleep": (
        Fixed("action.sleep_now", "/sleep now"),
        Fixed("action.sleep_off", "/sleep off"),
        _SLEEP_UNDO,
    ),
    "reply.sleep_is_off": (_SLEEP_ON, _SLEEP_UNDO),
    "reply.sleep_off": (_SLEEP_ON,),
    "reply.listening": (_LISTEN_OFF,),
    "reply.not_listening": (Fixed("action.listen_on", "/listen on"),),
    "reply.listen_on": (_LISTEN_OFF,),
    "reply.incognito_begun": (_END_INCOGNITO,),
    "reply.incognito_not_now": (_END_INCOGNITO,),
    "reply.memory": (
        Fixed("action.undo_last", "/undo #{undo}", given="undo"),
        _ARCHIVE,
        FormFor("/memory edit {about}", "action.pick_line"),
    ),
    "reply.memory_empty": (_ARCHIVE,),
    "reply.archive_text": (Fixed("action.forget_passage", "/forget {id}"),),
    "reply.forget_found": (Fixed("action.forget_all", "/forget yes #{offer}"),),
    "reply.link_confirm": (Fixed("action.link", "/link yes #{number}"),),
    "reply.links": (
        Fixed("action.unlink", "/unlink {number}", given="number"),
        OneOf("/unlink {choice}", "action.pick_link", _platforms, label="action.unlink_one"),
    ),
    "access.linked": (Fixed("action.unlink", "/unlink {number}"),),
    "reply.forgotten": (Fixed("action.unforget", "/unforget #{number}", given="number"),),
}


def button_token(nonce: str, number: int) -> str:
    """What a button of a chunk stands for: the chunk, and which of its actions, counted from 0."""
    return f"{nonce}:{number}"


def parsed_token(token: str) -> tuple[str, int]:
    """The chunk's nonce, and which of its actions. Without a nonce, it is no token of ours."""
    nonce, _, number = token.rpartition(":")
    known = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    return (nonce, int(number)) if known else ("", 0)


def choices(names: Iterable[str]) -> str:
    """The argument of a notice whose actions are `OneOf` these: the first few, a line each."""
    return "\n".join(list(names)[:MOST_CHOICES])


def actions_of(key: str, arguments: NoticeArguments, language: str | None) -> tuple[Action, ...]:
    """What can be done about such a notice where there are no forms, in the reader's language."""
    offered = buttons_of(key, arguments, language, forms=False)
    return tuple(Action(each.label, each.command) for each in offered)


def buttons_of(
    key: str, arguments: NoticeArguments, language: str | None, *, forms: bool
) -> tuple[NoticeAction, ...]:
    """The same for a platform with buttons, which may have forms."""
    offered = _offered(key, arguments, language)
    return tuple(each for each in offered if forms or each.kind != "form")


def _offered(key: str, arguments: NoticeArguments, language: str | None) -> Iterator[NoticeAction]:
    for each in ACTIONS.get(key, ()):
        match each:
            case Fixed(label=label, command=command, given=given):
                if given is None or given in arguments:
                    named = text_of(label, {}, language)
                    yield NoticeAction(named, command.format_map(arguments))
            case OneOf():
                yield from _choices_of(each, arguments, language)
            case FormFor(command=command, prompt=prompt):
                told = text_of(prompt, {}, language)
                for line in str(arguments.get("forms", "")).splitlines():
                    about, _, label = line.partition(" ")
                    written = command.format_map({"about": about})
                    yield NoticeAction(_short(label, MAX_LINE), written, "form", told)
                    told = ""


def _choices_of(
    offer: OneOf, arguments: NoticeArguments, language: str | None
) -> Iterator[NoticeAction]:
    told = text_of(offer.prompt, {}, language)
    for choice in str(arguments.get("choices", "")).splitlines():
        name = _short(offer.named(choice), MAX_LABEL)
        label = name if offer.label is None else text_of(offer.label, {"choice": name}, language)
        yield NoticeAction(label, offer.command.format(choice=choice), "choice", told)
        told = ""


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"
