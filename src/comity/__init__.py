"""Comity: the exchange node for cross-border forensic and investigative cooperation.

A room per capability, the same few files in every room, imports that only run downstairs (see ARCHITECTURE.md).
"""
