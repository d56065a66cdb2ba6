#!/bin/sh
# nginx, Apache, exim, dovecot and rsync from Debian, for the tests that try us on real servers. No daemon is started: the tests start their
# own, on loopback, with their own configuration.
set -eu
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/usr/local/sbin/$1" ]; }
missing() {
  have nginx || echo nginx-light
  have apache2 || echo apache2
  have exim4 || echo exim4-daemon-light
  have rsync || echo rsync
  have /usr/lib/dovecot/imap || echo dovecot-imapd
  have /usr/lib/dovecot/lmtp || echo dovecot-lmtpd
}
need=$(missing)
[ -n "$need" ] || exit 0
if command -v apt-get >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ]; then S=""; elif sudo -n true 2>/dev/null; then S="sudo"; else S=no; fi
  if [ "$S" != no ]; then
    echo "installing Debian's" $need "..." >&2
    # A machine that has none yet must not begin to serve: policy-rc.d says so for as long as they are being installed.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf '#!/bin/sh\nexit 101\n' | $S tee /usr/sbin/policy-rc.d >/dev/null
      $S chmod 755 /usr/sbin/policy-rc.d
      trap '$S rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    # shellcheck disable=SC2086 # each word is a package
    $S apt-get update -qq && $S env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need >/dev/null || :
    need=$(missing)
    [ -n "$need" ] || exit 0
  fi
fi
msg="$(echo $need) not found and cannot be installed from here: install them; the tests on real servers are skipped"
if [ -n "${CI:-}" ]; then echo "error: $msg" >&2; exit 1; fi
echo "warning: $msg" >&2
