"""What a partner may send in place of what is right: for properties of parsers of others' input."""

from hypothesis import strategies as st

from comity.base.model import Json

WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), WORDS)
VALUES: st.SearchStrategy[Json] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)


def exchanged(draw: st.DataObject, value: Json) -> Json:
    """The value with something else in one place, at any depth; or with a member or an item too many or too few."""
    if isinstance(value, dict) and value and draw.draw(st.booleans()):
        name = draw.draw(st.sampled_from(sorted(value)))
        kind = draw.draw(st.sampled_from(("inside", "gone", "more")))
        if kind == "gone":
            return {other: kept for other, kept in value.items() if other != name}
        return {**value, (name if kind == "inside" else draw.draw(WORDS)): exchanged(draw, value[name])}
    if isinstance(value, list) and value and draw.draw(st.booleans()):
        return [exchanged(draw, value[0]), *value]
    return draw.draw(VALUES)


def spoilt(draw: st.DataObject, data: bytes) -> bytes:
    """The bytes with a stretch replaced by others, by none, or by more."""
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, min(len(data), start + 40)))
    return data[:start] + draw.draw(st.binary(max_size=40)) + data[end:]
