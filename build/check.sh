#!/usr/bin/env bash
# Holds the built folder to what lets it load into the official image. Each of
# these was broken once by the obvious way to build (docs: build/README.md).
#
# usage: check.sh OUT ARCH [TOOL-PREFIX]
set -euo pipefail
out=$1 arch=$2 cross=${3:-}
bad=0
fail() { echo "check: $*" >&2; bad=1; }

core=$out/libtidegate.so
kafka=$out/libtidegate-rdkafka.so

# glibc keeps about 1.6 KB of static TLS for libraries opened later, and the Go
# runtime's is static. A statically linked librdkafka would need 15 KB.
tls=$("${cross}readelf" -lW "$core" | awk '$1 == "TLS" { print $6 }')
[ $((${tls:-0})) -lt 64 ] || fail "libtidegate.so has a TLS segment of $((tls)) bytes; it must be under 64"

# An unprefixed name would be resolved by the host's own librdkafka.
for so in "$core" "$kafka"; do
    foreign=$("${cross}nm" -D --undefined-only "$so" | awk '$NF ~ /^rd_kafka_/' | wc -l)
    [ "$foreign" -eq 0 ] || fail "$(basename "$so") imports $foreign rd_kafka_* symbols under their own names"
done
imports=$("${cross}nm" -D --undefined-only "$core" | awk '$NF ~ /^tg_rd_kafka_/ { print $NF }' | sort)
[ -n "$imports" ] || fail "libtidegate.so imports no tg_rd_kafka_* symbol"
missing=$(comm -23 <(echo "$imports") <("${cross}nm" -D --defined-only "$kafka" | awk '{ print $NF }' | sort))
[ -z "$missing" ] || fail "libtidegate-rdkafka.so lacks $missing"
exported=$("${cross}nm" -D --defined-only "$kafka" | awk '$NF !~ /^tg_rd_kafka_/' | wc -l)
[ "$exported" -eq 0 ] || fail "libtidegate-rdkafka.so exports $exported symbols that are not tg_rd_kafka_*"

programs=("$out"/{in_kafka,out_kafka,out_loki,out_logtide}.so "$out/tidegate")
for program in "${programs[@]}"; do
    needed=$("${cross}readelf" -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^(libc|ld-linux-[a-z0-9-]+)\.so' || true)
    [ -z "$needed" ] || fail "$(basename "$program") needs $needed; it may need only glibc"
done

"${cross}readelf" -d "$core" | grep 'R.*PATH.*\[\$ORIGIN\]' >/dev/null || fail "libtidegate.so does not look for its library in its own folder"

# Debian 12 has glibc 2.36; the official image is at least as new.
for so in "$out"/*.so "$out/tidegate"; do
    newest=$("${cross}readelf" -V "$so" | grep -o 'GLIBC_2\.[0-9]*' | sort -uV | tail -n 1)
    [ "$(printf '%s\nGLIBC_2.36\n' "$newest" | sort -V | tail -n 1)" = GLIBC_2.36 ] ||
        fail "$(basename "$so") asks for $newest, which Debian 12 does not have"
done

# Kernels for arm64 have pages of 4, 16 or 64 KB. Of a library that is laid out
# for less than theirs nothing can be loaded.
case $arch in
amd64) machine=X86-64 page=0x1000 ;;
arm64) machine=AArch64 page=0x10000 ;;
esac
for so in "$out"/*.so "$out/tidegate"; do
    [ "$("${cross}readelf" -h "$so" | awk '/Machine:/ { print $NF }')" = $machine ] || fail "$(basename "$so") is not for $arch"
    least=$("${cross}readelf" -lW "$so" | awk '$1 == "LOAD" { print $NF }' | sort -V | head -n 1)
    [ $((least)) -ge $((page)) ] || fail "$(basename "$so") is laid out for pages of $((least)) bytes; it must be $((page))"
done

[ $bad -eq 0 ] || exit 1
echo "  CHECK    TLS $((${tls:-0})) bytes, $(echo "$imports" | wc -l) librdkafka imports, all renamed"
