"""The log room: what this node did, in an order that neither it nor anybody else can rewrite.

Every act appends one entry to a Merkle tree (RFC 6962) whose head the node signs in the same database transaction as
the act (C2SP tlog-checkpoint). Entries name type, time and partner in the clear and only commit to who, what and about
whom: the values behind the commitments lie encrypted in a table of their own, from which they can be erased without
touching the tree. The room only records and checks; it calls nobody. Entry bytes, hash domain and tables are final from
the first release: a later one may add, but neither rewrites what is stored nor hashes it otherwise.
"""
