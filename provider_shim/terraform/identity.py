"""Identities that Terraform and OpenTofu send from 1.12 on: of an import, and beside a state.

What makes one up is declared in the contract; no resource has code of its own for it.
"""

from collections.abc import Mapping
from typing import Any, Final

from provider_shim.contract.attributes import Contract
from provider_shim.contract.identifiers import import_id
from provider_shim.contract.path import Path, spelled
from provider_shim.terraform import states, values
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error
from provider_shim.terraform.handler import Values

VERSION: Final = 0
"""Of every identity schema: none has had another shape yet."""


def to_import(contract: Contract, given: pb.ResourceIdentityData) -> str:
    """Return the id that stands for an identity: an import by either is the same.

    Raises:
        Failure: a part of the identity is missing.
        Malformed: Terraform sent something else than an identity of this type.
    """
    found = _decoded(contract, given) or {}
    empty = [name for name, value in found.items() if not isinstance(value, str) or not value.strip()]
    if empty:
        raise Failure(
            error(
                "Not an identity",
                f"{' and '.join(empty)} {'are' if len(empty) > 1 else 'is'} empty. Allowed: a text for "
                f"{' and for '.join(contract.identity)}. Copy what is missing from the API or from a state.",
            )
        )
    return import_id([*found.values()])


def other(
    contract: Contract, given: pb.ResourceIdentityData, state: Mapping[str, Any] | None
) -> Diagnostic | None:
    """Refuse a state beside which there is the identity of another object; None where all is right.

    Raises:
        Malformed: as above.
    """
    told = _decoded(contract, given)
    if told is None or state is None:
        return None
    differ = [
        name
        for name, value in told.items()
        if isinstance(value, str) and isinstance(state.get(name), str) and state[name] != value
    ]
    if not differ:
        return None
    both = " and ".join(f'{name} "{state[name]}" beside the identity "{told[name]}"' for name in differ)
    return error(
        "The state has the identity of another object",
        f"An {contract.type_name} has {both}. No object ever becomes another one, so one of the two was "
        "changed by hand, or two states were merged. Take it out of the state (terraform state rm ADDRESS), "
        "and import the object that it is to be.",
        (differ[0],),
    )


def upgraded(
    contract: Contract, version: int, raw: pb.RawState
) -> tuple[pb.ResourceIdentityData | None, list[Diagnostic]]:
    """Bring an identity to today's shape; None where a refresh has to tell it."""
    if version > VERSION:
        return None, [states.of_a_newer(f"identity of an {contract.type_name}", version, VERSION)]
    found, diagnostics = states.raw(raw)

    def report(path: Path, problem: str) -> None:
        diagnostics.append(
            error(
                "Unreadable identity",
                f"{spelled(path)} of the identity of an {contract.type_name} {problem}. Remove the resource "
                "from the state with terraform state rm and import it again.",
            )
        )

    return states.identity(contract, values.conform(contract.identity_attributes, found, report)), diagnostics


def _decoded(contract: Contract, given: pb.ResourceIdentityData) -> Values | None:
    return values.decode(contract.identity_attributes, given.identity_data.msgpack)
