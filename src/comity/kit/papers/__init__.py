"""Sealed papers: PDF/A-2a documents that Typst sets from facts and tables, in the reader's language."""
