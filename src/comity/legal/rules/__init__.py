"""Pure rules: tables checked and indexed, decisions found and explained, life cycles walked."""
