"""The room's pages: the log's entries in their clear fields, and its signed head."""
