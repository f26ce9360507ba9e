#!/bin/sh
# Makes an authority that has revoked one of its certificates, one that is too old and a chain, once: openssl is not
# needed to run the tests.
set -eu
cd "$(dirname "$0")"
mkdir -p revoked
cd revoked
days=36500
key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "$@" 2>/dev/null; }
key -x509 -days $days -subj "/CN=Revoking Authority" -keyout ca.key -out ca.pem \
    -addext "keyUsage=critical,keyCertSign,cRLSign"
cat > ca.cnf <<CONF
[ca]
default_ca = it
[it]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
serial = serial
crlnumber = crlnumber
default_md = sha256
policy = any
[any]
commonName = supplied
CONF
: > index.txt
echo 1000 > serial
echo 1000 > crlnumber
leaf() { # file, issuer, extensions, what else
    file=$1 issuer=$2
    printf 'subjectAltName=DNS:%s.test\n%s\n' "$file" "$3" > leaf.ext
    shift 3
    key -subj "/CN=$file.test" -keyout leaf.key -out leaf.csr
    openssl ca -config ca.cnf -batch -notext -cert "$issuer.pem" -keyfile "$issuer.key" -extfile leaf.ext \
        -in leaf.csr -out leaf.crt "$@" 2>/dev/null
    cat leaf.crt leaf.key > "$file.pem"
}
leaf taken ca basicConstraints=CA:FALSE -days $days
leaf kept ca basicConstraints=CA:FALSE -days $days
leaf old ca basicConstraints=CA:FALSE -startdate 20000101000000Z -enddate 20100101000000Z
leaf middle ca "basicConstraints=CA:TRUE
keyUsage=keyCertSign,cRLSign" -days $days
cp leaf.key middle.key
leaf below middle basicConstraints=CA:FALSE -days $days
openssl x509 -in middle.pem >> below.pem
openssl ca -config ca.cnf -revoke taken.pem 2>/dev/null
openssl ca -config ca.cnf -gencrl -crldays $days -out crl.pem 2>/dev/null
openssl ca -config ca.cnf -gencrl -crlsec 1 -out old-crl.pem 2>/dev/null
rm -f ca.key ca.cnf index.txt* serial* crlnumber* leaf.* middle.key [0-9]*.pem
