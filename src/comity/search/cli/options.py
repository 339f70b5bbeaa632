"""The options of the commands of `comity search`, and the facts that one of them takes."""

from typing import Annotated

import typer

Fact = Annotated[
    list[str],
    typer.Option("--fact", metavar="NAME=VALUE", help="A further fact for the legal engine; may be repeated."),
]
QueryId = Annotated[str, typer.Argument(metavar="QUERY", help="The query's id, from `comity search list`.")]
Case = Annotated[str, typer.Option("--case", help="The case this search belongs to.")]
Profiles = Annotated[
    list[str], typer.Option("--profile", help="The record to search with, from `comity dna list`; repeatable.")
]
To = Annotated[list[str], typer.Option("--to", metavar="STATE", help="Whom to ask; may be repeated.")]
Purpose = Annotated[str, typer.Option(help="Purpose code.")]
Instrument = Annotated[str | None, typer.Option(help="Legal instrument; default: the best basis.")]
Urgency = Annotated[str, typer.Option(help="immediate, urgent or normal.")]
Modality = Annotated[str, typer.Option(help="What kind of record.")]
PreviewOnly = Annotated[bool, typer.Option("--preview", help="Show what would leave, to whom, why; send nothing.")]
Emergency = Annotated[
    bool, typer.Option("--emergency", help="Threat to life: at once, beyond quotas; reviewed within 24 h.")
]
Oral = Annotated[
    bool, typer.Option("--oral", help="With --emergency: the basis was given orally; confirm it in writing.")
]
Why = Annotated[str, typer.Option("--why", help="With --emergency: why a life is in danger, for whoever reviews it.")]
Accept = Annotated[
    bool, typer.Option("--accept-chance-hits", help="Ask although many hits are expected by chance alone.")
]
Wait = Annotated[float, typer.Option(help="Seconds to wait for the answers.")]
Yes = Annotated[bool, typer.Option("--yes", help="Send without asking once more.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes into the log.")]
Number = Annotated[
    str, typer.Option("--candidate", metavar="NUMBER", help="The candidate's number; default: the first.")
]
