"""Memory blocks as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentcore.records import Block


def block_view(block: Block) -> Mapping[str, Any]:
    return {
        "is_template": False,
        "template_name": None,
        "template_id": None,
        "base_template_id": None,
        "deployment_id": None,
        "entity_id": None,
        "project_id": None,
        "preserve_on_migration": False,
        "hidden": None,
        **block.extras,
        "id": block.block_id,
        "label": block.label,
        "value": block.value,
        "limit": block.limit,
        "description": block.description or None,
        "read_only": block.read_only,
        "metadata": block.metadata,
        "tags": list(block.tags),
        "created_by_id": None,
        "last_updated_by_id": None,
    }
