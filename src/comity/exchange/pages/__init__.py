"""The room's pages: the partners, and how the exchange with each stands."""
