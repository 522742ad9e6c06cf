"""What routes ask for: the server, who is calling, and the message in a signed body."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from conversation_genome.errors import InputError
from conversation_server.services.calling import Call, check_administrator, check_reader
from conversation_server.services.server import Server

AnyModel = TypeVar("AnyModel", bound=BaseModel)


async def _server(request: Request) -> Server:  # async, or FastAPI would run it in a thread for each request
    return cast(Server, request.app.state.server)


ServerDependency = Annotated[Server, Depends(_server)]


async def _validator(request: Request, server: ServerDependency) -> Call:
    path = request.scope.get("raw_path", request.scope["path"].encode()).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return await server.callers.validator(
        request.headers,
        await request.body(),
        method=request.method,
        path=f"{path}?{query}" if query else path,
    )


CurrentValidator = Annotated[Call, Depends(_validator)]


async def _administrator(request: Request, server: ServerDependency) -> None:
    check_administrator(server.tools.settings, request.headers.get("authorization"))


async def _reader(request: Request, server: ServerDependency) -> bool:
    return check_reader(server.tools.settings, request.headers.get("authorization"))


Administrator = Depends(_administrator)
IsAdministrator = Annotated[bool, Depends(_reader)]
"""True if the reader is the administrator; whoever may not read does not get as far."""
Reader = Depends(_reader)


def signed(model: type[AnyModel]) -> Callable[..., Coroutine[Any, Any, AnyModel]]:
    """Return a dependency that reads the body, once it is known who sent it."""

    async def read(request: Request, _caller: CurrentValidator) -> AnyModel:
        return read_message(model, await request.body())

    return read


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
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}
