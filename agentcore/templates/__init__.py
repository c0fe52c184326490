"""Agent templates: what a new agent is made from, read from YAML files.

Reading order: `template` (the record and its rules), `wording` (text with `{{ variables }}`),
`files` (YAML and folders), `plain` (for agents without one). Where the bundled files lie is the service's knowledge.
"""

from __future__ import annotations

from agentcore.templates.files import load_template, load_templates
from agentcore.templates.plain import PLAIN_SYSTEM
from agentcore.templates.template import Template

__all__ = [
    "PLAIN_SYSTEM",
    "Template",
    "load_template",
    "load_templates",
]
