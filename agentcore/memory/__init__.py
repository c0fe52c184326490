"""Memory without a database: `edits` (what an edit does to a block), `frame` (how blocks are shown
to a model), `terms` (the words a message is found by). All pure.
"""
