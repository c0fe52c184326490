"""Markdown as people see it: a text and what is set how in it, for platforms to show their way.

`blocks` reads a document, `inline` the inside of a paragraph, `tables` a table; `spans` is what
comes of it, and `cutting` makes pieces of that. All of it is pure.
"""
