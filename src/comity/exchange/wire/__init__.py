"""CX/1 as bytes (docs/protocol/cx1.md): envelopes, receipts and errors, the directory. Parsed once, strictly, here."""
