"""The officer API of DNA: profiles (`profiles`), populations and what findings weigh (`statistics`), rules
(`rulesets`), own searches (`searching`).
"""

from comity.dna.api.profiles import routes as routes
from comity.dna.api.rulesets import rule_set_routes as rule_set_routes
from comity.dna.api.screening import screening_routes as screening_routes
from comity.dna.api.searching import search_routes as search_routes
from comity.dna.api.statistics import statistics_routes as statistics_routes
