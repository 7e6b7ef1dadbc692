"""Discovery: what this server serves, in the three forms that clients ask for."""
