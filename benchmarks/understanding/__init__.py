"""How well a running stack understands, by an evaluation set that is not part of this repository."""
