"""The pages on which people sign in, make a passkey, and confirm an act with it."""
