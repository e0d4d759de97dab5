"""From a message kept to an answer given: one turn at a time per conversation."""
