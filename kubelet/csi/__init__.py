"""Volumes of CSI drivers: how they register (plugins), what they are asked (driver), for which pod (volumes)."""
