"""The engine: agents with memory, the loop that runs them, and the store that loses nothing.

It knows no chat platform, no HTTP and no environment. Reading order: `records` (what things
are), `memory` (block edits, pure), `model` (the seam to language models), `store` (the seam to
the database), `tools`, `loop` (one turn), `core` (the service's entry), then the
implementations `sqlstore`, `litellm_model` and `offline_model`.
"""
