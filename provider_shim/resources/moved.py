"""States of other providers' resources of the same type."""

from collections.abc import Mapping
from typing import Any

from provider_shim.contract.attributes import Contract
from provider_shim.terraform.diagnostics import Failure, error


def moved(
    contract: Contract, source_provider: str, source_type: str, state: Mapping[str, Any]
) -> dict[str, Any]:
    """Take what another provider's resource of this type knows; what is missing is read from the API."""
    if source_type != contract.type_name:
        raise Failure(
            error(
                f"Not an {contract.type_name}",
                f"{source_type} of {source_provider} can't become an {contract.type_name}. Allowed: "
                f"{contract.type_name} of any provider. Import it instead.",
            )
        )
    return {name: state.get(name) for name in contract.attributes}
