"""One transaction for an act, its log entry and its outgoing message, on SQLite or PostgreSQL alike."""
