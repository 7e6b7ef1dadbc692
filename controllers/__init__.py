"""The controllers: loops that make the world agree with what the API's objects ask for."""
