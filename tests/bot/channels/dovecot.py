"""A private Dovecot: takes mail by LMTP and gives it by IMAP, on loopback, in a folder of its own."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.stack import free_ports

_PROGRAM, _LMTP = Path("/usr/sbin/dovecot"), Path("/usr/lib/dovecot/lmtp")
PASSWORD = "senha-da-caixa"
USER = "suporte"
DOMAIN = "desk.example"

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail/%n
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain login
auth_username_format = %Ln
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
lmtp_rcpt_check_quota = no
mail_fsync = never
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%n allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  chroot =
  unix_listener stats-writer {{
    user = {user}
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


class Dovecot:
    """Every user exists. Root lends it another user, since mail must not be root's."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="triagem-dc-"))
        self.imap_port, self.lmtp_port = free_ports(2)

    def __enter__(self) -> Dovecot:
        if not (_PROGRAM.exists() and _LMTP.exists()):
            pytest.fail("Dovecot is not on this machine; Debian's packages dovecot-imapd and dovecot-lmtpd give it")
        self._configure()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        command = [str(_PROGRAM), "-F", "-c", str(self.folder / "dovecot.conf")]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        end = time.monotonic() + 20
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"Dovecot did not start:\n{self._log()}")
            time.sleep(0.05)

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait()

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.imap_port}/INBOX"

    def deliver(self, message: EmailMessage | bytes, to: str = f"{USER}@{DOMAIN}", sender: str = "") -> None:
        """As a mail server does that took the message for us."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as lmtp:
            lmtp.sendmail(sender, [to], raw)

    def count(self, folder: str = "INBOX") -> int:
        """How many messages lie in a folder; 0 when it does not exist."""
        with self._client() as client:
            kind, data = client.select(folder, readonly=True)
            return int(data[0] or 0) if kind == "OK" else 0

    def exists(self, folder: str) -> bool:
        with self._client() as client:
            return client.select(folder, readonly=True)[0] == "OK"

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10)
        client.login(USER, PASSWORD)
        return client

    def _configure(self) -> None:
        (self.folder / "mail").mkdir()
        user = _ordinary_user()
        if os.geteuid() == 0:
            shutil.chown(self.folder, user)
            shutil.chown(self.folder / "mail", user)
        group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
        text = _CONFIGURATION.format(
            folder=self.folder, user=user, group=group, password=PASSWORD, imap=self.imap_port, lmtp=self.lmtp_port
        )
        (self.folder / "dovecot.conf").write_text(text)

    def _answers(self) -> bool:
        try:
            self._client().logout()
            with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=5):
                return True
        except (OSError, imaplib.IMAP4.error, smtplib.SMTPException):
            return False

    def _log(self) -> str:
        log = self.folder / "dovecot.log"
        return log.read_text()[-3000:] if log.exists() else "no log"


def _ordinary_user() -> str:
    """Ourselves, unless we are root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("dovecot", "mail", "nobody") if name in names)
