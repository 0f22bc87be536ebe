#!/bin/sh
# `issue make` makes key and certificate and prints the fingerprint; `issue good` tells whether those that are there will do.
# FROM own|ca|given, NAME, ADDRESS, NAMES, DAYS, RENEW (seconds), GROUP; with FROM=ca the authority's key in CA_KEY.
set -eu
umask 077
cd /etc/halligan-tls

wanted() {
  printf 'DNS:%s' "$NAME"
  for name in $NAMES; do [ "$name" = "$NAME" ] || printf ',DNS:%s' "$name"; done
  case $ADDRESS in
    *:* | *[0-9].*[0-9]) case $ADDRESS in *[!0-9a-fA-F.:]*) printf ',DNS:%s' "$ADDRESS" ;; *) printf ',IP:%s' "$ADDRESS" ;; esac ;;
    *) [ "$ADDRESS" = "$NAME" ] || printf ',DNS:%s' "$ADDRESS" ;;
  esac
}

fingerprint() {
  openssl x509 -in cert.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g'
}

good() {
  test -s cert.pem && test -s key.pem || return 1
  test "$(openssl x509 -in cert.pem -noout -pubkey)" = "$(openssl pkey -in key.pem -pubout 2>/dev/null)" || return 1
  test "$(stat -c %G key.pem)" = "$GROUP" || return 1
  [ "$FROM" != given ] || return 0
  openssl x509 -in cert.pem -noout -checkend "$RENEW" >/dev/null || return 1
  test -s ca.pem && openssl verify -CAfile ca.pem cert.pem >/dev/null 2>&1 || return 1
  test "$(cat names 2>/dev/null)" = "$(wanted)"
}

make() {
  if [ "$FROM" = given ]; then
    good || { echo "the given key does not belong to the given certificate" >&2; exit 1; }
    fingerprint
    return
  fi
  work=$(mktemp -d /dev/shm/halligan-tls.XXXXXX 2>/dev/null || mktemp -d)
  trap 'rm -rf "$work"' EXIT
  key=$work/ca.key
  if [ "$FROM" = own ]; then
    if ! test -s ca.key || ! openssl x509 -in ca.pem -noout -checkend "$((RENEW + DAYS * 86400))" >/dev/null 2>&1; then
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem.new -days 7300 -subj "/CN=Authority of $NAME" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
      mv -f ca.pem.new ca.pem
    fi
    key=ca.key
  else
    printf '%s\n' "$CA_KEY" >"$key"
  fi
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem.new -out "$work/request" -subj "/CN=$NAME" 2>/dev/null
  printf 'subjectAltName=%s\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n' "$(wanted)" >"$work/extensions"
  openssl x509 -req -in "$work/request" -CA ca.pem -CAkey "$key" -set_serial "0x$(openssl rand -hex 16)" -days "$DAYS" -extfile "$work/extensions" -out cert.pem.new 2>"$work/why" ||
    { cat "$work/why" >&2; exit 1; }
  chgrp "$GROUP" key.pem.new
  chmod 640 key.pem.new
  chmod 644 cert.pem.new ca.pem
  mv -f key.pem.new key.pem
  mv -f cert.pem.new cert.pem
  wanted >names
  fingerprint
}

case $1 in
  make) make ;;
  good) good ;;
  *) exit 2 ;;
esac
