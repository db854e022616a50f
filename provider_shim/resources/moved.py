"""States of other providers' resources of the same type."""

from provider_shim.contract.attributes import Contract
from provider_shim.terraform.diagnostics import Failure, error
from provider_shim.terraform.handler import Source, Values


def moved(contract: Contract, source: Source) -> Values:
    """Return what another provider's resource of this type knows; what is missing is read from the API.

    Raises:
        Failure: the source is of another type.
    """
    if source.type_name != contract.type_name:
        raise Failure(
            error(
                f"Not an {contract.type_name}",
                f"{source.type_name} of {source.provider} can't become an {contract.type_name}. Allowed: "
                f"{contract.type_name} of any provider. Import it instead.",
            )
        )
    return {name: source.state.get(name) for name in contract.attributes}
