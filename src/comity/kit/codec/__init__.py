"""Formats that rooms share: canonical JSON, base64, JWS, DSSE, signed notes, log proofs, safe XML and stored ZIPs.

Each parser treats its input as hostile, has a size limit and answers nonsense with `BadInput`.
"""
