"""The node's own pages: how it stands, and what its API offers."""
