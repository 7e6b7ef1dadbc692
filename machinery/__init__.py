"""What every component shares: the API's types, the client, and the frame that components run in."""
