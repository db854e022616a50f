"""The base of every construct: contract in, Terraform JSON and references out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

import jsii

from cdktf_openai_thread.errors import ConfigurationError, construct_of
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.frozen import frozen
from cdktf_openai_thread.synth.hcl import in_hcl
from cdktf_openai_thread.synth.making import Making, check_meta, check_name, check_place, no_id, titled
from cdktf_openai_thread.synth.native import NativeResource, load
from cdktf_openai_thread.synth.neighbours import give_providers, local_name
from cdktf_openai_thread.synth.prose import warn_of_template
from cdktf_openai_thread.synth.references import Referring
from cdktf_openai_thread.synth.values import prepared, written
from provider_shim import __version__
from provider_shim.contract.attributes import write_only_values
from provider_shim.launcher.mirror import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from provider_shim.contract.attributes import Contract
    from provider_shim.contract.path import Path

GENERATOR = tf.TerraformProviderGeneratorMetadata(
    provider_name=SOURCE,  # what cdktf looks for in a stack: another provider of our name does not do
    provider_version=__version__,
    provider_version_constraint=__version__,
)


def _with_meta(kind: str, given: dict[str, Any]) -> tf.TerraformResourceConfig:
    return tf.TerraformResourceConfig(
        terraform_resource_type=kind, terraform_generator_metadata=GENERATOR, **given
    )


class Configured:
    """Holds what a construct was given, checked against its contract."""

    _CONTRACT: ClassVar[Contract]
    _values: dict[str, Any]
    _template: Path | None = None
    """A text to warn of, until the construct is there that the warning stands at."""

    def _take(self, scope: Construct, id_: str, given: Mapping[str, object]) -> None:
        check_place(self, scope, id_)
        values, problems, template = prepared(self._CONTRACT, given)
        if problems:
            raise ConfigurationError(titled(self, scope, id_), problems)
        self._values = values
        self._template = self._template or template

    def _given(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return what was configured; a change of it is refused."""
        return frozen(self._values.get(name), self, name)

    def _change(self, name: str, value: object) -> None:
        if value is None and not self._CONTRACT.attributes[name].required:
            self._values.pop(name, None)
            return
        values, problems, self._template = prepared(self._CONTRACT, {**self._values, name: value})
        if problems:
            raise ConfigurationError(construct_of(self), problems)
        self._values[name] = values[name]
        self._warn_of_template()

    def _warn_of_template(self) -> None:
        if self._template is not None:
            warn_of_template(cast("Construct", self), self._template)
            self._template = None


@cache
def _bare(kind: str) -> dict[str, Any]:
    """What Node is told of a resource that has none of Terraform's own arguments, made once.

    A dictionary, because of a struct every absent argument is sent, too, and read. Of the provider its name
    is enough: its version counts where the provider itself is made.
    """
    return {"terraformResourceType": kind, "terraformGeneratorMetadata": {"providerName": SOURCE}}


def _overrides(classes: list[type]) -> list[type]:
    """Return the framework's classes, and before them one with what overrides something of theirs."""
    first = next(index for index, each in enumerate(classes) if vars(each).get("__jsii_declared_type__"))
    theirs = {name for each in classes[first:] for name in dir(each) if not name.startswith("__")}
    body = {
        name: item
        for each in reversed(classes[:first])
        for name, item in vars(each).items()
        if name in theirs
    }
    if issubclass(classes[first], NativeResource) and body.get(_ATTRIBUTES) is vars(_Element)[_ATTRIBUTES]:
        # Node has them at hand. A class of the app's own that adds to them is asked.
        del body[_ATTRIBUTES]
    return [type("Overrides", (), body), *classes[first:]]


_ATTRIBUTES = "_synthesize_attributes"


class _Element(Configured, Referring):
    """What a resource and a data source have in common."""

    TF_RESOURCE_TYPE: ClassVar[str]

    # Node knows the interfaces of the framework's own class. Telling it with each thread, and looking
    # each name up in each of them, would cost as much as checking the thread.
    __jsii_ifaces__: ClassVar[list[type]] = []

    if not TYPE_CHECKING:

        @classmethod
        def mro(cls) -> list[type]:
            """Return what jsii looks for overrides in, anew with each construct that it makes.

            It looks each name of each class up in the framework's classes, a tenth of what a thread costs.
            Of ours it gets those that are there, gathered once in a class.
            """
            if "_OVERRIDES" not in vars(cls):
                cls._OVERRIDES = _overrides(type.mro(cls))
            return cls._OVERRIDES

    def __init__(
        self, scope: Construct, id_: str, config: Mapping[str, object], meta: Mapping[str, object]
    ) -> None:
        """Check the configuration, then make the construct."""
        self._take(scope, id_, config)
        check_name(self, scope, id_)
        self._references = {}
        given = {
            name: list(value) if isinstance(value, tuple) else value  # jsii takes no tuples
            for name, value in meta.items()
            if value is not None
        }
        if given and (problems := check_meta(given)):
            raise ConfigurationError(titled(self, scope, id_), problems)
        kind = self.TF_RESOURCE_TYPE
        with Making(self, scope, id_, given):
            # All that the framework's constructor does beside checking types, which took a third of the time.
            # Terraform's own arguments are checked here.
            told = _with_meta(kind, given) if given else _bare(kind)
            jsii.create(type(self), self, [scope, id_, told, *self._at_hand()])
        self._warn_of_template()

    def _at_hand(self) -> list[Any]:
        """Return what Node is told beside Terraform's own arguments."""
        return []

    def _synthesize_attributes(self) -> dict[str, Any]:
        return written(self._CONTRACT, self._values)

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return in_hcl(cast("Construct", self), self._synthesize_attributes())


