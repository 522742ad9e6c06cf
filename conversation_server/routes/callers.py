"""What routes ask for: the server, who is calling, and the message in a signed body.

A route that takes API keys names the scope that it needs, here and nowhere else: `needs(Scope.PUBLISH)`.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar, cast

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ValidationError

from conversation_genome.errors import AuthenticationError, InputError, PermissionDeniedError
from conversation_genome.protocol.administration import Scope
from conversation_server.services.calling import Call
from conversation_server.services.keys import KeyHolder, bearer
from conversation_server.services.metrics import Metrics
from conversation_server.services.server import Server

AnyModel = TypeVar("AnyModel", bound=BaseModel)
_DOCUMENTED: Final = HTTPBearer(
    auto_error=False, scheme_name="api key", description="An API key: `cgp keys create` makes one."
)
"""Only tells OpenAPI that keys are taken: the key is read below."""
Cursor = Annotated[str | None, Query(json_schema_extra={"pattern": "^[0-9]{1,18}$"})]
"""Where the next page begins; the service says what is wrong with one that is none."""
_ACTING: Final = frozenset({"POST", "PUT", "DELETE"})


async def _server(request: Request) -> Server:  # async, or FastAPI would run it in a thread for each request
    return cast(Server, request.app.state.server)


ServerDependency = Annotated[Server, Depends(_server)]


@dataclass(frozen=True, slots=True)
class SignedCall:
    """A validator's request whose signature holds, with what its route needs."""

    call: Call
    body: bytes
    server: Server
    metrics: Metrics


async def signed_call(request: Request) -> SignedCall:
    """Return who signed a request, and its body.

    Raises:
        AuthenticationError: If the request does not prove who sent it.
        PermissionDeniedError: If the caller is no validator, or holds too little stake.
        TooManyRequestsError: If the caller sent too many.
    """
    server: Server = request.app.state.server
    body = await request.body()
    try:
        call = await server.callers.validator(request.headers, body, method=request.method, path=_target(request))
    except (AuthenticationError, PermissionDeniedError):
        await server.limits.anonymous(request.state.address)
        raise
    await server.limits.validator(call.hotkey)
    return SignedCall(call, body, server, request.app.state.metrics)


def _target(request: Request) -> str:
    """Return path and query as they were signed."""
    path: str = request.scope.get("raw_path", request.scope["path"].encode()).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


Signed = Annotated[SignedCall, Depends(signed_call)]


@dataclass(frozen=True, slots=True)
class KeyCall:
    """A request with an API key that has the scope which the route needs."""

    holder: KeyHolder
    request_id: str
    server: Server

    def act(self, action: str, target: str = "") -> AbstractAsyncContextManager[None]:
        """Return a block that is recorded in the log of administrative acts."""
        return self.server.audit.recorded(self.holder, action, target, request_id=self.request_id)


@dataclass(frozen=True)
class Needs:
    """Lets the holders of a key with a scope pass, and counts what they ask for."""

    scope: Scope
    is_public: bool = False
    """True for what the setting may open to everybody."""

    async def __call__(
        self, request: Request, server: ServerDependency, _documented: Annotated[object, Security(_DOCUMENTED)]
    ) -> KeyCall | None:
        """Return the call; None for somebody without a key where reading is public."""
        authorization = request.headers.get("authorization")
        if self.is_public and authorization is None and server.tools.settings.server_public_reads:
            await server.limits.anonymous(request.state.address)
            return None
        try:
            holder = await server.keys.check(bearer(authorization))
        except (AuthenticationError, PermissionDeniedError):
            await server.limits.anonymous(request.state.address)
            raise
        await server.limits.key(holder.id)
        call = KeyCall(holder, request.state.request_id, server)
        await self._check_scope(request, call)
        return call

    async def _check_scope(self, request: Request, call: KeyCall) -> None:
        """Pass, or write down who wanted to do what without the scope for it."""
        if call.holder.may(self.scope) or request.method not in _ACTING:
            call.holder.need(self.scope)
            return
        async with call.act(f"{request.method} {request.scope['route'].path}", request.url.path):
            call.holder.need(self.scope)


def needs(scope: Scope) -> Any:
    """Return the dependency of a route that needs a scope."""
    return Depends(Needs(scope))


Importer = Annotated[KeyCall, needs(Scope.IMPORT)]
Publisher = Annotated[KeyCall, needs(Scope.PUBLISH)]
Administrator = Annotated[KeyCall, needs(Scope.ADMIN)]
Reader = Annotated[KeyCall | None, Depends(Needs(Scope.READ, is_public=True))]
"""None for somebody without a key; whoever may not read does not get as far."""


_SIGNED_BY: Final = "x-bittensor-hotkey"


@dataclass(frozen=True)
class NeedsOrItself(Needs):
    """Lets a miner pass, too, that asks by its own signature about the hotkey in the path."""

    async def __call__(
        self, request: Request, server: ServerDependency, _documented: Annotated[object, Security(_DOCUMENTED)]
    ) -> KeyCall | None:
        """Return the call of a key's holder; None for the miner itself."""
        if _SIGNED_BY not in request.headers:
            return await super().__call__(request, server, _documented)
        await server.limits.anonymous(request.state.address)
        caller = await server.callers.neuron(request.headers, method=request.method, path=_target(request))
        if caller != request.path_params["hotkey"]:
            raise PermissionDeniedError(f"{caller} may read its own answers alone, not those of another hotkey")
        return None


AdministratorOrItself = Annotated[KeyCall | None, Depends(NeedsOrItself(Scope.ADMIN))]
"""None where a miner asks about itself; anybody else does not get as far."""


async def _anybody(request: Request, server: ServerDependency) -> None:
    await server.limits.anonymous(request.state.address)


Anybody = Depends(_anybody)
"""Whoever calls, counted by address."""


def is_administrator(reader: KeyCall | None) -> bool:
    """Return whether a reader sees what nobody else does."""
    return reader is not None and reader.holder.may(Scope.ADMIN)


def read_message(model: type[AnyModel], body: bytes) -> AnyModel:
    """Return the message in a body.

    Raises:
        InputError: Naming the first field that is wrong.
    """
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, fault["loc"]))[:200] or "the body"
        raise InputError(f"{model.__name__}: {place}: {fault['msg'][:300]}") from exc


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says about a body that a route reads itself."""
    schema = model.model_json_schema()
    schema = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with its definitions in place: references into it lead nowhere inside another document."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(part, definitions) for name, part in schema.items()}
