"""Every error of ours, in one tree.

    TriagemError
    ├── ConfigurationError      the company's data or a setting is wrong: file, line and remedy
    ├── StartError              the machine does not allow the start: a port taken, no write permission
    ├── DialogueUnavailable     Rasa, the action server or Redis did not carry out the turn
    ├── MailUnavailable         the mailbox could not be read; it is tried again
    ├── DeliveryError           the outside world did not take a message; `permanent` stops the retries
    │   ├── Unanswered          nobody knows whether it was taken
    │   └── Unreachable         this person is not reached this way; another may work
    └── RequestRefused          what came in at the door is not acceptable; carries an HTTP status
        ├── NotAuthenticated    401
        ├── Forbidden           403, only for what may be known to exist
        ├── NotFound            404, also for what belongs to another company
        ├── Conflict            409
        ├── TooLarge            413
        ├── UnsupportedFile     415
        ├── InvalidRequest      422
        └── TooMany             429

A foreign exception is translated once, where it is caught, and kept as the cause.
Messages are sentences in Portuguese that the person who reads them can act on.
"""

from __future__ import annotations

from pathlib import Path


class TriagemError(Exception):
    """Base of all our errors."""


class ConfigurationError(TriagemError):
    """Data of the company that cannot be used, with the place to mend."""

    def __init__(self, file: Path | str, line: int | None, problem: str) -> None:
        self.file, self.line, self.problem = Path(file), line, problem
        place = f"{file}, linha {line}" if line else str(file)
        super().__init__(f"{place}: {problem}")


class StartError(TriagemError):
    """The service cannot start on this machine as it is set up."""


class DialogueUnavailable(TriagemError):
    """A turn was not carried out; repeating it starts from the same state."""

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(f"o turno não foi concluído: {part}")


class MailUnavailable(TriagemError):
    """The server of incoming mail does not answer, or not as it should."""


class DeliveryError(TriagemError):
    """A message was not taken by the outside world."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        self.permanent = permanent
        super().__init__(message)


class Unanswered(DeliveryError):
    """The message was sent and no answer came: it may have been taken."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=False)


class Unreachable(DeliveryError):
    """The channel does not reach this person now."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class RequestRefused(TriagemError):
    """What came in is refused with a sentence the sender can act on."""

    status = 400
    title = "Pedido recusado"


class NotAuthenticated(RequestRefused):
    status = 401
    title = "Identificação necessária"


class Forbidden(RequestRefused):
    status = 403
    title = "Não permitido"


class NotFound(RequestRefused):
    status = 404
    title = "Não encontrado"


class Conflict(RequestRefused):
    status = 409
    title = "Mudou nesse meio-tempo"


class TooLarge(RequestRefused):
    status = 413
    title = "Grande demais"


class UnsupportedFile(RequestRefused):
    status = 415
    title = "Tipo de arquivo não aceito"


class InvalidRequest(RequestRefused):
    status = 422
    title = "Pedido inválido"


class TooMany(RequestRefused):
    status = 429
    title = "Muitas tentativas"
