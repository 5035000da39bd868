"""Which lazy loads become eager ones: where an object was loaded, what is read of it, and whether that is the same."""
