"""The formats of laboratories and of this node: CODIS CMF, CSV tables, own JSON, and rule-set files."""
