"""hashicorp/local in pure Python: the little of it that the app needs.

The same as `cdktf get` or the package cdktf-cdktf-provider-local, without a step of generation. Any
provider that has to be only a little of can be used this way.
"""

from typing import Any

from cdktf import TerraformProvider, TerraformProviderGeneratorMetadata, TerraformResource
from constructs import Construct

# With it, synth complains where a stack has a file and no provider.
METADATA = TerraformProviderGeneratorMetadata(provider_name="local", provider_version_constraint="~> 2.5")


class LocalProvider(TerraformProvider):
    """The provider; it has nothing to configure."""

    def __init__(self, scope: Construct, id_: str) -> None:
        """Put the provider into the stack."""
        super().__init__(
            scope,
            id_,
            terraform_resource_type="local",
            terraform_provider_source="hashicorp/local",
            terraform_generator_metadata=METADATA,
        )

    def _synthesize_attributes(self) -> dict[str, Any]:
        return {}


class LocalFile(TerraformResource):
    """A file on the machine that deploys."""

    def __init__(self, scope: Construct, id_: str, *, filename: str, content: str) -> None:
        """Put the file into the stack."""
        self._attributes = {"filename": filename, "content": content}
        super().__init__(
            scope, id_, terraform_resource_type="local_file", terraform_generator_metadata=METADATA
        )

    def _synthesize_attributes(self) -> dict[str, Any]:
        return self._attributes

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        spelled = {"isBlock": False, "type": "simple", "storageClassType": "string"}
        return {name: {"value": value, **spelled} for name, value in self._attributes.items()}
