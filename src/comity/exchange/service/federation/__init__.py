"""The federation as a TUF repository: what its office does, what a member hands in, what every node verifies.

metadata    TUF metadata with the house's keys: made, signed, read
verifying   verify(files, pin, at, before) -> Verified               what every node does, by python-tuf's client rules
roles       role_over, check_role                                    one role, one key, one file
office      Office: create, delegate, take, revoke, link ...         the repository and the keys at hand
rooting     propose, countersign, install                            the next root, by the old threshold and the new
joining     invite, request, admit                                   one file in, one file out
folder      the office's folder on disk: metadata, targets, keys
"""
