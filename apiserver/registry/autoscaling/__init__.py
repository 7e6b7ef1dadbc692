"""The strategies of the kinds in this API group, one file per kind."""
