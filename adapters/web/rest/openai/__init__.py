"""Agents for clients that know OpenAI's API and nothing else. Begin with `chat_completions`; a stream
that is left calls its turn off, since those clients know no other stop.
"""
