"""OpenAPI: the API described from the classes' own facts, as v3 per group and as v2 in JSON and protobuf."""
