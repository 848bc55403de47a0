#!/usr/bin/env bash
# Runs test/demo, which is in the tests' module.
set -euo pipefail
cd "$(dirname "$0")/../test"
exec go run ./demo
