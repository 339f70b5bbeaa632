"""Tools that know no room: web, shell, vault, database, codec and crypto."""
