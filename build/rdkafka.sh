#!/usr/bin/env bash
# Makes libtidegate-rdkafka.so: the librdkafka that confluent-kafka-go carries,
# under names of its own.
#
# The fluent-bit executable exports a librdkafka too. A plugin that asks the
# dynamic linker for rd_kafka_new gets that one, so every global rd_kafka_*
# symbol of ours is renamed to tg_rd_kafka_* (docs: build/README.md).
#
# usage: rdkafka.sh OUT WORK ARCH [TOOL-PREFIX]
#   OUT   gets libtidegate-rdkafka.so
#   WORK  gets include/rdkafka.h, rename.h and pkg-config for the Go build
#   ARCH  is amd64 or arm64; TOOL-PREFIX is a cross compiler's, such as
#         aarch64-linux-gnu-
set -euo pipefail
out=$1 work=$2 arch=$3 cross=${4:-}

client=github.com/confluentinc/confluent-kafka-go/v2
version=$(go list -m -f '{{.Version}}' $client)
module=$(go list -m -f '{{.Dir}}' $client)
if [ -z "$module" ]; then
    echo "  FETCH    confluent-kafka-go $version"
    go mod download $client
    module=$(go list -m -f '{{.Dir}}' $client)
fi
vendor=$module/kafka/librdkafka_vendor
archive=$vendor/librdkafka_glibc_linux_$arch.a
[ -f "$archive" ] || { echo "rdkafka.sh: confluent-kafka-go $version has no librdkafka for $arch" >&2; exit 1; }

mkdir -p "$out" "$work/include/librdkafka"
stamp="$version $arch $(sha256sum "$0" | cut -c1-16)"
if [ -f "$out/libtidegate-rdkafka.so" ] && [ "$(cat "$work/rdkafka.stamp" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi
echo "  RDKAFKA  libtidegate-rdkafka.so (librdkafka of confluent-kafka-go $version, symbols renamed)"

install -m 644 "$vendor/rdkafka.h" "$vendor/rdkafka_mock.h" "$work/include/librdkafka/"

"${cross}nm" --defined-only --extern-only "$archive" 2>/dev/null |
    awk 'NF == 3 && $3 ~ /^rd_kafka_/ { print $3 }' | sort -u >"$work/symbols"
# objcopy and the C preprocessor rename from the same list, so what the Go
# core imports is what the library exports. Functions only declared in the
# header (there are none today) would show up in build/check.sh.
sed 's/.*/& tg_&/' "$work/symbols" >"$work/redefine"
sed 's/.*/#define & tg_&/' "$work/symbols" >"$work/rename.h"

"${cross}objcopy" --redefine-syms="$work/redefine" "$archive" "$work/librdkafka.a"
printf '{ global: tg_rd_kafka_*; local: *; };\n' >"$work/exports.map"
"${cross}gcc" -shared -o "$out/libtidegate-rdkafka.so" \
    -Wl,-soname,libtidegate-rdkafka.so -Wl,-Bsymbolic -Wl,-z,relro -Wl,-z,now \
    -Wl,--version-script="$work/exports.map" -Wl,--strip-debug \
    -Wl,--whole-archive "$work/librdkafka.a" -Wl,--no-whole-archive \
    -lm -ldl -lpthread -lrt
rm -f "$work/librdkafka.a"

# confluent-kafka-go's build tag "dynamic" asks pkg-config for rdkafka; this
# stands in for it, so that building needs no pkg-config.
cat >"$work/pkg-config" <<SH
#!/bin/sh
case " \$* " in
*" --cflags "*) echo "-I$work/include" ;;
*" --libs "*) echo "-L$out -ltidegate-rdkafka" ;;
*" --modversion "*) echo "${version#v}" ;;
esac
SH
chmod +x "$work/pkg-config"
echo "$stamp" >"$work/rdkafka.stamp"
