# `make help` is the table of contents.

SHELL   := /bin/bash
VERSION := 0.1.0
ARCH    := $(shell go env GOARCH)

# Cross builds use Debian's gcc-aarch64-linux-gnu.
ifneq ($(ARCH),$(shell go env GOHOSTARCH))
  cross_arm64 := aarch64-linux-gnu-
  cross_amd64 := x86_64-linux-gnu-
  CROSS  := $(cross_$(ARCH))
  SUFFIX := -$(ARCH)
endif

OUT  := build/out$(SUFFIX)
WORK := build/work$(SUFFIX)

# What the plugin folder is made from.
SOURCES := $(shell find plugins common build/*.sh build/optiontables conf/plugins.conf -type f ! -name '*_test.go' ! -path '*/testdata/*') go.mod go.sum Makefile
STAMP   := $(WORK)/built

.DEFAULT_GOAL := help
.PHONY: help build test unit check docs bench microbench soak demo clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(STAMP) ## build the plugin folder build/out (ARCH=arm64: build/out-arm64)
	@echo "$(OUT) is up to date"

$(STAMP): $(SOURCES)
	@TAGS=$(TAGS) build/plugins.sh $(OUT) $(WORK) $(ARCH) $(VERSION) $(CROSS)
	@touch $@

demo: build ## files to Kafka to Loki and LogTide, on a mock broker and small receivers (KAFKA=… LOKI=… LOGTIDE=… for real ones)
	@build/demo.sh

test: build ## unit, ABI and end-to-end tests on real Kafka and Loki
	@test/run.sh

unit: ## unit tests with the race detector
	go test -race ./...

docs: ## write the tables of options into the plugins' READMEs
	go run ./build/optiontables docs

check: ## format, vet, lint, generated files up to date, unit tests with the race detector
	@build/lint.sh
	go run ./build/optiontables docs -check
	go test -race ./...

bench: build ## whole agents on a real Fluent Bit, ours beside the built-in (BENCH=-short; more in test/bench)
	cd test && go run ./bench $(BENCH)

microbench: ## the hot paths alone, beside what a user would pick instead
	go test -run '^$$' -bench . -benchmem ./common/... ./plugins/...

soak: build ## the long forms of the fault tests, hours (TIDEGATE_SOAK_TIME=5m for the soak itself)
	cd test && TIDEGATE_SOAK=1 go test -count=1 -timeout 6h -v ./fault/scenarios/
	cd test && TIDEGATE_SOAK=1 go test -count=1 -timeout 1h -v -run 'Reload|Grace' ./e2e/

clean: ## remove what was built here (not the caches)
	rm -rf build/out build/out-* build/work build/work-* build/bin
