"""The few sentences the gateway says itself, when the dialogue engine cannot speak."""

UNAVAILABLE = (
    "Estou com uma instabilidade e não consegui processar sua mensagem agora. Ela está guardada: "
    "assim que eu voltar, continuo daqui, e você não precisa repetir nada."
)
GIVEN_UP = (
    "Não consegui processar uma das suas mensagens, mesmo tentando de novo. Pode escrevê-la de outro jeito, "
    "ou pedir para falar com uma pessoa."
)
TAKEN = "{name}, da equipe de suporte, está com você a partir de agora."
GIVEN_BACK = "Devolvi a conversa ao assistente. Se precisar de uma pessoa de novo, é só pedir."
FILED = "Abri o chamado {number} com o que você contou. {copy}"
FILED_COPY = "A cópia vai para {address}."
