"""Answering the gradebook's PUT and DELETE.

Source: OneRoster reference, section 7; Focus reference, section 9 #18.
"""

from collections.abc import Mapping
from typing import Any

from homeroom.mocks.focus_oneroster import gradebook
from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.model import MODELS
from homeroom.mocks.focus_oneroster.reading import answer_row, dawdle
from homeroom.mocks.harness.request import Answer


async def answer_put(name: str, sourced_id: str, body: Mapping[str, Any]) -> Answer:
    """Store an object and answer it: 201 when it is new, else 200 or what the setting says."""
    await dawdle()
    row, is_new = gradebook.put(name, sourced_id, body[MODELS[name].singular])
    status = 201 if is_new else int(current_world().settings.replace_status)
    return answer_row(name, row, status=status)


async def answer_delete(name: str, sourced_id: str) -> Answer:
    """Delete an object and answer 204."""
    await dawdle()
    gradebook.delete(name, sourced_id)
    return None, 204
