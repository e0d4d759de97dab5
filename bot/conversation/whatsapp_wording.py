"""What the gateway itself says on WhatsApp: to kinds of messages that the dialogue cannot read."""

from __future__ import annotations

OLD_CHOICE = "Essa opção já não vale nesta conversa. Escolha uma das opções mais recentes ou escreva com suas palavras."
NOT_RECEIVED = "Não consegui receber sua última mensagem. Pode enviá-la de novo?"
TOO_LONG = "A mensagem é longa demais para eu ler. Resuma-a ou envie o texto como documento."
AUDIO = "Guardei o áudio, mas não consigo ouvi-lo. Escreva em uma linha o que ele diz, por favor."
NOT_HEARD = "Guardei o áudio, mas não consegui entendê-lo. Escreva em uma linha o que ele diz, por favor."
REFUSED = "Não consegui guardar o arquivo que você enviou. {reason}"

_LOCATION = "Recebi sua localização, mas não consigo usá-la aqui. Escreva o lugar, a tela ou a unidade em uma frase."
_CONTACTS = "Recebi o contato, mas não consigo usá-lo aqui. Se a equipe deve falar com essa pessoa, escreva o telefone."
_STICKER = "Recebi sua figurinha, mas não sei lê-la. Escreva com suas palavras, por favor."
_REACTION = "Vi sua reação, mas não a conto como resposta. Responda com palavras ou toque em uma das opções."
_UNKNOWN = "Não consigo abrir este tipo de mensagem. Escreva o que precisa, ou envie como foto, documento ou áudio."

_SENTENCES = {"location": _LOCATION, "contacts": _CONTACTS, "sticker": _STICKER, "reaction": _REACTION}


def unreadable(kind: str) -> str:
    """An honest answer to a kind of message that is only looked at. `kind` is the network's own word."""
    return _SENTENCES.get(kind, _UNKNOWN)
