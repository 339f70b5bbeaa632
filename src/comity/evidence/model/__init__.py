"""The nouns of evidence: what a sealed package holds (`package`), and what travels between nodes (`flow`)."""
