#!/usr/bin/env bash
# Names, and as root installs, the Debian packages that only the tests need.
set -euo pipefail

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need chromium chromium
need redis-server redis-server
need dovecot dovecot-imapd
[ -x /usr/lib/dovecot/lmtp ] || missing+=(dovecot-lmtpd)

[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "triagem: os testes precisam de: ${missing[*]} (Debian: apt-get install ${missing[*]})." >&2
  exit 1
fi
echo "triagem │ Instalando para os testes: ${missing[*]}…"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
