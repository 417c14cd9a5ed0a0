#!/bin/sh
# certificate.sh DIRECTORY HOST: makes a self-signed certificate where the bureau's own is missing.
set -eu
directory=$1
host=$2

if [ -s "$directory/site.crt" ] && [ -s "$directory/site.key" ]; then
  echo "certificate: the one in place is kept"
  exit 0
fi
umask 077
case "$host" in
  *[!0-9.]*) name="DNS:$host" ;;
  *) name="IP:$host" ;;
esac
openssl req -x509 -newkey rsa:3072 -sha256 -nodes -days 825 \
  -subj "/CN=$host" -addext "subjectAltName=$name" \
  -keyout "$directory/site.key.new" -out "$directory/site.crt.new" 2>/dev/null
mv "$directory/site.key.new" "$directory/site.key"
mv "$directory/site.crt.new" "$directory/site.crt"
echo "certificate: made a self-signed one for $host"
