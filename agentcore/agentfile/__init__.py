"""Agent files (`.af`): an agent in one JSON file, as the Letta server reads and writes it. Pure.

Reading order: `form` (what stands in a file), `messages` (how a message is told there), `reading`
(a file's content, or why it is refused), `adapting` (as it is wanted here), `writing`.
"""

from agentcore.agentfile.adapting import Wishes, adapted, private_only, without_messages
from agentcore.agentfile.form import MAX_BYTES, AgentFileInvalid
from agentcore.agentfile.reading import read_agent_file
from agentcore.agentfile.writing import write_agent_file

__all__ = [
    "MAX_BYTES",
    "AgentFileInvalid",
    "Wishes",
    "adapted",
    "private_only",
    "read_agent_file",
    "without_messages",
    "write_agent_file",
]
