"""The HTTP side of the service: the only package that knows FastAPI, Starlette and uvicorn.

Reading order: `server` (how an application is served), `app` (which routes there are), `door`
(how the command line reaches a running service). `bot.door.client` is the other end of the door.
"""
