"""The controller that brings claims and volumes together: matching, what becomes of each, and the loop."""
