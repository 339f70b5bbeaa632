"""The exchange's SQL, by what it keeps: the directory and partners, what was sent, what was received. Never commits."""
