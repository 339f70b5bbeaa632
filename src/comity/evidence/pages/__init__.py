"""The room's pages: lists, an item with its custody, requests, packages, and a form for every verb."""
