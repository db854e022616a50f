"""The provider, as a construct."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from constructs import Construct

from cdktf_openai_thread._bundle import attach
from cdktf_openai_thread._hcl import in_hcl
from cdktf_openai_thread._host import tf
from cdktf_openai_thread._making import Making, check_place, titled
from cdktf_openai_thread._references import record
from cdktf_openai_thread._resource import GENERATOR, Configured, Importable, Input, Setting
from cdktf_openai_thread._values import is_token
from cdktf_openai_thread.errors import ConfigurationError
from provider_shim.contract import provider as shapes
from provider_shim.contract.check import Problem
from provider_shim.contract.provider import EMBEDDED, PROVIDER, literal_credentials
from provider_shim.launcher.mirror import SOURCE

if TYPE_CHECKING:
    from provider_shim.contract.provider import OpenaiProviderConfig
else:
    OpenaiProviderConfig = record(shapes.OpenaiProviderConfig, "alias")

__all__ = ["OpenaiProvider", "OpenaiProviderConfig"]

MAPS = ("headers", "query")


def _reset(name: str) -> Callable[["OpenaiProvider"], None]:
    def reset(provider: "OpenaiProvider") -> None:
        provider._change(name, None)  # noqa: SLF001 - a method of the class below

    reset.__doc__ = f"Configure no {name}."
    return reset


class OpenaiProvider(Configured, Importable, tf.TerraformProvider):
    """Where the API is, and the key to it.

    Without arguments it takes ``OPENAI_API_KEY`` and ``OPENAI_BASE_URL`` from the
    environment of the deploy. ``base_url="sqlite:threads.db"`` is the embedded API on
    that file: no key, no account, no network.

    :raises ConfigurationError: for what no deploy could use, a literal key among it.
    """

    TF_RESOURCE_TYPE: ClassVar[str] = "openai"
    _CONTRACT = PROVIDER

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        alias: str | None = None,
        **config: Unpack[OpenaiProviderConfig],
    ) -> None:
        """Configure the provider of the stack that ``scope`` is in.

        :param alias: tells several providers of one stack apart.
        :param config: see ``OpenaiProviderConfig``; all optional.
        """
        check_place(self, scope, id_)
        key = config.get("api_key")
        if key is not None and not is_token(key):
            raise ConfigurationError(titled(self, scope, id_), [_literal_key()])
        if found := [each for name in MAPS for each in _literals(name, config.get(name))]:
            raise ConfigurationError(titled(self, scope, id_), found)
        self._take(scope, id_, config)
        self._alias = alias
        with Making(self, scope, id_):
            super().__init__(
                scope,
                id_,
                terraform_resource_type=self.TF_RESOURCE_TYPE,
                terraform_generator_metadata=GENERATOR,
                terraform_provider_source=SOURCE,
            )
        attach(self)

    api_key = Setting[str]()
    api_key_input = Input[str]()
    reset_api_key = _reset("api_key")

    base_url = Setting[str]()
    base_url_input = Input[str]()
    reset_base_url = _reset("base_url")

    allow_http = Setting[bool]()
    allow_http_input = Input[bool]()
    reset_allow_http = _reset("allow_http")

    organization = Setting[str]()
    organization_input = Input[str]()
    reset_organization = _reset("organization")

    project = Setting[str]()
    project_input = Input[str]()
    reset_project = _reset("project")

    api = Setting[str]()
    api_input = Input[str]()
    reset_api = _reset("api")

    headers = Setting[Mapping[str, str]]()
    headers_input = Input[Mapping[str, str]]()
    reset_headers = _reset("headers")

    query = Setting[Mapping[str, str]]()
    query_input = Input[Mapping[str, str]]()
    reset_query = _reset("query")

    timeout = Setting[float]()
    timeout_input = Input[float]()
    reset_timeout = _reset("timeout")

    max_retries = Setting[float]()
    max_retries_input = Input[float]()
    reset_max_retries = _reset("max_retries")

    force_destroy = Setting[bool]()
    force_destroy_input = Input[bool]()
    reset_force_destroy = _reset("force_destroy")

    retain_on_destroy = Setting[bool]()
    retain_on_destroy_input = Input[bool]()
    reset_retain_on_destroy = _reset("retain_on_destroy")

    @property
    def alias(self) -> str | None:
        """What tells this provider from others of the stack."""
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = value

    @property
    def alias_input(self) -> str | None:
        """The same as ``alias``."""
        return self._alias

    def reset_alias(self) -> None:
        """Configure no alias."""
        self._alias = None

    def _change(self, name: str, value: object) -> None:
        if name == "api_key" and value is not None and not is_token(value):
            raise ConfigurationError(f'{type(self).__name__} "{self.node.path}"', [_literal_key()])
        if name in MAPS and (found := list(_literals(name, value))):
            raise ConfigurationError(f'{type(self).__name__} "{self.node.path}"', found)
        super()._change(name, value)

    def _synthesize_attributes(self) -> dict[str, Any]:
        return {name: _as_written(name, value) for name, value in self._values.items()}

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return {name: in_hcl(value) for name, value in self._synthesize_attributes().items()}


def _as_written(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if name == "base_url" and isinstance(value, str) and value.startswith(EMBEDDED) and not is_token(value):
        # Terraform runs elsewhere: in the stack's folder.
        return EMBEDDED + os.path.abspath(value.removeprefix(EMBEDDED))  # noqa: PTH100 - keeps links
    if name in MAPS and isinstance(value, dict):
        # cdktf rewrites the keys of a provider's maps; behind a token it lets them be.
        return tf.Token.as_any(value)
    return value


def _literals(name: str, value: object) -> Iterator[Problem]:
    return (Problem(*each) for each in literal_credentials(name, value, is_token))


def _literal_key() -> Problem:
    return Problem(
        ("api_key",),
        "Literal key",
        "api_key is a literal (not repeated here): it would be written into cdk.tf.json. Allowed: a "
        "token. "
        "Leave api_key out and set OPENAI_API_KEY when you deploy, or pass "
        'TerraformVariable(self, "openai_key", type="string", sensitive=True).string_value.',
    )
