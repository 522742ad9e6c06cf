"""Storage of the development node: values under the keys a subtensor would use, with their history."""

from bisect import bisect_left, bisect_right
from itertools import islice, takewhile
from typing import Any, Final

from bittensor._transport.codec import RuntimeCodec

from tests_ap.devnet.metadata import SPEC_VERSION, Metadata

PALLET: Final = "SubtensorModule"
NO_ACCOUNT: Final = "0x" + "00" * 32


class State:
    """Every value since block 0, so that a reading pinned to a block yields what stood then."""

    def __init__(self, metadata: Metadata) -> None:
        self.block = 0
        """The block that is being made: what is put now stands from it on."""
        self.use(metadata, SPEC_VERSION)
        self._history: dict[str, list[tuple[int, Any, str | None]]] = {}
        self._sorted_keys: list[str] = []

    def use(self, metadata: Metadata, spec_version: int) -> None:
        """Read and write by this metadata from now on; what is stored must have the same types in it."""
        self.codec = RuntimeCodec(
            metadata.plain, spec_version=spec_version, transaction_version=1, spec_name="node-subtensor"
        )
        self._types = {entry["id"]: entry["type"] for entry in self.codec.registry_types()}
        self._entries: dict[tuple[str, str], Any] = {}

    def put(self, item: str, params: list[Any], value: Any, *, pallet: str = PALLET) -> None:
        """Store a value from the block on that is being made."""
        key, entry = self.key(item, params, pallet=pallet), self._entry(pallet, item)
        if key not in self._history:
            self._sorted_keys.insert(bisect_left(self._sorted_keys, key), key)
        versions = self._history.setdefault(key, [])
        if versions and versions[-1][0] == self.block:
            versions.pop()
        versions.append((self.block, value, "0x" + self.codec.encode(entry.value_type, value).hex()))

    def remove(self, item: str, params: list[Any]) -> None:
        """Let a value be gone from the block on that is being made."""
        versions = self._history.get(self.key(item, params), [])
        if versions:
            versions.append((self.block, None, None))

    def get(self, item: str, params: list[Any], *, at: int | None = None, pallet: str = PALLET) -> Any:
        """Return the value that stood at a block (None: now), or the default of the item."""
        version = self._version(self.key(item, params, pallet=pallet), at)
        if version is not None and version[2] is not None:
            return version[1]
        entry = self._entry(pallet, item)
        return self.codec.decode(entry.value_type, entry.default_bytes) if entry.modifier == "Default" else None

    def key(self, item: str, params: list[Any], *, pallet: str = PALLET) -> str:
        """Return the storage key in hexadecimal."""
        return "0x" + str(self.codec.storage_key(self._entry(pallet, item), params).hex())

    def raw(self, key: str, at: int | None = None) -> str | None:
        """Return the encoded value under a key at a block, None if there is none."""
        version = self._version(key, at)
        return version[2] if version is not None else None

    def keys_after(self, prefix: str, start: str | None, count: int) -> list[str]:
        """Return the next keys with this prefix, in order."""
        first = bisect_right(self._sorted_keys, start) if start else bisect_left(self._sorted_keys, prefix)
        keys = (key for key in self._sorted_keys[first:] if self.raw(key) is not None)
        return list(islice(takewhile(lambda key: key.startswith(prefix), keys), count))

    def zero(self, type_id: int) -> Any:  # noqa: PLR0911 -- one for each kind of type
        """Return the empty value of a type, to fill the parts of a runtime API's answer that nobody reads."""
        ((kind, shape),) = self._types[type_id]["def"].items()
        path = self._types[type_id].get("path") or [""]
        if path[-1] == "AccountId32":
            return NO_ACCOUNT
        if kind == "primitive":
            return {"bool": False, "str": "", "char": "\0"}.get(shape, 0)
        if kind == "sequence":
            return []
        if kind == "array":
            is_bytes = self._types[shape["type"]]["def"].get("primitive") == "u8"
            return "0x" + "00" * shape["len"] if is_bytes else [self.zero(shape["type"])] * shape["len"]
        if kind == "tuple":
            return tuple(self.zero(part) for part in shape)
        if kind == "compact":
            return self.zero(shape["type"])
        if kind == "variant":
            return None if path[-1] == "Option" else self._zero_variant(shape["variants"][0])
        return self._zero_fields(shape.get("fields") or [])

    def inner_type(self, type_id: int, *path: str) -> int:
        """Return the type that lies under another: "some" of an option, "item" of a list, or a field by its name."""
        for step in path:
            shape = self._types[type_id]["def"]
            if step == "some":
                type_id = shape["variant"]["variants"][1]["fields"][0]["type"]
            elif step == "item":
                type_id = shape["sequence"]["type"]
            else:
                type_id = next(field["type"] for field in shape["composite"]["fields"] if field["name"] == step)
        return type_id

    def _zero_variant(self, variant: dict[str, Any]) -> Any:
        fields = variant.get("fields") or []
        return {variant["name"]: self._zero_fields(fields)} if fields else variant["name"]

    def _zero_fields(self, fields: list[dict[str, Any]]) -> Any:
        if fields and all("name" in field for field in fields):
            return {field["name"]: self.zero(field["type"]) for field in fields}
        values = tuple(self.zero(field["type"]) for field in fields)
        return values[0] if len(values) == 1 else values

    def _entry(self, pallet: str, item: str) -> Any:
        if (pallet, item) not in self._entries:
            self._entries[pallet, item] = self.codec.storage_entry(pallet, item)
        return self._entries[pallet, item]

    def _version(self, key: str, at: int | None) -> tuple[int, Any, str | None] | None:
        versions = self._history.get(key, [])
        last = len(versions) if at is None else bisect_right(versions, at, key=lambda version: version[0])
        return versions[last - 1] if last else None
