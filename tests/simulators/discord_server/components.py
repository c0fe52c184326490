"""What buttons, selects, layouts and modals must be like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.simulators.discord_server.channels import parts, texts_of
from tests.simulators.discord_server.refusals import (
    JSON,
    bad_length,
    invalid_form,
    no_choice,
    required,
    too_long,
)

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
ENTITY_SELECTS = frozenset({5, 6, 7, 8})
SELECTS = ENTITY_SELECTS | {SELECT}
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
MOST_PARTS, MOST_TEXT = 40, 4000
LINK, PREMIUM = 5, 6
_TOP = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})


def check_components(told: Any, *, layout: bool) -> list[JSON]:
    """A message's components, each with its number; `layout` is for those of the second version.

    Raises:
        Refused: They aren't as components must be.
    """
    components: list[JSON] = told or []
    if not layout and len(components) > 5:
        raise bad_length("components", 1, 5)
    for at, each in enumerate(components):
        path = f"components.{at}"
        allowed = _TOP if layout else {ROW}
        if each.get("type") not in allowed:
            raise no_choice(f"{path}.type", ", ".join(map(str, sorted(allowed))))
        _check(each, path)
    everything = parts(components)
    if layout and len(everything) > MOST_PARTS:
        said = f"The total number of components cannot exceed {MOST_PARTS}"
        raise invalid_form("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", said)
    if sum(map(len, texts_of(components))) > MOST_TEXT:
        said = f"The total length of text displays cannot exceed {MOST_TEXT}"
        raise invalid_form("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", said)
    _check_ids(everything)
    return [_numbered(each, components) for each in components]


def check_modal(asked: JSON) -> JSON:
    """A modal.

    Raises:
        Refused: It isn't as modals must be.
    """
    _length(asked, "title", "data", 1, 45)
    _length(asked, "custom_id", "data", 1, 100)
    rows = asked.get("components") or []
    if not 1 <= len(rows) <= 5:
        raise bad_length("data.components", 1, 5)
    for at, row in enumerate(rows):
        path = f"data.components.{at}"
        match row.get("type"):
            case 1:
                inner = row.get("components") or []
                if len(inner) != 1 or inner[0].get("type") != TEXT_INPUT:
                    raise bad_length(f"{path}.components", 1, 1)
                _length(inner[0], "label", f"{path}.components.0", 1, 45)
                _check_input(inner[0], f"{path}.components.0")
            case 18:
                _length(row, "label", path, 1, 45)
                _length(row, "description", path, 0, 100)
                inner = row.get("component") or {}
                if inner.get("type") == TEXT_INPUT:
                    _check_input(inner, f"{path}.component")
                else:
                    _check(inner, f"{path}.component")
            case 10:
                _length(row, "content", path, 1, MOST_TEXT)
            case _:
                raise no_choice(f"{path}.type", "1, 10, 18")
    _check_ids(parts(rows))
    return asked


def _check(part: JSON, path: str) -> None:
    kind = part.get("type")
    if kind in SELECTS:
        _check_select(part, path)
    elif kind in _CHECKS:
        _CHECKS[kind](part, path)
    else:
        raise no_choice(f"{path}.type", ", ".join(map(str, sorted(_CHECKS))))


def _check_row(row: JSON, path: str) -> None:
    inner = row.get("components") or []
    if not 1 <= len(inner) <= 5:
        raise bad_length(f"{path}.components", 1, 5)
    for at, each in enumerate(inner):
        if each.get("type") not in SELECTS | {BUTTON}:
            raise no_choice(f"{path}.components.{at}.type", "2, 3, 5, 6, 7, 8")
        _check(each, f"{path}.components.{at}")
    if len(inner) > 1 and any(each["type"] in SELECTS for each in inner):
        said = "The specified component exceeds the maximum width"
        raise invalid_form(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", said)


def _check_button(button: JSON, path: str) -> None:
    style = button.get("style")
    if style not in range(1, 7):
        raise no_choice(f"{path}.style", "1, 2, 3, 4, 5, 6")
    _length(button, "label", path, 0, 80)
    if not button.get("label") and not button.get("emoji") and style != PREMIUM:
        raise invalid_form(
            path, "BUTTON_COMPONENT_INVALID_FIELDS", "A button must have a label or an emoji"
        )
    if style == LINK:
        if not button.get("url"):
            said = "A url is required"
            raise invalid_form(path, "BUTTON_COMPONENT_URL_REQUIRED", said)
        _length(button, "url", path, 1, 512)
    elif style != PREMIUM:
        if not button.get("custom_id"):
            said = "A custom id is required"
            raise invalid_form(path, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", said)
        _length(button, "custom_id", path, 1, 100)


def _check_select(select: JSON, path: str) -> None:
    _length(select, "custom_id", path, 1, 100)
    _length(select, "placeholder", path, 0, 150)
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not 0 <= least <= 25 or not 1 <= most <= 25 or (least or 0) > most:
        raise bad_length(f"{path}.max_values", 1, 25)
    if select["type"] != SELECT:
        return
    options = select.get("options") or []
    if not 1 <= len(options) <= 25:
        raise bad_length(f"{path}.options", 1, 25)
    for at, each in enumerate(options):
        _length(each, "label", f"{path}.options.{at}", 1, 100)
        _length(each, "value", f"{path}.options.{at}", 1, 100)
        _length(each, "description", f"{path}.options.{at}", 0, 100)
    values = [each["value"] for each in options]
    if len(set(values)) < len(values):
        said = "The specified option value is already used"
        raise invalid_form(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", said)


def _check_input(field: JSON, path: str) -> None:
    _length(field, "custom_id", path, 1, 100)
    _length(field, "placeholder", path, 0, 100)
    _length(field, "value", path, 0, 4000)
    if field.get("style") not in {1, 2}:
        raise no_choice(f"{path}.style", "1, 2")


def _check_section(section: JSON, path: str) -> None:
    inner = section.get("components") or []
    if not 1 <= len(inner) <= 3:
        raise bad_length(f"{path}.components", 1, 3)
    for at, each in enumerate(inner):
        if each.get("type") != TEXT:
            raise no_choice(f"{path}.components.{at}.type", "10")
        _check(each, f"{path}.components.{at}")
    if (section.get("accessory") or {}).get("type") not in {BUTTON, THUMBNAIL}:
        raise no_choice(f"{path}.accessory.type", "2, 11")
    _check(section["accessory"], f"{path}.accessory")


def _check_container(container: JSON, path: str) -> None:
    inner = container.get("components") or []
    if not inner:
        raise required(f"{path}.components")
    for at, each in enumerate(inner):
        if each.get("type") not in _TOP - {CONTAINER}:
            raise no_choice(f"{path}.components.{at}.type", "1, 9, 10, 12, 13, 14")
        _check(each, f"{path}.components.{at}")


def _check_text(text: JSON, path: str) -> None:
    _length(text, "content", path, 1, MOST_TEXT)


def _check_gallery(gallery: JSON, path: str) -> None:
    items = gallery.get("items") or []
    if not 1 <= len(items) <= 10:
        raise bad_length(f"{path}.items", 1, 10)


def _fine(_part: JSON, _path: str) -> None:
    """Nothing of it can be wrong."""


_CHECKS: dict[int, Callable[[JSON, str], None]] = {
    ROW: _check_row,
    BUTTON: _check_button,
    SECTION: _check_section,
    TEXT: _check_text,
    THUMBNAIL: _fine,
    GALLERY: _check_gallery,
    FILE: _fine,
    SEPARATOR: _fine,
    CONTAINER: _check_container,
    19: _fine,
}


def _length(part: JSON, name: str, path: str, least: int, most: int) -> None:
    text = part.get(name)
    if text in {None, ""}:
        if least:
            raise required(f"{path}.{name}")
        return
    if len(str(text)) > most:
        raise (
            bad_length(f"{path}.{name}", least, most) if least else too_long(f"{path}.{name}", most)
        )


def _check_ids(everything: list[JSON]) -> None:
    ids = [each["custom_id"] for each in everything if each.get("custom_id")]
    if len(set(ids)) < len(ids):
        said = "Component custom id cannot be duplicated"
        raise invalid_form("components", "COMPONENT_CUSTOM_ID_DUPLICATED", said)


def _numbered(part: JSON, everything: list[JSON]) -> JSON:
    """With the numbers that Discord gives to those that have none."""
    for number, each in enumerate(parts(everything), start=1):
        each.setdefault("id", number)
    return part
