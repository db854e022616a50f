"""The provider, as a construct."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cdktf_openai_thread.bindings.provider import *  # noqa: F403 - what is given to it
from cdktf_openai_thread.bindings.provider import OpenaiProviderBase
from cdktf_openai_thread.errors import ConfigurationError, construct_of
from cdktf_openai_thread.synth.bundle import attach
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.hcl import in_hcl
from cdktf_openai_thread.synth.making import check_place, titled
from cdktf_openai_thread.synth.tokens import is_expression
from provider_shim.contract.check import Problem
from provider_shim.contract.paths import as_text
from provider_shim.contract.provider import EMBEDDED, ENVIRONMENT, literal_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Unpack

    from constructs import Construct

    from cdktf_openai_thread.bindings.provider import OpenaiProviderConfig


MAPS = ("headers", "query")


class OpenaiProvider(OpenaiProviderBase):
    """Where the API is, and the key to it.

    Without arguments it takes ``OPENAI_API_KEY`` and ``OPENAI_BASE_URL`` from the
    environment of the deploy. ``base_url="sqlite:threads.db"`` is the embedded API on
    that file: no key, no account, no network.

    Raises:
        ConfigurationError: What no deploy could use, a literal key among it.
    """

    def __init__(self, scope: Construct, id_: str, **config: Unpack[OpenaiProviderConfig]) -> None:
        """Configure the provider of the stack that ``scope`` is in.

        Args:
            scope: The stack, or a construct in it.
            id_: Names it within the scope, and in Terraform's state.
            **config: See ``OpenaiProviderConfig``; all optional.
        """
        check_place(self, scope, id_)
        key = config.get("api_key")
        if key is not None and not is_expression(key):
            raise ConfigurationError(titled(self, scope, id_), [_literal_key()])
        if found := [each for name in MAPS for each in _literals(name, config.get(name))]:
            raise ConfigurationError(titled(self, scope, id_), found)
        super().__init__(scope, id_, **config)
        attach(self)

    def _change(self, name: str, value: object) -> None:
        if name == "api_key" and value is not None and not is_expression(value):
            raise ConfigurationError(construct_of(self), [_literal_key()])
        if name in MAPS and (found := list(_literals(name, value))):
            raise ConfigurationError(construct_of(self), found)
        super()._change(name, value)

    def _synthesize_attributes(self) -> dict[str, Any]:
        return {name: _unchanged(value) for name, value in self._attributes().items()}

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        written = in_hcl(self, self._attributes())
        return {name: {**each, "value": _unchanged(each["value"])} for name, each in written.items()}

    def _attributes(self) -> dict[str, Any]:
        attributes = super()._synthesize_attributes()
        url = attributes.get("base_url")
        if isinstance(url, str) and url.startswith(EMBEDDED) and not is_expression(url):
            # Terraform runs elsewhere: in the stack's folder. Links are kept.
            path = as_text(os.path.abspath(url.removeprefix(EMBEDDED)))  # noqa: PTH100 - keeps links, and no .. in it
            attributes["base_url"] = EMBEDDED + path
        journal = attributes.get("journal")
        if isinstance(journal, str) and journal != "off" and not is_expression(journal):
            attributes["journal"] = as_text(os.path.abspath(journal))  # noqa: PTH100 - keeps links, and no .. in it
        return attributes


def _unchanged(value: object) -> Any:  # noqa: ANN401 - JSON
    """Keep cdktf from rewriting the keys of a provider's maps: behind a token it lets them be."""
    return tf.Token.as_any(value) if isinstance(value, dict) else value


def _literals(name: str, value: object) -> Iterator[Problem]:
    return (Problem(*each) for each in literal_credentials(name, value, is_expression))


def _literal_key() -> Problem:
    return Problem(
        ("api_key",),
        "Literal key",
        "api_key is a literal (not repeated here): it would be written into cdk.tf.json. Allowed: a "
        f"token. Leave api_key out and set {ENVIRONMENT['api_key']} when you deploy, or pass "
        'TerraformVariable(self, "openai_key", type="string", sensitive=True).string_value.',
    )
