"""Ask partners a hit / no-hit question, have the hit confirmed, and only then ask for core data.

One question to three states is three queries, each with a life of its own. Six answers are possible and never merged:
hit, near match, no hit, refused, unavailable, partial. The room knows no modality: `Matcher` is its contract with DNA
and with every modality to come.
"""
