"""Makes a construct, and tells in our words what the framework has against it."""

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Final

from constructs import Construct

from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.synth.framework import tf
from cdktf_openai_thread.synth.tokens import is_jsii, is_token, shown
from provider_shim.contract.check import Problem

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

_A_SCOPE: Final = (
    "a TerraformStack, or a Construct within one. In a class of your own that is one of them: self."
)
_AN_ID: Final = 'a string that is not empty. It names the resource in Terraform\'s state: "onboarding".'
_ANOTHER_ID: Final = (
    "an id that is no member of every object of JavaScript: the framework takes it for the id of a construct "
    'that is there already. Give another: "the_constructor".'
)
_OF_EVERY_OBJECT: Final = (
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
)
_ALLOWED: Final = {
    "connection": "an SSHProvisionerConnection or a WinrmProvisionerConnection.",
    "count": "a number or a TerraformCount.",
    "depends_on": "a list of resources, data sources or modules.",
    "for_each": 'a TerraformIterator: TerraformIterator.from_list(["a", "b"]). ThreadSet takes a mapping.',
    "lifecycle": 'a TerraformResourceLifecycle, or a dictionary such as {"prevent_destroy": True}.',
    "provider": "a provider, as OpenaiProvider(…) gives it.",
    "provisioners": "a list of FileProvisioner, LocalExecProvisioner or RemoteExecProvisioner.",
}
"""What Terraform's own arguments take."""

_IN_USE: Final = "There is already a Construct with name"
_UNKNOWN: Final = r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'"
_REFUSED: Final = r"argument (\w+) must be|Key '(\w+)': Unable to deserialize"


def titled(construct: object, scope: Construct, id_: str) -> str:
    """Name a construct that is not made yet: ``Thread "stack/onboarding"``."""
    path = f"{scope.node.path}/{id_}".lstrip("/")
    return f'{_named(construct)} "{path}"'


def _named(construct: object) -> str:
    return construct.__name__ if isinstance(construct, type) else type(construct).__name__


def check_place(construct: object, scope: object, id_: object) -> None:
    """Refuse what can't hold a construct, and what can't name one.

    Raises:
        ConfigurationError: It tells which of the two, and what was given.
    """
    if not isinstance(scope, Construct):
        problem = _wrong("scope", scope, _A_SCOPE)
    elif isinstance(scope, tf.App):
        problem = _problem("scope", "the App, which deploys stacks only", _A_SCOPE)
    elif not isinstance(id_, str) or not id_ or not _is_text(id_) or is_token(id_):
        problem = _wrong("id", id_, _AN_ID)
    elif id_ in _OF_EVERY_OBJECT:
        problem = _wrong("id", id_, _ANOTHER_ID)
    else:
        return
    raise ConfigurationError(f"{_named(construct)} {shown(id_)}", [problem])


def _is_text(text: str) -> bool:
    return "\0" not in text and text.encode("utf-8", "replace").decode() == text


def check_name(construct: object, scope: Construct, id_: str) -> None:
    """Refuse an id of which cdktf leaves nothing, or what another construct of the stack has already.

    Of a construct that is directly in a stack the id is the name in Terraform, without what is no letter from
    A to Z, no digit, no _ and no -. One that is further within has a hash of its path in its name.

    Raises:
        ConfigurationError: It tells which of the two.
    """
    if isinstance(scope, tf.TerraformStack):
        stack: Construct = scope
        ids = [id_]
    elif id_ == _HIDDEN:
        stack = tf.TerraformStack.of(scope)
        ids = [*scope.node.path.removeprefix(f"{stack.node.path}/").split("/"), id_]
    else:
        return
    shown = [each for each in ids if each != _HIDDEN]
    if len(shown) > 1:
        return
    given = shown[0] if shown else ""
    name = re.sub(r"[^A-Za-z0-9_-]", "", given)
    # What names the constructs of a stack have: asking Node for them would cost as much as making one.
    taken: dict[tuple[type, str, str], str] = vars(stack).setdefault("_names_of_openai", {})
    kind = tf.TerraformDataSource if isinstance(construct, tf.TerraformDataSource) else tf.TerraformResource
    terraform_type = getattr(construct, "TF_RESOURCE_TYPE", "")
    own = "/".join(ids)
    other = taken.setdefault((kind, terraform_type, name), own)
    if not name:
        raise ConfigurationError(titled(construct, scope, id_), [_no_name(id_)])
    if other != own:
        raise ConfigurationError(titled(construct, scope, id_), [_same_name(given, name, other)])


