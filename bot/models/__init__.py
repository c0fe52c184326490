"""The models of this service, made from settings.

Begin with `allowed`: each model is reached by a client (`clients`), measured (`measured`), and paid
from the day's budget (`budgeted`). `probe` asks one whether it will do.
"""
