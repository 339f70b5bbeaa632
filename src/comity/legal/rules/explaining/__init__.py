"""A decision told to people in their language: the wording, cures apart from other texts, plain text, HTML."""
