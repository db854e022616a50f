"""The helpers for users' own tests, used as users use them."""

import re
from pathlib import Path

import cdktf
import pytest
from constructs import Construct

from cdktf_openai_thread import OpenaiProvider, Thread, ThreadSet
from cdktf_openai_thread.testing import assert_threads, deployed, threads_of
from tests.support.environment import BIN


class Support(cdktf.TerraformStack):
    def __init__(self, greeting: str = "Hello!") -> None:
        super().__init__(cdktf.Testing.app(), "support")
        key = cdktf.TerraformVariable(self, "openai_key", type="string", sensitive=True)
        cdktf.S3Backend(self, bucket="state", key="support", region="eu-central-1")
        OpenaiProvider(self, "openai", api_key=key.string_value)
        first = Thread(self, "onboarding", metadata={"team": "support"}).say("user", greeting)
        desk = Construct(self, "desk")
        Thread(desk, "thread", metadata={"after": first.id})


@pytest.fixture
def terraform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(BIN / "terraform"))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)


def test_threads_are_known_by_their_path() -> None:
    expected = {
        "onboarding": {"metadata": {"team": "support"}, "messages": [{"role": "user", "content": "Hello!"}]},
        "desk/thread": {"metadata": {"after": "${openai_thread.onboarding.id}"}},
    }

    assert threads_of(Support()) == expected


def test_what_is_as_expected_passes() -> None:
    assert_threads(
        Support(), {"onboarding": {"metadata": {"team": "support"}, "tools": None}, "desk/thread": {}}
    )


def test_each_difference_is_on_a_line_of_its_own() -> None:
    expected = """threads differ
  sales: expected a thread, the stack has none
  desk/thread: expected no thread, the stack has one
  onboarding.metadata.team: expected 'sales', got 'support'
  onboarding.messages[0].content: expected 'Hello!', got 'Hi!'
  onboarding.tools: expected ['file_search'], got nothing"""

    with pytest.raises(AssertionError) as raised:
        assert_threads(
            Support("Hi!"),
            {
                "onboarding": {
                    "metadata": {"team": "sales"},
                    "messages": [{"role": "user", "content": "Hello!"}],
                    "tools": ["file_search"],
                },
                "sales": {},
            },
        )

    assert str(raised.value) == expected


@pytest.mark.usefixtures("terraform")
def test_a_deployed_stack_gives_its_conversations_back(tmp_path: Path) -> None:
    conversations = deployed(Support(), tmp_path, variables={"openai_key": "sk-made-up"})

    assert conversations["onboarding"].metadata == {"team": "support"}
    assert conversations["onboarding"].messages == [("user", "Hello!")]
    assert conversations["desk/thread"].metadata == {"after": conversations["onboarding"].id}


@pytest.mark.usefixtures("terraform")
def test_the_threads_of_a_set_are_known_by_their_keys(tmp_path: Path) -> None:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "saas")
    eu = OpenaiProvider(stack, "eu", alias="eu")
    ThreadSet(stack, "tenants", {"acme": {"metadata": {"tier": "gold"}}, "globex": {}}, provider=eu)

    conversations = deployed(stack, tmp_path)

    assert sorted(conversations) == ['tenants["acme"]', 'tenants["globex"]']
    assert conversations['tenants["acme"]'].metadata == {"tier": "gold"}


def test_without_terraform_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")

    with pytest.raises(AssertionError, match=re.escape("no-such-terraform is not on PATH")):
        deployed(Support(), tmp_path)
