"""How well a model does as a familiar, asked by scripted scenes through the real core.

Reading order: `scene` (what a scene is, and what came of it), `checks` (what is looked at),
`scenes` (the scenes), `stage` (a scene played on a database of its own), `judge` (a second
model's opinion, where it is asked for), `scorecard` (all results, their sums and costs).

No person's words are in it. It costs what its calls cost.
"""
