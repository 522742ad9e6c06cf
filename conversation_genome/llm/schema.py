"""JSON schemas from pydantic models, in the part of JSON Schema that providers enforce strictly."""

import copy
from typing import Any, Final

from pydantic import BaseModel

_NOT_ENFORCED: Final = ("title", "default", "minLength", "maxLength", "format", "uniqueItems")
"""What strict modes refuse, or what says nothing to a model; pydantic checks it when the answer is read."""


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the model's schema without references: every object closed and every property required.

    OpenAI's structured outputs ask for both and refuse lengths of strings; nested definitions are written out,
    for some servers read no `$ref`.
    """
    schema = copy.deepcopy(model.model_json_schema())
    definitions = schema.pop("$defs", {})
    strict: dict[str, Any] = _strict(schema, definitions)
    return strict


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rpartition("/")[2]], definitions)
    kept = {key: value for key, value in node.items() if key not in _NOT_ENFORCED}
    if kept.get("type") == "object":
        properties = {name: _strict(value, definitions) for name, value in node.get("properties", {}).items()}
        return {
            **{key: value for key, value in kept.items() if key == "description"},
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return {key: _strict(value, definitions) for key, value in kept.items()}
