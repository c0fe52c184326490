"""Telling others what happened to agents. Begin with `outside`, then `deliveries`; what goes out goes
through `bot.egress`.
"""