class Importable:
    """What exists at the API and can come into Terraform's hands: a resource, a provider's too."""

    TF_RESOURCE_TYPE: ClassVar[str]

    @classmethod
    def generate_config_for_import(
        cls,
        scope: Construct,
        import_to_id: str,
        import_from_id: str,
        provider: tf.TerraformProvider | None = None,
    ) -> tf.ImportableResource:
        """Have ``cdktf plan`` write the code of something that exists already.

        Args:
            scope: The stack, or a construct in it.
            import_to_id: Construct id that the written code gives it.
            import_from_id: Id at the API.
            provider: The provider that finds it. Default: the stack's only one.
        """
        check_place(cls, scope, import_to_id)
        given = {} if provider is None else {"provider": provider}
        problems = check_meta(given)
        if not isinstance(import_from_id, str) or not import_from_id:
            problems.append(no_id("import_from_id", import_from_id))
        if problems:
            raise ConfigurationError(titled(cls, scope, import_to_id), problems)
        config = cast("tf.IImportableConfig", _ImportConfig(cls.TF_RESOURCE_TYPE, import_from_id, provider))
        with Making(cls, scope, import_to_id, given):
            return tf.ImportableResource(scope, import_to_id, config)


@jsii.implements(tf.IImportableConfig)
class _ImportConfig:
    def __init__(self, kind: str, id_: str, provider: tf.TerraformProvider | None) -> None:
        self._kind = kind
        self._id = id_
        self._provider = provider

    @property
    def terraform_resource_type(self) -> str:
        return self._kind

    @property
    def import_id(self) -> str:
        return self._id

    @property
    def provider(self) -> tf.TerraformProvider | None:
        return self._provider


_WRITE_ONLY: Any = getattr(getattr(tf, "ProviderFeature", None), "WRITE_ONLY_ATTRIBUTES", None)


class Resource(_Element, Importable, NativeResource):
    """A resource of the provider openai."""

    _are_at_hand = False

    def __init__(
        self, scope: Construct, id_: str, config: Mapping[str, object], meta: Mapping[str, object]
    ) -> None:
        """Make the construct, and tell the framework what not every engine can do."""
        super().__init__(scope, id_, config, meta)
        self._tell_features()

    def _tell_features(self) -> None:
        # cdktn refuses at synth what an engine of targetVersions can't do. It holds each feature once.
        if _WRITE_ONLY is not None and any(write_only_values(self._CONTRACT.attributes, self._values)):
            cast("Any", self)._register_provider_feature_usage(_WRITE_ONLY)  # noqa: SLF001 - generated bindings call it

    def _at_hand(self) -> list[Any]:
        load()
        self._are_at_hand = True
        return [self._synthesize_attributes()]

    def _change(self, name: str, value: object) -> None:
        super()._change(name, value)
        self._tell_features()
        if self._are_at_hand:
            self._are_at_hand = False
            jsii.set(self, "attributes", None)

    def _changed_attributes(self) -> dict[str, Any]:
        return self._synthesize_attributes()


class DataSource(_Element, tf.TerraformDataSource):
    """A data source of the provider openai."""


class Provider(Configured, Importable, tf.TerraformProvider):
    """The provider openai."""

    def __init__(self, scope: Construct, id_: str, config: Mapping[str, object]) -> None:
        """Check the configuration, then make the construct."""
        given = {**config}
        self._alias = cast("str | None", given.pop("alias", None))
        self._take(scope, id_, given)
        with Making(self, scope, id_):
            super().__init__(
                scope,
                id_,
                terraform_resource_type=self.TF_RESOURCE_TYPE,
                terraform_generator_metadata=GENERATOR,
                terraform_provider_source=SOURCE,
            )

    @property
    def terraform_resource_type(self) -> str:
        """The provider's local name in its stack."""
        return local_name(cast("Construct", self))

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

    def _synthesize_attributes(self) -> dict[str, Any]:
        give_providers(tf.TerraformStack.of(self))
        return written(self._CONTRACT, self._values)

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return in_hcl(cast("Construct", self), self._synthesize_attributes())
