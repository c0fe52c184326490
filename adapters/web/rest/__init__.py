"""The REST API that `letta-client` speaks: views of the engine's records, and nothing kept here.

Reading order: `seams.backend` (what the service provides), `http.entrance` (what every request
passes), `turns.turning` (a message and its answer), then the package of whichever resource;
`app` puts them together. Which package may import which stands in pyproject.toml, under `rest-layers`.

Nothing is imported here: all of it takes long to load, and what only follows turns needs little of it.
"""
