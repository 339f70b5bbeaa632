"""A life cycle as YAML in the schema ``comity-lifecycle/1``; `rules.lifecycles.check` judges the machine itself.

A step is ``{from, event, to, human}`` and, where they are given, ``party`` (asking, asked), ``roles``, ``article``,
``guards``, ``timer`` (the clock that takes it) and ``releases``. Clocks are deadlines (`wire.deadlines`).
"""

from typing import Final, cast

from comity.legal.model import Deadline, Lifecycle, Party, Transition
from comity.legal.wire.deadlines import read_deadline
from comity.legal.wire.fields import Fields, bad, load_yaml

SCHEMA: Final = "comity-lifecycle/1"


def read_lifecycle(data: bytes, name: str) -> Lifecycle:
    """The life cycle in `data`; BadInput names file `name`, step and reason."""
    top = load_yaml(data, name)
    top.one_of("schema", (SCHEMA,))
    steps: dict[tuple[str, str], Transition] = {}
    for item in top.items("steps", "step"):
        step = _step(item)
        if (step.state, step.event) in steps:
            raise bad(f"{step.event} leaves {step.state} twice", item.where)
        steps[step.state, step.event] = step
    read = Lifecycle(
        name=top.text("name"), start=top.text("start"), final=frozenset(top.texts("final")), steps=steps,
        clocks=_clocks(top), title=top.text("title"), source=top.text("source"), facts=top.texts("facts"),
    )  # fmt: skip
    top.done()
    return read


def _clocks(top: Fields) -> dict[str, Deadline]:
    clocks: dict[str, Deadline] = {}
    for item in top.items("clocks", "clock"):
        clock = read_deadline(item)
        if clock.clock in clocks:
            raise bad(f"two clocks named {clock.clock}", item.where)
        clocks[clock.clock] = clock
    return clocks


def _step(item: Fields) -> Transition:
    party = item.one_of("party", ("asking", "asked")) if item.has("party") else ""
    step = Transition(
        item.text("from"), item.text("event"), item.text("to"), item.truth("human"),
        roles=frozenset(item.texts("roles")) if item.has("roles") else frozenset(), party=cast(Party, party),
        article=item.text("article") if item.has("article") else "",
        guards=item.texts("guards") if item.has("guards") else (),
        timer=item.text("timer") if item.has("timer") else "",
        releases=item.truth("releases") if item.has("releases") else False, where=item.where,
    )  # fmt: skip
    item.done()
    return step
