"""The room's pages: my cases, one case with what is under it, and the erasures that wait for an approver."""
