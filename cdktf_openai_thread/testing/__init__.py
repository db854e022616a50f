"""Helpers for tests of your own stacks and of the applications on them, with pytest or without.

`assert_threads` looks at what a stack says about its threads, without Terraform::

    def test_the_onboarding_thread_greets():
        stack = Support(Testing.app(), "support")

        assert_threads(stack, {"onboarding": {"messages": [{"role": "user", "content": "Hello!"}]}})

`deployed` runs a stack with the real Terraform on the embedded API: no key, no account, no network::

    def test_the_onboarding_thread_is_there(tmp_path):
        conversations = deployed(Support(Testing.app(), "support"), tmp_path)

        assert conversations["onboarding"].messages == [("user", "Hello!")]

`Server` serves such a database to the application, and fails when a test tells it to. pytest has all of it
as fixtures, whose names begin with ``openai_thread_``.
"""

from cdktf_openai_thread.testing.deploying import Conversation, deployed
from cdktf_openai_thread.testing.snapshots import assert_snapshot, snapshot
from cdktf_openai_thread.testing.threads import assert_threads, threads_of
from provider_shim.local.server import Server

__all__ = [
    "Conversation",
    "Server",
    "assert_snapshot",
    "assert_threads",
    "deployed",
    "snapshot",
    "threads_of",
]
