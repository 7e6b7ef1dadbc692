"""What somebody may do."""
