"""Cryptography for the rooms: signing, sealing, symmetric keys, pass-phrases, certificates and the node's key ring.

Everything here calls the `cryptography` package; no primitive is home-made.
"""
