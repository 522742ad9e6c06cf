"""`/v1/keys`: API keys are made, listed, rotated and revoked."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Response, status

from conversation_genome.protocol.administration import ApiKey, ApiKeyList, KeyRequest, KeyRotation, NewApiKey
from conversation_server.routes.callers import Administrator, ServerDependency

router = APIRouter(prefix="/v1/keys", tags=["keys"])
KeyId = Annotated[str, Path(max_length=100)]
_NOT_KEPT: Final = {"cache-control": "no-store"}


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_key(
    asked: KeyRequest, server: ServerDependency, caller: Administrator, response: Response
) -> NewApiKey:
    """Make a key; it is shown in this answer and never again."""
    response.headers.update(_NOT_KEPT)
    async with caller.act("key.create", asked.name):
        return await server.keys.create(asked, caller.holder)


@router.get("")
async def list_keys(server: ServerDependency, _caller: Administrator) -> ApiKeyList:
    """List all keys, newest first, without their secrets."""
    return await server.keys.every()


@router.post("/{key_id}/rotate")
async def rotate_key(
    key_id: KeyId, asked: KeyRotation, server: ServerDependency, caller: Administrator, response: Response
) -> NewApiKey:
    """Give a key a new secret; the one before is taken until the overlap ends."""
    response.headers.update(_NOT_KEPT)
    async with caller.act("key.rotate", key_id):
        return await server.keys.rotate(key_id, asked)


@router.delete("/{key_id}")
async def revoke_key(key_id: KeyId, server: ServerDependency, caller: Administrator) -> ApiKey:
    """Take a key back, at once and for good."""
    async with caller.act("key.revoke", key_id):
        return await server.keys.revoke(key_id)
