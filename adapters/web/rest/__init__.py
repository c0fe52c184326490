"""The REST API that `letta-client` speaks: views of the engine's records, and nothing kept here.

Reading order: `backend` (what the service provides), `running` (turns, as the API follows them),
`callers` (who asks, and what they may), `errors` (what goes wrong, in that API's words), `answers`
and `paging` (the forms of all answers), `entrance` (what every request passes), then a module for each resource; `app` puts them together.

Nothing is imported here: all of it takes long to load, and what only follows turns needs little of it.
"""
