"""Discord: everything that knows its API and the library for it.

Reading order: `settings`, `connection` (how the API is spoken to), `adapter` (what starts with
what). Of what comes in: `receiving` (what it is made of), `gateway` (one connection after the
other), `listening` (what is done with each event), `messages` (what one means), `intake` (hand it
over, only then done), `catching_up` (what was said while nobody listened), `interactions`
(commands, presses, forms). Of what goes out: `rendering`, `markup` and `pieces` (what an answer
becomes), `sending` (the way of a chunk), `writing` (to which channel), `line` and `letters` (one
call, and what to ask for instead), `wire` (when a request may leave), `replies` (answers that
somebody waits for), `failures`, `pacing`, `previews`. `menus`: what is shown before anybody writes.
"""
