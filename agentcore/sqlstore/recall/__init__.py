"""Finding again what was said and kept: by words, by meaning, by time.

Begin with `search`, which ranks both kinds of finds over all of a person's lives. `postings` are the
words of messages, `vectors` their meanings, `archive` the passages that an agent kept, `past` and
`pages` the history read backwards.
"""
