"""Which records of a journal are what a run asks for again. Pure: it decides, and does nothing."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from enum import Enum
from typing import Literal, NamedTuple

from provider_shim.journal.records import Record, Records, Run


class Standing(Enum):
    """What a record is to a run that asks for the same content."""

    OTHERS = "of another stack or account, or kept on purpose: not a word of it"
    UNDER_WAY = "of the run that is under way, or of a process that is alive: not a word of it"
    STORED = "in the state: settled"
    FREE = "made, and proven to be in no state: taken over"
    UNANSWERED = "asked for without an answer: looked for at the API"
    NAMED = "perhaps at the API and in no state, and not to be proven: named"


class Account(NamedTuple):
    """Who asks: what base URL, headers and key are, and organization and project, once the API told them."""

    secret: str = ""
    names: Sequence[str] = ()

    def sealed(self, salt: str) -> str:
        """Return a hash that tells this account from another and gives nothing of it away."""
        return f"{salt}.{hmac.new(salt.encode(), self.secret.encode(), hashlib.sha256).hexdigest()[:32]}"


class Asker(NamedTuple):
    """A run that asks for something, and who it asks for."""

    run: Run
    account: Account
    origin: str


def account_of(record: Record, run: Run, asker: Asker) -> Literal["same", "other", "unknown"]:
    """Compare the account that a record was written for with the one that asks now.

    Equal hashes prove that it is the same. A key may have been changed since: then the names that the API has
    told both of them decide.
    """
    if record.origin != asker.origin:
        return "other"
    if run.account and run.account == asker.account.sealed(run.account.partition(".")[0]):
        return "same"
    if record.names and asker.account.names:
        return "same" if list(record.names) == list(asker.account.names) else "other"
    return "unknown"


def standing(
    record: Record, records: Records, asker: Asker, *, ended: bool, state: Collection[str] | None
) -> Standing:
    """Judge a record of the content that is asked for.

    Args:
        record: Of the same type and content.
        records: All of its journal, for the runs.
        asker: Who asks.
        ended: Whether the process that answers for the record has ended.
        state: The ids in the state of this stack; None where it can't be read.
    """
    run = records.run_of(record)
    account = account_of(record, run, asker)
    if record.why or account == "other" or run.stack != asker.run.stack:
        return Standing.OTHERS
    # Terraform ends a provider when that provider's own resources are done, long before the run is.
    if not ended or asker.run.engine in records.engines_of(record):
        return Standing.UNDER_WAY
    if record.id is None:
        return Standing.UNANSWERED if record.digest and account == "same" else Standing.NAMED
    if state is not None and record.id in state:
        return Standing.STORED
    return Standing.NAMED if account == "unknown" or state is None or record.imported else Standing.FREE
