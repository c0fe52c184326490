"""What a service without platforms imports, and the commands that talk to it."""

# ruff: noqa: F401

import adapters.terminal
import bot.cli
import bot.door.client
import bot.http.app
import bot.rest_api
import bot.serving
import bot.web_chat
