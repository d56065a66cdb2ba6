"""The configuration's JSON Schema and its manual, both made from the models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from statusgen.config.models import FIELDS, Config

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of statusgen.toml."""
    made = Config.model_json_schema(by_alias=True, mode="validation")
    fields = made["$defs"]["SourceConfig"]["properties"]["fields"]
    fields["propertyNames"] = {"enum": list(FIELDS)}
    return {"$schema": _DIALECT, **made, "title": "statusgen.toml"}


def reference() -> str:
    """docs/configuration.md: every table and key with its meaning and default."""
    made = schema()
    lines = [
        "# Configuration",
        "",
        "`statusgen.toml` is [TOML](https://toml.io). Relative paths start at its folder. `statusgen check` reports every problem at once, with",
        "file, line and column; `statusgen schema config` prints the JSON Schema that editors complete with. Lengths of time are written",
        "`30s`, `15m`, `2h`, `7d` or `1w`; working time `4h` or `2d`; a text by language is one text, or `{ en = \"…\", nl = \"…\" }`.",
        "",
        "This page is made from the program's own models.",
        "",
    ]
    lines.extend(_keys("", made, made["$defs"]))
    for key, value in made["properties"].items():
        lines.extend(_table(key, value, made["$defs"]))
    return "\n".join(lines).rstrip() + "\n"


def _table(path: str, value: Mapping[str, Any], definitions: Mapping[str, Any], *, within_list: bool = False) -> Iterator[str]:
    name, is_list = _referred(value)
    if name is None or name == "Secret":
        return
    table = definitions[name]
    many = is_list or within_list
    yield f"## `[[{path}]]`" if is_list else f"## `[{path}]`"
    yield ""
    yield " ".join(str(table.get("description", "")).split())
    yield ""
    yield from _keys(path, table, definitions)
    for key, inner in table["properties"].items():
        if _referred(inner)[0] in {"Rule", "TitleRule"}:
            yield from _table(f"{path}.{key}", inner, definitions, within_list=many)


def _keys(path: str, table: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    required = set(table.get("required", ()))
    rows = [
        f"| `{key}` | {_meaning(value, definitions)} | {'**needed**' if key in required else _default(value)} |"
        for key, value in table["properties"].items()
        if path or _referred(value)[0] is None
    ]
    if rows:
        yield from ("| key | meaning | default |", "|---|---|---|", *rows, "")


def _referred(value: Mapping[str, Any]) -> tuple[str | None, bool]:
    """(the table that a value is, whether it is a list of them)."""
    for candidate in (value, *value.get("anyOf", ())):
        if "$ref" in candidate:
            return candidate["$ref"].rpartition("/")[2], False
        if "$ref" in candidate.get("items", {}):
            return candidate["items"]["$ref"].rpartition("/")[2], True
        extra = candidate.get("additionalProperties")
        if isinstance(extra, dict) and "$ref" in extra and extra["$ref"].endswith("Channel"):
            return "Channel", False
    return None, False


def _meaning(value: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    said = str(value.get("description", "")).replace("|", "\\|")
    if "enum" in value:
        said += " One of " + ", ".join(f"`{word}`" for word in value["enum"]) + "."
    if _referred(value)[0] == "Secret":
        said += ' A secret: `{ env = "NAME" }`, `{ file = "path" }` or `{ command = "…" }`.'
    return said


def _default(value: Mapping[str, Any]) -> str:
    default = value.get("default")
    if default in (None, "", [], {}):
        return ""
    if isinstance(default, Mapping):
        return "`{ " + ", ".join(f"{key} = {json.dumps(kept, ensure_ascii=False)}" for key, kept in default.items() if kept is not None) + " }`"
    return f"`{json.dumps(default, ensure_ascii=False)}`"
