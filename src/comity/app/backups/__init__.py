"""Backups: every row and every sealed content in one encrypted file, the keys in another, to be kept elsewhere."""
