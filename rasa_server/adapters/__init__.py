"""What is changed in Rasa 3.6.21 at start-up: one module a change, each with its reason and its measured gain.

Nothing is edited on disk. Each change names the attribute that it replaces, and a Rasa in which that attribute does
not exist, or of another version, stops the start (`UnexpectedRasa`).
"""

from typing import Any

RASA_VERSION = "3.6.21"


class UnexpectedRasa(RuntimeError):
    """The installed Rasa is not the one that the adapters were written for."""


def install() -> None:
    """Puts every adapter in place; must run before Rasa's modules are imported. Raises `UnexpectedRasa`."""
    import rasa.version

    if rasa.version.__version__ != RASA_VERSION:
        raise UnexpectedRasa(
            f"Rasa {rasa.version.__version__} is installed, the adapters were written for {RASA_VERSION}"
        )
    from rasa_server.adapters import tensorflow_absent

    tensorflow_absent.install()

    from rasa_server.adapters import action_client, event_types, message_hash, schema_checks

    for adapter in (action_client, event_types, message_hash, schema_checks):
        adapter.install()


def replace(owner: Any, name: str, replacement: Any) -> Any:
    """Replaces `owner.name` and returns what was there. Raises `UnexpectedRasa` when nothing was."""
    try:
        stock = getattr(owner, name)
    except AttributeError as error:
        raise UnexpectedRasa(f"{owner.__name__}.{name} does not exist in this Rasa; it should be adapted") from error
    setattr(owner, name, replacement)
    return stock
