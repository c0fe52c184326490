"""What stands in Discord's own menus, and what is said there where the service has no answer."""

from __future__ import annotations

from bot.texts.base import Texts

ENGLISH: Texts = {
    "discord.ask": "Say something to me",
    "discord.ask_argument": "What you want to say",
    "discord.remember": "Remember this",
    "discord.remember_request": "Remember this:",
    "discord.too_late": "That took too long. Please try again.",
    "discord.failed": "That didn't work. Please try again.",
    "discord.outdated": "I no longer know that one. Please write the command instead.",
    "discord.nothing_to_remember": (
        "There are no words in that message, and I can only remember words. "
        "Please tell me in your own what I am to keep."
    ),
    "discord.not_here": "I don't answer in this channel. Please write to me in private.",
    "discord.too_long": "That is too long to edit here. Please write to me what is to change.",
}

GERMAN: Texts = {
    "discord.ask": "Sag mir etwas",
    "discord.ask_argument": "Was du sagen möchtest",
    "discord.remember": "Merk dir das",
    "discord.remember_request": "Merk dir das:",
    "discord.too_late": "Das hat zu lange gedauert. Bitte versuch es noch einmal.",
    "discord.failed": "Das hat nicht geklappt. Bitte versuch es noch einmal.",
    "discord.outdated": "Das kenne ich nicht mehr. Bitte schreib stattdessen den Befehl.",
    "discord.nothing_to_remember": (
        "In dieser Nachricht stehen keine Worte, und nur Worte kann ich mir merken. "
        "Bitte sag mir mit deinen eigenen, was ich behalten soll."
    ),
    "discord.not_here": "In diesem Kanal antworte ich nicht. Bitte schreib mir privat.",
    "discord.too_long": "Das ist zu lang, um es hier zu ändern. Bitte schreib mir, was anders sein soll.",
}
