"""What was configured, to be read: a change of it is refused, because nothing would come of it."""

from typing import Any, Never

from cdktf_openai_thread.errors import ConfigurationError, construct_of
from provider_shim.contract.check import Problem


def frozen(value: object, owner: object, name: str) -> Any:  # noqa: ANN401 - JSON, and a jsii interface
    """Return a value as it can be read, however deep.

    Args:
        value: What is configured.
        owner: The construct or the reference that it is configured on.
        name: The attribute that it belongs to.
    """
    if type(value) is dict:
        return _Mapping({key: frozen(each, owner, name) for key, each in value.items()}, owner, name)
    if type(value) is list:
        return _List([frozen(each, owner, name) for each in value], owner, name)
    return value


class _Frozen:
    """Refuses every change, and tells what to do instead."""

    _owner: Any
    _name: str

    def refuse(self, *_given: object, **_named: object) -> Never:
        """Raise what tells the way."""
        raise ConfigurationError(
            construct_of(self._owner),
            [
                Problem(
                    (f"{self._name}_input",),
                    "Changed in place",
                    f"{self._name}_input is what was configured, to be read: a change of it would not be "
                    f"deployed. Allowed: an assignment. Assign a new value: {self._name} = "
                    f"{self._copied()}.",
                )
            ],
        )

    def _copied(self) -> str:
        raise NotImplementedError


class _Mapping(dict[str, Any], _Frozen):
    def __init__(self, given: dict[str, Any], owner: object, name: str) -> None:
        super().__init__(given)
        self._owner = owner
        self._name = name

    def _copied(self) -> str:
        return f"{{**{self._name}_input, …}}"

    def __reduce_ex__(self, _protocol: object) -> Any:  # noqa: ANN401 - as Python declares it
        return dict, (dict(self),)  # a copy is the reader's own

    __setitem__ = __delitem__ = __ior__ = _Frozen.refuse
    clear = pop = popitem = setdefault = update = _Frozen.refuse


class _List(list[Any], _Frozen):
    def __init__(self, given: list[object], owner: object, name: str) -> None:
        super().__init__(given)
        self._owner = owner
        self._name = name

    def _copied(self) -> str:
        return f"[*{self._name}_input, …]"

    def __reduce_ex__(self, _protocol: object) -> Any:  # noqa: ANN401 - as Python declares it
        return list, (list(self),)  # a copy is the reader's own

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _Frozen.refuse
    append = clear = extend = insert = pop = remove = reverse = _Frozen.refuse
    sort = _Frozen.refuse
