"""The few sentences the gateway says itself, when the dialogue engine cannot speak."""

UNAVAILABLE = (
    "Estou com uma instabilidade e não consegui processar sua mensagem agora. Ela está guardada: "
    "assim que eu voltar, continuo daqui, e você não precisa repetir nada."
)
WITH_HUMAN = "Sua mensagem foi entregue à equipe. Uma pessoa vai responder por aqui."
