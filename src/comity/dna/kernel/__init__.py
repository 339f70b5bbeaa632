"""Searching as pure numbers: profiles as bytes (`packed`) or by the genotypes that they share (`genotypes`), the scans
in NumPy (`scan`; by stringency `fitting`), and the index (`index`).

`kernel.index` is not loaded here, for it loads the compiler: who needs it imports it when it is needed.
"""

from comity.dna.kernel.fitting import Fitting as Fitting
from comity.dna.kernel.fitting import Limits as Limits
from comity.dna.kernel.fitting import fitting as fitting
from comity.dna.kernel.fitting import limits as limits
from comity.dna.kernel.fitting import together as together
from comity.dna.kernel.genotypes import Genotype as Genotype
from comity.dna.kernel.genotypes import Genotypes as Genotypes
from comity.dna.kernel.genotypes import genotypes_of as genotypes_of
from comity.dna.kernel.packed import Codes as Codes
from comity.dna.kernel.packed import Keys as Keys
from comity.dna.kernel.packed import Matrix as Matrix
from comity.dna.kernel.packed import codes_of as codes_of
from comity.dna.kernel.packed import columns as columns
from comity.dna.kernel.packed import joined as joined
from comity.dna.kernel.packed import pack as pack
from comity.dna.kernel.packed import pack_all as pack_all
from comity.dna.kernel.scan import Found as Found
from comity.dna.kernel.scan import scan as scan
