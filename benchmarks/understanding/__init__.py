"""How well a running stack understands, by our own sets or by one that is not part of this repository."""
