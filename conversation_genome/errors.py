"""Every failure this project raises on purpose, as one tree with stable codes.

ConversationGenomeError
├── InputError                     what a caller gave cannot be used (exit code 2, HTTP 422)
│   ├── RecordError                a conversation record; names file and line
│   ├── ConversationTooShortError  nothing to cut windows from
│   ├── SettingsError              one or more settings; names all of them at once
│   ├── ScoringInputError          arrays whose shapes or values cannot be scored
│   ├── QueryError                 a search query that cannot be read
│   ├── RequestTooLargeError       more bytes than this route takes (HTTP 413)
│   └── EncodingError              a body that is compressed (HTTP 415)
├── AnswerError                    a miner's answer; costs that miner its score, nobody else anything
│   ├── AnswerMalformedError
│   └── AnswerTooLargeError
├── AuthenticationError            who is calling cannot be established (HTTP 401)
├── PermissionDeniedError          the caller is known and may not do this (HTTP 403)
├── TooManyRequestsError           the caller spent what it may spend for now (HTTP 429)
├── ChainError                     the ledger or chain refused or could not be read
│   ├── NotRegisteredError
│   ├── RateLimitedError
│   ├── StaleMetagraphError
│   ├── ChainUnavailableError      no endpoint answers; reads go on by themselves when one does
│   ├── LedgerLockedError          another process writes to the local ledger
│   ├── RuntimeChangedError        the runtime is not one that this version reads
│   └── WeightsPendingError        weights were sent, and nobody knows yet what became of them
├── LeaseError
│   ├── LeaseNotFoundError         (HTTP 404)
│   ├── LeaseExpiredError          (HTTP 409)
│   └── LeaseHeldByAnotherError    (HTTP 409)
├── NotFoundError                  a conversation, miner or publication that is not there (HTTP 404)
├── ModelUnavailableError          a model's files are missing or not the ones that were pinned
├── LlmError                       a language model gave no answer that can be used; the subclass is the cause
│   ├── LlmKeyMissingError         there is no key to call with
│   ├── LlmKeyRefusedError         the provider does not know the key, or it may not use the model
│   ├── LlmQuotaError              the account has nothing left to spend
│   ├── LlmBudgetError             our own budget would be exceeded; nothing was sent
│   ├── LlmRequestError            the provider cannot take the request: model, size or form of answer
│   ├── LlmRefusalError            the model declines
│   ├── LlmFilteredError           a content filter took the answer away
│   ├── LlmTruncatedError          the answer ended at the limit of its length
│   ├── LlmAnswerError             the answer is not the JSON that was asked for
│   └── LlmTransientError          gone after a while, perhaps: what is tried again
│       ├── LlmBusyError           too many requests (HTTP 429)
│       ├── LlmServerError         the provider failed (HTTP 5xx)
│       ├── LlmTimeoutError        no answer in time
│       └── LlmUnreachableError    no connection
├── VectorStoreError               a vector store cannot be opened, read or written
│   └── VectorModelError           a vector of another model than the store's
├── UnavailableError               another role does not answer
│   └── NobodyAnswersError         no miner at all: the fault is more likely the own network or clock
├── StateUnwritableError           what must not be forgotten cannot be written down
└── StepOverdueError               a step made no progress for too long and was broken off

A message is one sentence (or one line a fault) that says what, which value, and the remedy.
HTTP statuses live in `conversation_server.app`, exit codes in `conversation_genome.cli`.
"""

from typing import ClassVar


class ConversationGenomeError(Exception):
    """The root of the tree: catch it at an edge, never in the middle."""

    code: ClassVar[str] = "conversation_genome_error"


class InputError(ConversationGenomeError):
    """What the caller gave cannot be used."""

    code: ClassVar[str] = "bad_input"


class RecordError(InputError):
    """A conversation record cannot be read; the message names the file and the line."""

    code: ClassVar[str] = "bad_record"


class ConversationTooShortError(InputError):
    """The conversation has too few lines to cut a window from."""

    code: ClassVar[str] = "conversation_too_short"


class SettingsError(InputError):
    """One or more settings are missing or wrong; the message names each of them."""

    code: ClassVar[str] = "bad_settings"


class ScoringInputError(InputError):
    """Arrays handed to a scoring function do not fit together."""

    code: ClassVar[str] = "bad_scoring_input"


class QueryError(InputError):
    """A search query cannot be read."""

    code: ClassVar[str] = "bad_query"


class RequestTooLargeError(InputError):
    """The body of the request is larger than its route takes."""

    code: ClassVar[str] = "request_too_large"


class EncodingError(InputError):
    """The body is compressed; send it as it is."""

    code: ClassVar[str] = "encoding_refused"


class AnswerError(ConversationGenomeError):
    """A miner's answer is refused: that miner scores 0 for the task, nothing else changes."""

    code: ClassVar[str] = "answer_refused"


class AnswerMalformedError(AnswerError):
    """The answer is not the JSON document that the protocol asks for."""

    code: ClassVar[str] = "answer_malformed"


class AnswerTooLargeError(AnswerError):
    """The answer is larger than a validator reads."""

    code: ClassVar[str] = "answer_too_large"


class AuthenticationError(ConversationGenomeError):
    """The request does not prove who sent it."""

    code: ClassVar[str] = "not_authenticated"


class PermissionDeniedError(ConversationGenomeError):
    """The caller is known and may not do this."""

    code: ClassVar[str] = "permission_denied"


class TooManyRequestsError(ConversationGenomeError):
    """The caller spent what it may spend for now; the message says when there is more."""

    code: ClassVar[str] = "too_many_requests"

    def __init__(self, message: str, *, retry_after_seconds: float = 0.0) -> None:
        """Keep how long to wait.

        Args:
            message: The sentence.
            retry_after_seconds: After which the same request is taken.
        """
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ChainError(ConversationGenomeError):
    """The ledger or chain refused a call or could not be read."""

    code: ClassVar[str] = "chain_error"


