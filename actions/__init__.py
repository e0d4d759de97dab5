"""What the dialogue does: the action server, and the only importer of rasa_sdk.

`reading` and `answers` are pure: they turn a message and what is known into what is known now.
"""
