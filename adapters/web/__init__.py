"""The web chat: a page at `/`, and what it talks to.

Reading order: `routes` (what there is), `visitors` (who is who), `events` (the feed as server-sent
events), `markdown` (replies made safe), `guard` (who may ask, and what a browser may do with the
answer), `page` (the files in `page/`), `adapter` (the adapter over all of it). `rest` is the API.

Nothing is imported here: what is in it is taken from its module, so that who needs a part of it loads no more.
"""