class NotRegisteredError(ChainError):
    """The hotkey is not registered on the subnet; register it first."""

    code: ClassVar[str] = "not_registered"


class RateLimitedError(ChainError):
    """Weights were set too recently; wait for the blocks that the message names."""

    code: ClassVar[str] = "rate_limited"


class StaleMetagraphError(ChainError):
    """What is known of the metagraph is too old: nobody is let in, no weights are set."""

    code: ClassVar[str] = "stale_metagraph"


class ChainUnavailableError(ChainError):
    """No endpoint of the chain answers; the next call connects again by itself."""

    code: ClassVar[str] = "chain_unavailable"


class LedgerLockedError(ChainError):
    """Another process writes to the local ledger, and went on for too long; try again."""

    code: ClassVar[str] = "ledger_locked"


class RuntimeChangedError(ChainError):
    """The chain's runtime lacks or changed what is read: keep scoring, keep the old weights, update this program."""

    code: ClassVar[str] = "runtime_changed"


class WeightsPendingError(ChainError):
    """The connection was lost while weights were sent; they are not sent again before their fate is known."""

    code: ClassVar[str] = "weights_pending"


class LeaseError(ConversationGenomeError):
    """A lease cannot be used."""

    code: ClassVar[str] = "lease_error"


class LeaseNotFoundError(LeaseError):
    """No lease has this id."""

    code: ClassVar[str] = "lease_not_found"


class LeaseExpiredError(LeaseError):
    """The lease ran out; its conversation may be held by another validator by now."""

    code: ClassVar[str] = "lease_expired"


class LeaseHeldByAnotherError(LeaseError):
    """Another validator holds the lease."""

    code: ClassVar[str] = "lease_held_by_another"


class NotFoundError(ConversationGenomeError):
    """What was asked for by its id is not there."""

    code: ClassVar[str] = "not_found"


class ModelUnavailableError(ConversationGenomeError):
    """A model's files are missing or differ from the pinned ones; `cgp setup` prepares them."""

    code: ClassVar[str] = "model_unavailable"


class LlmError(ConversationGenomeError):
    """A language model gave no answer that can be used."""

    code: ClassVar[str] = "llm_error"


class LlmKeyMissingError(LlmError):
    """There is no key to call the language model with."""

    code: ClassVar[str] = "llm_key_missing"


class LlmKeyRefusedError(LlmError):
    """The provider does not know the key, or the key may not use the model."""

    code: ClassVar[str] = "llm_key_refused"


class LlmQuotaError(LlmError):
    """The account at the provider has nothing left to spend."""

    code: ClassVar[str] = "llm_quota_spent"


class LlmBudgetError(LlmError):
    """The call could exceed the budget that the settings give; it was not made."""

    code: ClassVar[str] = "llm_budget_spent"


class LlmRequestError(LlmError):
    """The provider cannot take the request: its model, its size or the form of answer that it asks for."""

    code: ClassVar[str] = "llm_request_refused"


class LlmRefusalError(LlmError):
    """The model declines to answer."""

    code: ClassVar[str] = "llm_refusal"


class LlmFilteredError(LlmError):
    """The provider's content filter took the request or the answer away."""

    code: ClassVar[str] = "llm_filtered"


class LlmTruncatedError(LlmError):
    """The answer ended at the limit of its length; a part of an answer is none."""

    code: ClassVar[str] = "llm_answer_truncated"


class LlmAnswerError(LlmError):
    """The answer is not the JSON that was asked for."""

    code: ClassVar[str] = "llm_answer_invalid"


class LlmTransientError(LlmError):
    """A failure that may be gone after a while: the call is tried again."""

    code: ClassVar[str] = "llm_transient"

    def __init__(self, message: str, *, retry_after_seconds: float | None = None, may_be_billed: bool = False) -> None:
        """Keep what the next attempt must know.

        Args:
            message: The sentence.
            retry_after_seconds: What the provider asks to wait; None where it says nothing.
            may_be_billed: Whether the provider may have worked, and charge for it.
        """
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.may_be_billed = may_be_billed


class LlmBusyError(LlmTransientError):
    """The provider takes no more requests for now."""

    code: ClassVar[str] = "llm_busy"


class LlmServerError(LlmTransientError):
    """The provider failed."""

    code: ClassVar[str] = "llm_server_failed"


class LlmTimeoutError(LlmTransientError):
    """The provider did not answer in time."""

    code: ClassVar[str] = "llm_timeout"


class LlmUnreachableError(LlmTransientError):
    """There is no connection to the provider."""

    code: ClassVar[str] = "llm_unreachable"


class VectorStoreError(ConversationGenomeError):
    """A vector store cannot be opened, read or written."""

    code: ClassVar[str] = "vector_store_error"


class VectorModelError(VectorStoreError):
    """A vector was made by another model than the store's: the two cannot be compared."""

    code: ClassVar[str] = "vector_model_mismatch"


class UnavailableError(ConversationGenomeError):
    """Another role does not answer, or answers what the protocol does not know."""

    code: ClassVar[str] = "unavailable"


class NobodyAnswersError(UnavailableError):
    """Not one of several miners answered: that tells of the own network or clock, not of the miners."""

    code: ClassVar[str] = "nobody_answers"


class StateUnwritableError(ConversationGenomeError):
    """The state cannot be written, as on a full disk; what would have to be remembered is not done."""

    code: ClassVar[str] = "state_unwritable"


class StepOverdueError(ConversationGenomeError):
    """A step of a role made no progress for too long; it was broken off and is begun anew."""

    code: ClassVar[str] = "step_overdue"
