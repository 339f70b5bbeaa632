"""The formats in which law arrives: YAML tables of instruments, dated CSV tables, YAML life cycles."""
