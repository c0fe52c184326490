"""The edges: each adapter knows one platform, and none knows another.

`base` is the seam (read it first), `conformance` the body of tests that every adapter must pass,
`testing` the fakes for a push and a pull platform, `terminal` the first real one. `push` is what
platforms share that are sent to, `rendering` what Markdown looks like.
"""
