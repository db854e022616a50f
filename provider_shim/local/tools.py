"""What a request may say of tools: the kinds that OpenAI has, and which of them is to be used."""

from typing import Any, Final

from provider_shim.contract.limits import SEARCH_RESULTS
from provider_shim.local.search import filters
from provider_shim.local.shapes import (
    Check,
    array,
    boolean,
    choice,
    integer,
    mapping,
    nullable,
    number,
    one_of,
    record,
    string,
    tagged,
)

_text = string()
_texts = array(_text)
_object = mapping()
_shape = {"type": _text}
_callers = {**_shape, "allowed_callers": nullable(array(choice("direct", "programmatic"), least=1))}
_place = nullable(
    record(
        {},
        {
            "type": choice("approximate"),
            **{name: nullable(_text) for name in ("city", "country", "region", "timezone")},
        },
    )
)
_context_size = choice("low", "medium", "high")

_function = record(
    {"name": string(least=1, most=128)},
    {
        **_callers,
        "description": nullable(_text),
        "parameters": nullable(_object),
        "output_schema": nullable(_object),
        "strict": nullable(boolean),
        "defer_loading": boolean,
        "async": boolean,
    },
)
_custom = record(
    {"name": _text},
    {
        **_callers,
        "description": _text,
        "defer_loading": boolean,
        "async": boolean,
        "format": tagged(
            {
                "text": record({}, _shape),
                "grammar": record({"definition": _text, "syntax": choice("lark", "regex")}, _shape),
            }
        ),
    },
)
_file_search = record(
    {"vector_store_ids": _texts},
    {
        **_shape,
        "max_num_results": integer(*SEARCH_RESULTS),
        "ranking_options": record(
            {},
            {
                "ranker": choice("auto", "default-2024-11-15"),
                "score_threshold": number(0, 1),
                "hybrid_search": record({"embedding_weight": number(), "text_weight": number()}),
            },
        ),
        "filters": nullable(filters),
    },
)
_web_search = record(
    {},
    {
        **_shape,
        "external_web_access": boolean,
        "filters": nullable(record({}, {"allowed_domains": nullable(_texts)})),
        "search_context_size": _context_size,
        "search_content_types": array(choice("text", "image")),
        "user_location": _place,
    },
)
_mcp_filter = record({}, {"read_only": boolean, "tool_names": _texts})
_mcp = record(
    {"server_label": _text},
    {
        **_callers,
        "server_url": _text,
        "connector_id": _text,
        "tunnel_id": _text,
        "authorization": _text,
        "server_description": _text,
        "headers": nullable(mapping(_text)),
        "allowed_tools": nullable(one_of("an array or an object", (list, _texts), (dict, _mcp_filter))),
        "require_approval": nullable(
            one_of(
                "'always', 'never' or an object",
                (str, choice("always", "never")),
                (dict, record({}, {"always": _mcp_filter, "never": _mcp_filter})),
            )
        ),
        "defer_loading": boolean,
    },
)
_network = tagged(
    {
        "disabled": record({}, _shape),
        "allowlist": record(
            {"allowed_domains": _texts},
            {
                **_shape,
                "domain_secrets": array(
                    record({name: string(least=1) for name in ("domain", "name", "value")}),
                ),
            },
        ),
    }
)
_container = {
    **_shape,
    "file_ids": _texts,
    "memory_limit": nullable(choice("1g", "4g", "16g", "64g")),
    "network_policy": _network,
}
_skill = tagged(
    {
        "skill_reference": record({"skill_id": string(least=1, most=64)}, {**_shape, "version": _text}),
        "inline": record(
            {
                "name": _text,
                "description": _text,
                "source": record(
                    {
                        "type": choice("base64"),
                        "media_type": choice("application/zip"),
                        "data": string(least=1),
                    }
                ),
            },
            _shape,
        ),
    }
)
LOCAL_ENVIRONMENT: Final = record(
    {}, {**_shape, "skills": array(record(dict.fromkeys(("name", "description", "path"), _text)))}
)
CONTAINER_REFERENCE: Final = record({"container_id": _text}, _shape)
_environment = tagged(
    {
        "container_auto": record({}, {**_container, "skills": array(_skill)}),
        "local": LOCAL_ENVIRONMENT,
        "container_reference": CONTAINER_REFERENCE,
    }
)
_image = record(
    {},
    {
        **_shape,
        "action": choice("generate", "edit", "auto"),
        "background": choice("transparent", "opaque", "auto"),
        "complexity": choice("low", "medium", "high"),
        "frame_count": integer(1),
        "frame_duration_ms": integer(1),
        "input_fidelity": nullable(choice("high", "low")),
        "input_image_mask": record({}, {"file_id": _text, "image_url": _text}),
        "model": nullable(_text),
        "moderation": choice("auto", "low"),
        "output_compression": integer(0, 100),
        "output_format": choice("png", "webp", "jpeg", "gif", "svg"),
        "partial_images": integer(0, 3),
        "quality": choice("low", "medium", "high", "xhigh", "max", "auto"),
        "size": nullable(_text),
        "svg": mapping(),
    },
)
_tool_search = record(
    {},
    {
        **_shape,
        "description": nullable(_text),
        "execution": choice("server", "client"),
        "parameters": nullable(_object),
    },
)
_screen = record(
    {
        "display_height": integer(),
        "display_width": integer(),
        "environment": choice("windows", "mac", "linux", "ubuntu", "browser"),
    },
    _shape,
)
_bare = record({}, _shape)

