"""Saying something to an agent, what comes of it, and looking back.

Begin with `turning`: a request into the queue, and its answer whole or, by `sse`, as it happens.
`messages`, `message_lists`, `conversations` and `runs` are the routes; `message_views` and
`run_views` say how records are shown, and are pure. `happenings` follows an agent whoever asks it.
"""
