"""The service's side of the REST API: who may use it and how often, runs, contexts, models, and the
keys by which clients name people. `bot.rest_api` puts it together.
"""
