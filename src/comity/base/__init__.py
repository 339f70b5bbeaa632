"""Pure words that every room speaks: identifiers, the clock, actors, codes and errors."""
