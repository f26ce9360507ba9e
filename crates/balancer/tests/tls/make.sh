#!/bin/sh
# Makes the certificates that tests use, once: openssl is not needed to run the tests.
set -eu
cd "$(dirname "$0")"
days=36500
authority() { # file, name, what else
    file=$1 name=$2
    shift 2
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days $days \
        -subj "/CN=$name" -keyout "$file.key" -out "$file.pem" "$@" 2>/dev/null
}
leaf() { # name, subject, names, use
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" -keyout leaf.key -out leaf.csr 2>/dev/null
    printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=%s\nsubjectAltName=%s\n' "$4" "$3" > leaf.ext
    openssl x509 -req -in leaf.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days $days -extfile leaf.ext -out leaf.crt 2>/dev/null
    cat leaf.crt leaf.key > "$1.pem"
}
authority authority "Test Authority" -addext "keyUsage=critical,keyCertSign,cRLSign"
authority stranger "stranger.test"
cat stranger.key >> stranger.pem
leaf first "/CN=first.test/O=Lab" "DNS:first.test,DNS:localhost,IP:127.0.0.1" serverAuth
leaf second "/CN=second.test" "DNS:second.test" serverAuth
leaf wild "/CN=*.wild.test" "DNS:*.wild.test" serverAuth
leaf client "/C=DE/O=Lab/CN=visitor" "DNS:visitor.test" clientAuth
openssl req -x509 -newkey rsa:2048 -nodes -days $days -subj /CN=rsa.test -keyout rsa.key -out rsa.pem 2>/dev/null
cat rsa.key >> rsa.pem
# A certificate and the key of another one.
sed '/PRIVATE/,$d' first.pem > mixed.pem
sed -n '/PRIVATE/,$p' second.pem >> mixed.pem
mkdir -p folder
cp second.pem folder/a.pem
cp wild.pem folder/b.pem
rm -f leaf.* rsa.key stranger.key authority.key authority.srl
