import pytest
from pydantic import ValidationError

from bot.errors import StartError
from bot.settings import Settings

OWN_SECRET = "um-segredo-proprio-com-mais-de-32-caracteres"


def test_without_settings_everything_stays_on_this_machine_and_in_one_folder():
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.rasa_url.startswith("http://127.0.0.1:")
    kept = (settings.index_dir, settings.models_dir, settings.attachments_dir, settings.redis_socket)
    assert all(path.is_relative_to(settings.home) for path in kept)
    assert str(settings.home) in settings.database and str(settings.home) in settings.redis


def test_a_relative_folder_is_meant_from_where_the_command_was_given(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIAGEM_HOME", "estado")
    assert Settings().home == tmp_path / "estado"


def test_a_setting_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("TRIAGEM_PORT", "8123")
    assert Settings().port == 8123
    assert Settings().address == "http://127.0.0.1:8123"


def test_a_setting_comes_from_a_line_of_the_env_file(tmp_path):
    (tmp_path / ".env").write_text("TRIAGEM_PORT=8124\nOUTRA_COISA=1\n")
    assert Settings().port == 8124


def test_a_variable_without_the_prefix_is_not_a_setting(monkeypatch):
    monkeypatch.setenv("PORT", "9999")
    assert Settings().port == 8000


@pytest.mark.parametrize("name", ["TRIAGEM_REDIS_URL", "REDIS_URL"])
def test_redis_is_named_by_our_variable_or_by_the_usual_one(monkeypatch, name):
    monkeypatch.setenv(name, "redis://cache:6379/3")
    assert Settings().redis == "redis://cache:6379/3"


def test_our_redis_variable_wins_over_the_usual_one(monkeypatch):
    monkeypatch.setenv("TRIAGEM_REDIS_URL", "redis://nossa:6379")
    monkeypatch.setenv("REDIS_URL", "redis://outra:6379")
    assert Settings().redis == "redis://nossa:6379"


def test_a_port_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("TRIAGEM_PORT", "oito mil")
    with pytest.raises(ValidationError):
        Settings()


def test_the_public_address_has_no_slash_at_its_end():
    assert Settings(public_url="https://suporte.example/").address == "https://suporte.example"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "suporte.example"])
def test_the_development_secret_is_refused_where_other_machines_reach_it(host):
    with pytest.raises(StartError, match="TRIAGEM_IDENTITY_SECRET"):
        Settings(host=host).refuse_default_secret()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_the_development_secret_serves_on_loopback(host):
    Settings(host=host).refuse_default_secret()


def test_a_secret_of_ones_own_serves_everywhere():
    Settings(host="0.0.0.0", identity_secret=OWN_SECRET).refuse_default_secret()


WHATSAPP = {"whatsapp_token": "t", "whatsapp_phone_id": "1", "whatsapp_app_secret": "s", "whatsapp_verify_token": "v"}


@pytest.mark.parametrize("missing", WHATSAPP)
def test_whatsapp_is_set_up_whole_or_not_at_all(missing):
    Settings().refuse_half_a_whatsapp()
    Settings(**WHATSAPP).refuse_half_a_whatsapp()
    with pytest.raises(StartError, match=f"falta TRIAGEM_{missing.upper()}"):
        Settings(**{**WHATSAPP, missing: ""}).refuse_half_a_whatsapp()


@pytest.mark.parametrize("template", ["aviso", "aviso:", "Aviso:pt_BR", "aviso:portugues"])
def test_a_template_is_a_name_and_a_language(template):
    with pytest.raises(StartError, match="NOME:IDIOMA"):
        Settings(**WHATSAPP, whatsapp_template=template).refuse_half_a_whatsapp()
    Settings(**WHATSAPP, whatsapp_template="aviso_chamado:pt_BR").refuse_half_a_whatsapp()
