#!/usr/bin/env bash
# Format, vet and lint of the product and of the tests' module.
set -euo pipefail
cd "$(dirname "$0")/.."
lint=github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

unformatted=$(gofmt -l common plugins build test)
[ -z "$unformatted" ] || { echo "gofmt these: $unformatted" >&2; exit 1; }
for module in . test; do
    (cd "$module" && go vet ./... && go run "$lint" run --config "$OLDPWD/.golangci.yml" ./...)
done
