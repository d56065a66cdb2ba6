#!/bin/sh
# exim and dovecot from Debian, for the tests that send mail through a real server and read it back. No daemon is started: the
# tests start their own, on loopback, with their own configuration.
set -eu
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
if have exim4 && have dovecot && [ -x /usr/lib/dovecot/lmtp ] && [ -x /usr/lib/dovecot/imap ]; then exit 0; fi
if command -v apt-get >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ]; then S=""; elif sudo -n true 2>/dev/null; then S="sudo"; else S=no; fi
  if [ "$S" != no ]; then
    echo "installing Debian's exim4 and dovecot ..." >&2
    # A machine that has none yet must not begin to take mail: policy-rc.d says so for as long as they are being installed.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf '#!/bin/sh\nexit 101\n' | $S tee /usr/sbin/policy-rc.d >/dev/null
      $S chmod 755 /usr/sbin/policy-rc.d
      trap '$S rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    $S apt-get update -qq && $S env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      exim4-daemon-light dovecot-imapd dovecot-lmtpd >/dev/null && exit 0
  fi
fi
msg="exim and dovecot not found and cannot be installed from here: install them; the tests on a real mail server are skipped"
if [ -n "${CI:-}" ]; then echo "error: $msg" >&2; exit 1; fi
echo "warning: $msg" >&2
