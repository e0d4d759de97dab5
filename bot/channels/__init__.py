"""How a message leaves: one file a channel, each with its console twin, chosen by a setting."""
