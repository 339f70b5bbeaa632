"""The federation as a TUF repository: what its office does, what a member hands in, what every node verifies.

metadata    TUF metadata with the house's keys: made, signed, read
verifying   verify(files, pin, at, before) -> Verified               what every node does, by python-tuf's client rules
roles       role_over, check_role                                    one role, one key, one file
reading     Verified                                                 what a repository says that is believed
office      Office: delegate, take, revoke, refresh ...              the repository and the keys at hand
founding    found(charter, keys, now) -> Office                      the first edition
linking     link_to, unlink                                          another federation's members count as ours
rooting     propose, countersign, install                            the next root, by the old threshold and the new
joining     invite, request, admit                                   one file in, one file out
folder      the office's folder on disk: metadata, targets, keys
"""
