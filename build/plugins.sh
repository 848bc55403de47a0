#!/usr/bin/env bash
# Builds the plugin folder: four shims, the program tidegate, the Go core,
# librdkafka, plugins.conf.
# Nothing is needed but Go and a C compiler with binutils.
#
# usage: [TAGS=faults] plugins.sh OUT WORK ARCH VERSION [TOOL-PREFIX]
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1" "$2/options"
out=$(cd "$1" && pwd) work=$(cd "$2" && pwd) arch=$3 version=$4 cross=${5:-}

packages=${cross:+gcc-${cross%-} libc6-dev-$arch-cross}
for tool in gcc nm objcopy readelf; do
    command -v "$cross$tool" >/dev/null ||
        { echo "plugins.sh: $cross$tool is missing; on Debian: apt-get install ${packages:-gcc binutils}" >&2; exit 1; }
done

build/rdkafka.sh "$out" "$work" "$arch" "$cross"

# The option tables live in Go; this program runs here, so it is built for
# this machine, with confluent-kafka-go's ordinary static librdkafka.
env -u CGO_CFLAGS -u PKG_CONFIG -u GOOS -u GOARCH go run ./build/optiontables headers "$work/options"

for plugin in in_kafka out_kafka out_loki out_logtide; do
    case $plugin in in_*) kind=INPUT ;; *) kind=OUTPUT ;; esac
    echo "  SHIM     $plugin.so"
    "${cross}gcc" -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden \
        -DTIDEGATE_$kind -DTIDEGATE_OPTIONS_HEADER="\"$work/options/$plugin.h\"" \
        -Wl,-soname,$plugin.so -Wl,-z,relro -Wl,-z,now -s \
        -o "$out/$plugin.so" plugins/shim/shim.c plugins/shim/coroutine.c -ldl -lpthread
done

echo "  PROGRAM  tidegate"
"${cross}gcc" -std=gnu11 -O2 -Wall -Wextra -Werror -fPIE -pie -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
    -Wl,-z,relro -Wl,-z,now -s -o "$out/tidegate" plugins/shim/tidegate.c -ldl

echo "  GO       libtidegate.so"
# -include puts the renamed symbols under confluent-kafka-go's and our own
# calls alike; the build tag makes it ask pkg-config, which is ours.
env GOOS=linux GOARCH="$arch" CGO_ENABLED=1 CC="${cross}gcc" PKG_CONFIG="$work/pkg-config" \
    CGO_CFLAGS="-O2 -g -I$work/include -include $work/rename.h" \
    go build -tags "dynamic${TAGS:+,$TAGS}" -buildmode=c-shared -trimpath \
    -ldflags "-s -w -X main.version=$version -extldflags '-Wl,-rpath,\$ORIGIN -Wl,-soname,libtidegate.so -Wl,--unresolved-symbols=report-all'" \
    -o "$out/libtidegate.so" ./plugins/core
rm -f "$out/libtidegate.h"

install -m 644 conf/plugins.conf "$out/plugins.conf"
build/check.sh "$out" "$arch" "$cross"
