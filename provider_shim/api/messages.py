"""A message that is an object of its own, in a thread on whichever API that lives."""

from provider_shim.api.client import Client
from provider_shim.api.leftovers import Leftover, Owners
from provider_shim.api.threads import store_of
from provider_shim.contract.identifiers import api_of
from provider_shim.journal.records import Record


def leftover(record: Record, client: Client, owners: Owners) -> Leftover:
    """Return what can be done about a message that was asked for."""
    thread = str(record.thread)
    store = store_of(api_of(thread), client)
    return Leftover(
        lambda: store.recover_message(thread, record, owners.holds),
        lambda identifier: store.message(thread, identifier),
        lambda identifier: store.delete_message(thread, identifier),
    )
