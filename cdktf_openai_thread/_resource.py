"""The base of every construct: contract in, Terraform JSON and references out."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Generic, Never, TypeVar, cast

import jsii
from constructs import Construct

from cdktf_openai_thread._hcl import in_hcl
from cdktf_openai_thread._host import tf
from cdktf_openai_thread._making import Making, both_counts, check_place, titled
from cdktf_openai_thread._references import Referring, read
from cdktf_openai_thread._values import prepared, written
from cdktf_openai_thread.errors import ConfigurationError
from provider_shim import __version__
from provider_shim.contract.attributes import Contract

GENERATOR = tf.TerraformProviderGeneratorMetadata(
    provider_name="openai",
    provider_version=__version__,
    provider_version_constraint=__version__,
)

Value = TypeVar("Value")


class Configured:
    """Holds what a construct was given, checked against its contract."""

    _CONTRACT: ClassVar[Contract]

    def _take(self, scope: Construct, id_: str, given: Mapping[str, Any]) -> None:
        check_place(self, scope, id_)
        values, problems = prepared(self._CONTRACT, given)
        if problems:
            raise ConfigurationError(titled(self, scope, id_), problems)
        self._values = values

    def _change(self, name: str, value: object) -> None:
        if value is None:
            self._values.pop(name, None)
            return
        values, problems = prepared(self._CONTRACT, {**self._values, name: value})
        if problems:
            path = cast("Construct", self).node.path
            raise ConfigurationError(f'{type(self).__name__} "{path}"', problems)
        self._values[name] = values[name]


class Attribute(Generic[Value]):
    """Reading gives a reference to the deployed value; assigning changes what is configured."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name from the class body."""
        self._name = name

    def __get__(self, construct: "_Element | None", owner: type | None = None) -> Value:
        """Give the reference; the descriptor itself on the class."""
        if construct is None:
            return cast("Value", self)
        return cast("Value", construct._reference(self._name))  # noqa: SLF001 - one class in two parts

    def __set__(self, construct: "_Element", value: Value | None) -> None:
        """Configure the attribute anew; None takes it out."""
        construct._change(self._name, value)  # noqa: SLF001 - one class in two parts


class Setting(Generic[Value]):
    """What was configured, to read and to change: nothing else can be known of it."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name from the class body."""
        self._name = name

    def __get__(self, construct: "Configured | None", owner: type | None = None) -> Value | None:
        """Give the value, None where it is absent."""
        if construct is None:
            return cast("Value", self)
        return cast("Value | None", construct._values.get(self._name))  # noqa: SLF001 - one class in two parts

    def __set__(self, construct: "Configured", value: Value | None) -> None:
        """Configure the attribute anew; None takes it out."""
        construct._change(self._name, value)  # noqa: SLF001 - one class in two parts


class ReadOnly(Generic[Value]):
    """A reference to what the provider computes."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name from the class body."""
        self._name = name

    def __get__(self, construct: "Referring | None", owner: type | None = None) -> Value:
        """Give the reference; the descriptor itself on the class."""
        if construct is None:
            return cast("Value", self)
        return cast("Value", construct._reference(self._name))  # noqa: SLF001 - one class in two parts

    def __set__(self, construct: "Referring", value: Never) -> None:
        """Refuse: only the provider sets it."""
        raise AttributeError(f"{self._name} is set by the provider and can't be given")


class Input(Generic[Value]):
    """What was configured, as it was given: ``metadata_input`` of ``metadata``."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name from the class body."""
        self._name = name.removesuffix("_input")

    def __get__(self, construct: "Configured | None", owner: type | None = None) -> Value | None:
        """Give the value, None where it is absent."""
        if construct is None:
            return cast("Value", self)
        return cast("Value | None", construct._values.get(self._name))  # noqa: SLF001 - one class in two parts


@cache
def _bare(kind: str) -> "tf.TerraformResourceConfig":
    """What Node is told of a resource that has none of Terraform's own arguments, made once."""
    return tf.TerraformResourceConfig(terraform_resource_type=kind, terraform_generator_metadata=GENERATOR)


class _Element(Configured):
    """What a resource and a data source have in common."""

    TF_RESOURCE_TYPE: ClassVar[str]

    # Node knows the interfaces of the framework's own class. Telling it with each thread, and looking
    # each name up in each of them, would cost as much as checking the thread.
    __jsii_ifaces__: ClassVar[list[type]] = []

    def __init__(
        self, scope: Construct, id_: str, config: Mapping[str, Any], meta: Mapping[str, Any]
    ) -> None:
        """Check the configuration, then make the construct."""
        self._take(scope, id_, config)
        self._references: dict[str, object] = {}
        given = {name: value for name, value in meta.items() if value is not None}
        if "count" in given and "for_each" in given:
            raise ConfigurationError(titled(self, scope, id_), [both_counts()])
        kind = self.TF_RESOURCE_TYPE
        with Making(self, scope, id_, given):
            if given:
                # The framework checks their types.
                super().__init__(  # type: ignore[call-arg]
                    scope, id_, terraform_resource_type=kind, terraform_generator_metadata=GENERATOR, **given
                )
            else:
                # All that its constructor does beside checking types, which took a third of the time.
                jsii.create(type(self), self, [scope, id_, _bare(kind)])

    def _reference(self, name: str) -> object:
        if name not in self._references:
            self._references[name] = read(self, name, self._CONTRACT.attributes[name].type)
        return self._references[name]

    def _synthesize_attributes(self) -> dict[str, Any]:
        return written(self._CONTRACT, self._values)

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return {name: in_hcl(value) for name, value in self._synthesize_attributes().items()}


class Importable:
    """What exists at the API and can come into Terraform's hands: a resource, a provider's too."""

    TF_RESOURCE_TYPE: ClassVar[str]

    @classmethod
    def generate_config_for_import(
        cls,
        scope: Construct,
        import_to_id: str,
        import_from_id: str,
        provider: "tf.TerraformProvider | None" = None,
    ) -> "tf.ImportableResource":
        """Have ``cdktf plan`` write the code of something that exists already.

        :param import_to_id: construct id that the written code gives it.
        :param import_from_id: id at the API.
        :param provider: the provider that finds it. Default: the stack's only one.
        """
        config = cast("tf.IImportableConfig", _ImportConfig(cls.TF_RESOURCE_TYPE, import_from_id, provider))
        return tf.ImportableResource(scope, import_to_id, config)


@jsii.implements(tf.IImportableConfig)
class _ImportConfig:
    def __init__(self, kind: str, id_: str, provider: "tf.TerraformProvider | None") -> None:
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
    def provider(self) -> "tf.TerraformProvider | None":
        return self._provider


class Resource(_Element, Importable, tf.TerraformResource):
    """A resource of the provider openai."""


class DataSource(_Element, tf.TerraformDataSource):
    """A data source of the provider openai."""
