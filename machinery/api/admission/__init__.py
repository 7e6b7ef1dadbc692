"""What admission webhooks are sent and answer."""
