"""`/v1/submissions`: one miner's answer, scored by the validator and again by the server."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, status

from conversation_genome.protocol.messages import Receipt, Submission
from conversation_server.routes.callers import CurrentValidator, ServerDependency, body_of, signed
from conversation_server.services.metrics import Metrics

router = APIRouter(prefix="/v1/submissions", tags=["validators"])


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=body_of(Submission))
async def submit(
    caller: CurrentValidator,
    submission: Annotated[Submission, Depends(signed(Submission))],
    server: ServerDependency,
    request: Request,
) -> Receipt:
    """Store an answer; the receipt is sent once it is on the disk, and again for the same answer."""
    receipt = await server.submit(caller, submission)
    cast(Metrics, request.app.state.metrics).count_submission(submission, receipt)
    return receipt
