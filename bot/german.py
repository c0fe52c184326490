"""Our own texts in German. `bot.catalogue` says what the keys mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GERMAN: Mapping[str, str] = MappingProxyType(
    {
        "reply.help": (
            "Ich bin ein Assistent, der sich merkt, was du erzählst. Schreib mir einfach."
            "\n\n{commands}"
        ),
        "reply.memory": "Das habe ich mir gemerkt:\n\n{blocks}",
        "reply.memory_empty": "Ich habe mir noch nichts über dich gemerkt.",
        "reply.undone": "Zurückgenommen. {label} lautet jetzt:\n{value}",
        "reply.undone_empty": "Zurückgenommen. {label} ist jetzt leer.",
        "reply.nothing_to_undo": "Es gibt keine Änderung, die ich zurücknehmen könnte.",
        "reply.undo_changed": (
            "An dieser Stelle hat sich seither etwas geändert, darum habe ich nichts angerührt. "
            "/memory zeigt den jetzigen Stand."
        ),
        "reply.new": (
            "Ein neues Blatt: Unsere letzten Nachrichten habe ich nicht mehr vor Augen. "
            "Was ich mir über dich gemerkt habe, bleibt, und nachschlagen kann ich weiterhin."
        ),
        "reply.stopping": "Ich höre auf.",
        "reply.nothing_to_stop": "Ich arbeite gerade an nichts.",
        "reply.unknown_command": "/{command} kenne ich nicht. /help zeigt, was ich verstehe.",
        "refused.too_long": (
            "Diese Nachricht ist mir zu lang: {size} Bytes, und ich nehme {max_size}. "
            "Bitte schick sie in Teilen."
        ),
        "refused.empty": "In dieser Nachricht war nichts, das ich lesen kann.",
        "refused.pending_full": (
            "Ich habe noch {max_pending} oder mehr deiner Nachrichten zu lesen. "
            "Bitte warte auf meine Antworten und schick diese dann noch einmal."
        ),
        "refused.rate": (
            "Das sind mehr als {max_per_minute} Nachrichten in einer Minute. "
            "Bitte warte ein wenig und schick die letzten dann noch einmal."
        ),
        "refused.crowded": "Zu viele neue Leute auf einmal. Bitte versuch es in einer Stunde wieder.",
        "refused.not_admitted": (
            "Dieser Bot ist privat. Bitte den Betreiber, dich einzulassen; "
            "was du geschrieben hast, wurde nicht behalten."
        ),
        "refused.blocked": "",
        "turn.error": (
            "Dabei ist etwas schiefgegangen; ich habe die Nachricht für die Betreiber zur Seite "
            "gelegt. Du kannst weiterschreiben."
        ),
        "turn.model_waiting": (
            "Ich erreiche mein Sprachmodell gerade nicht. Deine Nachricht ist sicher, und ich "
            "antworte, sobald es geht."
        ),
        "turn.model_refused": (
            "Mein Sprachmodell hat die Antwort verweigert. Wenn das wieder vorkommt, sag bitte "
            "den Betreibern Bescheid."
        ),
        "turn.no_answer": (
            "Leider habe ich darauf keine Antwort gefunden. Bitte versuch es mit anderen Worten."
        ),
        "turn.max_steps": (
            "Hier habe ich aufgehört: Das war mehr Arbeit, als ich für eine Nachricht leisten darf."
        ),
        "turn.max_tokens": (
            "Hier habe ich aufgehört: Das war mehr Text, als ich für eine Nachricht lesen darf."
        ),
        "turn.cancelled": "Aufgehört.",
        "turn.budget": "Das Budget für heute ist aufgebraucht. Morgen antworte ich wieder.",
        "turn.too_large": "Das ist zu viel auf einmal für mich. Bitte schick es in Teilen.",
    }
)
