"""The store over SQLAlchemy Core.

Reading order: `tables` and `registry` (what there is, and whose), `engine` (how a unit of work is
carried out), `gate.intake` (a message comes in), `delivery.leases` and `delivery.commits` (a turn),
`content` and `recall` (what it reads). `stores` and `agent_store` hand all of it out as the seams
of `agentcore.store`. Which package may import which stands in pyproject.toml, under `store-layers`.
"""
