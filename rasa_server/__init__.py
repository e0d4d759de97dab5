"""The dialogue engine's room: Rasa 3.6.21 on Python 3.10, and the few parts of ours that must live inside it."""
