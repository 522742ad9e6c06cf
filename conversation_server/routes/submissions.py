"""`/v1/submissions`: one miner's answer, scored by the validator and again by the server."""

import structlog
from fastapi import APIRouter, status

from conversation_genome.protocol.messages import Receipt, Submission
from conversation_server.routes.callers import Signed, body_of, read_message

_log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/submissions", tags=["validators"])


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=body_of(Submission))
async def submit(signed: Signed) -> Receipt:
    """Store an answer; the receipt is sent once it is on the disk, and again for the same answer."""
    submission = read_message(Submission, signed.body)
    receipt = await signed.server.submit(signed.call, submission)
    signed.metrics.count_submission(submission, receipt)
    _log.info(
        "answer stored",
        lease=submission.lease_id,
        window=submission.window_id,
        miner=submission.miner_uid,
        outcome=submission.outcome.value,
        agrees=receipt.agrees,
        is_duplicate=receipt.is_duplicate,
    )
    return receipt
