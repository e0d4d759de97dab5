"""What understanding a message is worth and costs: our pipeline against the one that Rasa proposes, and our training."""
