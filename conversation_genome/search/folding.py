"""Near-copies folded into one: of conversations that are nearly the same the first one stands for all."""

from collections.abc import Mapping, Sequence

from conversation_genome.search.sketching import SAME, likeness


def folded(order: Sequence[str], sketches: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """Return those that stay, in their order, each with the ones that are folded into it.

    Args:
        order: Conversations, best first.
        sketches: Of each conversation; one without a sketch is a copy of nothing.
    """
    kept: dict[str, list[str]] = {}
    compared: list[str] = []
    for conversation_id in order:
        sketch = sketches.get(conversation_id, b"")
        shares = likeness(sketch, [sketches[other] for other in compared]) if sketch and compared else None
        if shares is not None and shares.max() >= SAME:
            kept[compared[int(shares.argmax())]].append(conversation_id)
            continue
        kept[conversation_id] = []
        if sketch:
            compared.append(conversation_id)
    return {stays: tuple(copies) for stays, copies in kept.items()}
