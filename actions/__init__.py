"""What the dialogue does: the action server, and the only importer of rasa_sdk.

`reading` is pure: it turns a message and what is known into what is known now.
"""
