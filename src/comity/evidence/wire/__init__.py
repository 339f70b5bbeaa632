"""The formats of evidence: custody lines, BagIt, manifests, packages, receipts, messages, and the offline verifier."""
