"""A laboratory for pictures: some profiles, a population, figures of the database."""

from comity.app.wiring import Node
from comity.base.model import Issuer
from comity.dna import service as dna

PROFILES = (
    b"specimen,category,kit,VWA,TH01,FGA,D21S11,D8S1179,D3S1358,D18S51\n"
    b"REF-1,Convicted Offender,NGM,16/17,6/9.3,20/21,28/30,12/13,15/16,14/17\n"
    b"REF-2,Missing Person,NGM,16/18,6/7,20/22,28/31.2,12/14,15/17,14/15\n"
    b"REF-3,Forensic Unknown,,17/19,7,21,29/*,13,,12/16\n"
)


def laboratory(node: Node, visitor: Issuer) -> dict[str, str]:
    """Fill the node; the profile to look at."""
    with node.database.unit("test.laboratory") as unit:
        acted = dna.sign_import(unit, visitor, PROFILES, "run 7")
        report = dna.import_file(unit, acted, PROFILES, "run 7", dna.Options())
        for name, source in (("training-europe", "made for training"), ("بيانات", "مجلة")):
            dna.import_population(unit, visitor, dna.shipped_file("frequencies/europe.csv"), name, source)
        dna.summarise(unit, visitor)
    return {"profile": f"/dna/profiles/{report.profiles[0]}"}
