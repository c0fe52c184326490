"""What stands in Discord's own menus and forms, and what is said there before the service is asked."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "discord.ask": "Say something to me",
    "discord.ask_argument": "What you want to say",
    "discord.remember": "Remember this",
    "discord.remember_request": "Remember this:",
    "discord.too_late": "That took too long. Please try again.",
    "discord.not_yours": "That is for the person I was answering there.",
    "discord.failed": "That didn't work. Try again.",
    "discord.done": "Done.",
}

GERMAN: Texts = {
    "discord.ask": "Sag mir etwas",
    "discord.ask_argument": "Was du sagen möchtest",
    "discord.remember": "Merk dir das",
    "discord.remember_request": "Merk dir das:",
    "discord.too_late": "Das hat zu lange gedauert. Bitte versuch es noch einmal.",
    "discord.not_yours": "Das ist für die Person, der ich dort geantwortet habe.",
    "discord.failed": "Das hat nicht geklappt. Versuch es noch einmal.",
    "discord.done": "Erledigt.",
}
