"""The search attributes that a namespace needs: which it lacks, and how it gets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from workflows.names import SEARCH_ATTRIBUTES

Keys = Sequence[SearchAttributeKey[Any]]


async def lacking(client: Client) -> Keys:
    """Those that the client's namespace does not know. Raises RPCError where nobody answers."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = (await client.operator_service.list_search_attributes(request)).custom_attributes
    return [key for key in SEARCH_ATTRIBUTES if key.name not in known]


async def register(client: Client, keys: Keys) -> None:
    """Register them. Raises RPCError where that is not allowed, as on Temporal Cloud."""
    types = {key.name: key.indexed_value_type.value for key in keys}
    request = AddSearchAttributesRequest(namespace=client.namespace)
    request.search_attributes.update(types)  # type: ignore[arg-type]
    await client.operator_service.add_search_attributes(request)


def command(keys: Keys) -> str:
    """The command with which an administrator registers them."""
    names = " ".join(
        f"--name {key.name} --type {key.indexed_value_type.name.title()}" for key in keys
    )
    return f"temporal operator search-attribute create {names}"
