"""Core data: who the matching person is. Asked for after confirmation, authorised and released by people, opened once.

Core data is police information, never evidence. Where the asked state's law wants a judge, no permit exists before the
judge's own signed act. Source: Regulation (EU) 2024/982, article 47; the states' declarations.
"""
