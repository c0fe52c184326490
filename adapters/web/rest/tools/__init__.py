"""Tools, those of the service and those made over the API. Begin with `routes`; `drafts` makes a tool
of what a client sends, `known` shows both kinds as one.
"""
