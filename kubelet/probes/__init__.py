"""Probes: checks (ask once), streak (count answers), prober (ask again and again)."""
