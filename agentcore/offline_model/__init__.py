"""The built-in stand-in for a language model: rules, no network, and honest about it.

It remembers and answers by the same means as a real model: it reads the blocks in its prompt and
calls the tools that the request offers. It understands plain English sentences and no more.

Reading order: `reading` (a prompt to what was said and what is known), `sentences` (text to
clauses), `facts` (the patterns of what is worth keeping), `questions` (the patterns of what is
asked), `planning` (which tools to call), `answering` (what to say), `summarising` and `tidying`
(what is made in the background), `model`.
"""

from agentcore.offline_model.model import OfflineModel

__all__ = ["OfflineModel"]
