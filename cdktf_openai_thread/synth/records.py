"""Values as Python holds them: records of what is given, and what can be read of it but not changed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    from cdktf_openai_thread.synth.framework import tf

    class MetaArguments(TypedDict, total=False):
        """What every resource takes, whatever it is: Terraform's own arguments."""

        connection: tf.SSHProvisionerConnection | tf.WinrmProvisionerConnection | None
        count: float | tf.TerraformCount | None
        depends_on: Sequence[tf.ITerraformDependable] | None
        for_each: tf.ITerraformIterator | None
        lifecycle: tf.TerraformResourceLifecycle | Mapping[str, Any] | None
        provider: tf.TerraformProvider | None
        provisioners: Sequence[tf.FileProvisioner | tf.LocalExecProvisioner | tf.RemoteExecProvisioner] | None


META_ARGUMENTS = ("connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners")
"""The names of them."""


class Record(dict[str, Any]):
    """What is given for a nested object: a dictionary that reads as records of generated bindings do."""

    _NAMES: ClassVar[tuple[str, ...]]

    def __init__(self, given: Mapping[str, object] = MappingProxyType({}), /, **named: object) -> None:
        super().__init__({name: value for name, value in {**given, **named}.items() if value is not None})

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return an attribute, None where it is absent."""
        if name in self._NAMES:
            return self.get(name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.items())})"