_KINDS: Final[dict[str, Check]] = {
    "function": _function,
    "file_search": _file_search,
    "custom": _custom,
    "namespace": record(
        {
            "name": string(least=1),
            "description": _text,
            "tools": array(tagged({"function": _function, "custom": _custom})),
        },
        _shape,
    ),
    "web_search": _web_search,
    "web_search_2025_08_26": _web_search,
    "web_search_preview": _web_search,
    "web_search_preview_2025_03_11": _web_search,
    "mcp": _mcp,
    "code_interpreter": record(
        {
            "container": one_of(
                "a string or an object",
                (str, _text),
                (dict, tagged({"auto": record({}, _container)})),
            )
        },
        _callers,
    ),
    "computer": _bare,
    "computer_use_preview": _screen,
    "image_generation": _image,
    "local_shell": _bare,
    "shell": record({}, {**_callers, "environment": nullable(_environment)}),
    "apply_patch": record({}, _callers),
    "tool_search": _tool_search,
    "programmatic_tool_calling": _bare,
}

_checked_tool = tagged(_KINDS)


def tool(value: object, where: str) -> dict[str, Any]:
    """One tool, with what OpenAI answers where a function says nothing of it."""
    checked: dict[str, Any] = _checked_tool(value, where)
    if checked["type"] == "function":
        return {"parameters": None, "strict": True, **checked}
    return checked


tools: Final[Check] = array(tool)

_hosted = dict.fromkeys(
    (
        "file_search",
        "web_search",
        "web_search_2025_08_26",
        "web_search_preview",
        "web_search_preview_2025_03_11",
        "computer",
        "computer_use_preview",
        "computer_use",
        "image_generation",
        "code_interpreter",
        "programmatic_tool_calling",
        "apply_patch",
        "shell",
    ),
    _bare,
)
_named_choice = tagged(
    {
        "function": record({"name": _text}, _shape),
        "custom": record({"name": _text}, _shape),
        "mcp": record({"server_label": _text}, {**_shape, "name": nullable(_text)}),
        "allowed_tools": record({"mode": choice("auto", "required"), "tools": array(_object)}, _shape),
        **_hosted,
    }
)
tool_choice: Final[Check] = one_of(
    "a string or an object", (str, choice("none", "auto", "required")), (dict, _named_choice)
)
