#!/bin/sh
# Runs every test there is and ends with what ran, where, and what was skipped and why.
# make test builds the plugins and calls this; FLUENT_BIT, TIDEGATE_HOST, TIDEGATE_PLUGINS
# and TIDEGATE_CACHE are read by the harness.
set -u
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
(cd test && go build -o "$work/summary" ./summary) || exit 1

# The race detector needs cgo, and is not there for every system.
race=
if [ "$(go env CGO_ENABLED)" = 1 ] && go build -race errors 2>/dev/null; then
	race=-race
else
	echo "no race detector here: unit tests run without it" >&2
fi

# stage DIRECTORY ARGUMENTS...: one go test; its exit code becomes a line of the stream,
# because the pipe below has room for one exit code only.
stage() {
	dir=$1
	shift
	code=0
	(cd "$dir" && go test -json "$@") || code=$?
	printf '{"Action":"stage","Package":"%s","Code":%d}\n' "$dir" "$code"
}

{
	stage . $race -timeout 10m ./...
	# One package after the other: each starts servers, and measures nothing but patience.
	stage test -count=1 -p 1 -parallel 6 -timeout 40m ./summary/... ./logtide/... ./manifests/... ./abi/... ./harness/... ./bench/... ./golden/... ./fault/... ./limits/... ./e2e/...
} | "$work/summary"