_HIDDEN: Final = "Default"
"""The id that cdktf leaves out of names."""
_OTHER_ID: Final = (
    "Allowed: an id that is unique in what is left. Give another: A to Z, a to z, 0 to 9, _ and - stay."
)


def _no_name(id_: str) -> Problem:
    return Problem(
        ("id",),
        "No name",
        f'id is "{id_}", of which cdktf leaves nothing for the name in Terraform. {_OTHER_ID}',
    )


def _same_name(id_: str, name: str, other: str) -> Problem:
    return Problem(
        ("id",),
        "Name in use",
        f'id is "{id_}", of which cdktf makes "{name}", the name that "{other}" has already: one would be '
        f"deployed in the place of both. {_OTHER_ID}",
    )


class Making:
    """Around the call that makes a construct: an error of the framework's names it and the user's line.

    Left as it is, it would be two traces of the kernel of jsii with the reason in between.
    """

    def __init__(
        self, construct: object, scope: Construct, id_: str, given: Mapping[str, object] = NOTHING
    ) -> None:
        """Take what is going to be made, and which of Terraform's own arguments it was given."""
        self._construct = construct
        self._scope = scope
        self._id = id_
        self._given = given

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise what is to be told in the place of what was raised."""
        if isinstance(error, (TypeError, RuntimeError)):
            problem = self._told(str(error).strip())
            raise ConfigurationError(titled(self._construct, self._scope, self._id), [problem]) from None

    def _told(self, said: str) -> Problem:
        if said.startswith(_IN_USE):
            other = self._scope.node.try_find_child(self._id)
            where = self._scope.node.path
            return Problem(
                ("id",),
                "Id in use",
                f'id is "{self._id}", and "{where}" holds a {type(other).__name__} of that id already. '
                "Allowed: an id that is used once in its scope. Give another, or put one of the two into a "
                "Construct of its own.",
            )
        if unknown := re.search(_UNKNOWN, said):
            return _unknown(*unknown.groups())
        if refused := re.search(_REFUSED, said):
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", refused[1] or refused[2]).lower()
            if name in self._given:
                return _wrong(name, self._given[name], _ALLOWED[name])
        return Problem((), "Refused", f"{tf.__name__} refuses it: {said}")


def check_meta(given: Mapping[str, object]) -> list[Problem]:
    """Return what is wrong with Terraform's own arguments: what Node can't read would end it."""
    if "count" in given and "for_each" in given:
        return [_problem("count", "given, and for_each, too", "one of them. Remove the other.")]
    return [_wrong(name, value, _ALLOWED[name]) for name, value in given.items() if not _fits(name, value)]


def _fits(name: str, value: Any) -> bool:  # noqa: ANN401, PLR0911 - anything; one return an argument
    match name:
        case "connection":
            return isinstance(value, tf.SSHProvisionerConnection | tf.WinrmProvisionerConnection)
        case "count":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            whole = number and abs(value) <= _LARGEST and value == int(value) and value >= 0
            return (
                whole
                or isinstance(value, tf.TerraformCount)
                or (isinstance(value, float) and is_token(value))
            )
        case "for_each":
            return isinstance(value, tf.TerraformIterator)
        case "lifecycle":
            return isinstance(value, tf.TerraformResourceLifecycle) or (
                isinstance(value, Mapping) and all(isinstance(each, str) for each in value)
            )
        case "provider":
            return isinstance(value, tf.TerraformProvider)
        case "depends_on":
            return _is_list(value) and all(hasattr(type(each), "fqn") and is_jsii(each) for each in value)
        case _:
            kinds = tf.FileProvisioner | tf.LocalExecProvisioner | tf.RemoteExecProvisioner
            return _is_list(value) and all(isinstance(each, kinds) for each in value)


_LARGEST: Final = 2**53


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and not is_token(value)


def no_id(name: str, given: object) -> Problem:
    """Refuse what is no id of something that exists."""
    return _wrong(name, given, "the id at the API, a string that is not empty.")


def _unknown(kind: str, name: str) -> Problem:
    known = [each for each in getattr(tf, kind).__init__.__annotations__ if each != "return"]
    near = difflib.get_close_matches(name, known, n=1)
    meant = f' Did you mean "{near[0]}"?' if near else ""
    return Problem((name,), "Unknown attribute", f"{name} is not known. Allowed: {', '.join(known)}.{meant}")


def _wrong(name: str, given: object, allowed: str) -> Problem:
    return _problem(name, f"{shown(given)} ({type(given).__name__})", allowed)


def _problem(name: str, given: str, allowed: str) -> Problem:
    return Problem((name,), "Wrong type", f"{name} is {given}. Allowed: {allowed}")
