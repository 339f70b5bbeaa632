"""A life cycle as YAML in the schema ``comity-lifecycle/1``; `rules.lifecycles.check` judges the machine itself."""

from typing import Final

from comity.legal.model import Lifecycle, Transition
from comity.legal.wire.fields import bad, load_yaml

SCHEMA: Final = "comity-lifecycle/1"


def read_lifecycle(data: bytes, name: str) -> Lifecycle:
    """The life cycle in `data`; BadInput names file `name`, step and reason."""
    top = load_yaml(data, name)
    top.one_of("schema", (SCHEMA,))
    clocks = top.map("clocks")
    steps: dict[tuple[str, str], Transition] = {}
    for item in top.items("steps", "step"):
        step = Transition(item.text("from"), item.text("event"), item.text("to"), item.truth("human"))
        item.done()
        if (step.state, step.event) in steps:
            raise bad(f"{step.event} leaves {step.state} twice", item.where)
        steps[step.state, step.event] = step
    read = Lifecycle(
        name=top.text("name"), start=top.text("start"), final=frozenset(top.texts("final")), steps=steps,
        clocks={code: clocks.text(code) for code in clocks.codes()},
    )  # fmt: skip
    top.done()
    return read
