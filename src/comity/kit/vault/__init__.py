"""Large contents at rest (`blobs`), and the desk at which every face sits (`desk`)."""
