"""The demonstration: three synthetic states on one machine, one case told from the stain to the sealed hand-over."""
