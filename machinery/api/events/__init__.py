"""Events, the newer group."""
