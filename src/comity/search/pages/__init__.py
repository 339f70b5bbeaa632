"""The room's pages: queries, ours and partners'; one query and all that is done with it; a comparison; the wizard."""
