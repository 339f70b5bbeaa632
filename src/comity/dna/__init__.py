"""STR profiles: read laboratory files, keep them, and find the profiles that may come from the same source.

A profile arrives as a file of a laboratory (CODIS CMF, CSV, own JSON), is checked specimen by specimen, and is kept
with its allele designations exactly as written. A search compares under a dated, named rule set; every candidate says
which loci were compared and how each of them differs. The person behind a reference profile is sealed beside it and is
opened only for a permit on core data.
"""
