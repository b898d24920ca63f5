"""Side effects: small classes over Protocols, each holding one thing outside."""
