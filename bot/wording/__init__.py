"""What people are shown over and over: actions below notices, the menu of commands, names, the terms.
The sentences themselves stand in `bot.texts`.
"""
