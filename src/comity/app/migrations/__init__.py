"""One line of migrations for all rooms. `upgrade` brings a database to the present release; it is safe to run again."""
