"""Speed, size and the kill soak: measurements of the whole service, from outside where possible.

`python -m benchmarks [name …] [--quick]` measures and writes RESULTS.md; `python -m
benchmarks.soak` lets people talk on all platforms at once, kills the service again and again, and
writes SOAK.md.

Reading order: `figures` (what is reported), `processes` (services and simulators as processes),
`echo_model` (the models that answer), `scripted_people` (who write line after line; a `*_people` for
each platform);
then one file per benchmark: `writers`, `start`, `turns`, `statements`, `size`, `search`,
`evidence` (what is found, by `recall` and by others), `year` (a life from `life`, and what is left of
it in the end); `soak` with `spoken` (what people say), `soak_model`,
`soak_audit` and `soak_report`. Nothing here listens on anything but 127.0.0.1.
"""
