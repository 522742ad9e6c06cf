"""`/v1/leases`: a validator is handed a conversation, holds it, and gives it back or completes it."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Response, status

from conversation_genome.annotation import GroundTruth
from conversation_genome.protocol.messages import Bundle, LeaseRequest, LeaseStatus
from conversation_server.routes.callers import Signed, body_of, read_message
from conversation_server.services.calling import INLINE_BYTES

_log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/leases", tags=["validators"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=Bundle,
    responses={204: {"description": "There is nothing to do."}},
    openapi_extra=body_of(LeaseRequest),
)
async def lease_next(signed: Signed) -> Response:
    """Lease the next conversation; one that the caller holds and does not name comes back first."""
    request = read_message(LeaseRequest, signed.body)
    handing = await signed.server.hold(signed.call, lambda leases: leases.lease_next(signed.call.hotkey, request))
    if handing is None:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    _log.info("leased", lease=handing.lease.id, windows=handing.out.windows, attempt=handing.lease.attempt)
    signed.metrics.count_lease("granted")
    return Response(handing.bundle(), status_code=status.HTTP_201_CREATED, media_type="application/json")


@router.post("/{lease_id}/renew")
async def renew(lease_id: str, signed: Signed) -> LeaseStatus:
    """Hold a lease for another full term."""
    status_ = await signed.server.hold(signed.call, lambda leases: leases.renew(signed.call.hotkey, lease_id))
    signed.metrics.count_lease("renewed")
    return status_


@router.delete("/{lease_id}")
async def release(lease_id: str, signed: Signed, reason: Annotated[str, Query(max_length=300)] = "") -> LeaseStatus:
    """Give a lease back: its conversation is free at once. A reason says what is wrong with the conversation."""
    server = signed.server
    status_ = await server.hold(signed.call, lambda leases: leases.release(signed.call.hotkey, lease_id, reason))
    server.grader.forget(lease_id)
    _log.info("given back", lease=lease_id, reason=reason)
    signed.metrics.count_lease("released")
    return status_


@router.put("/{lease_id}/ground-truth", openapi_extra=body_of(GroundTruth))
async def put_ground_truth(lease_id: str, signed: Signed) -> LeaseStatus:
    """Store what the validator holds true of the conversation."""
    body = signed.body
    if len(body) > INLINE_BYTES:
        ground_truth = await asyncio.to_thread(read_message, GroundTruth, body)
    else:
        ground_truth = read_message(GroundTruth, body)
    status_ = await signed.server.put_ground_truth(signed.call, lease_id, ground_truth, body)
    _log.info("ground truth stored", lease=lease_id, engine=ground_truth.engine)
    return status_


@router.post("/{lease_id}/complete")
async def complete(lease_id: str, signed: Signed) -> LeaseStatus:
    """End a lease: the reward of each window is divided, then the conversation is merged."""
    status_ = await signed.server.complete(signed.call, lease_id)
    _log.info("completed", lease=lease_id)
    signed.metrics.count_lease("completed")
    return status_
