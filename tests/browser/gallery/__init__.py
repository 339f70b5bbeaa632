"""A page of every part that the macros make, for the tests that look at them."""
