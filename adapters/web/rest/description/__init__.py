"""The API described, for programs and for people.

Begin with `document` (OpenAPI, from what the routes say and what `answered` adds); `shapes` and
`turn_shapes` are what answers look like, `reference` and `pages` make a page of it.
"""
