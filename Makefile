# The one door: make build | run | test | bench | soak. Each builds what it needs first.
SHELL := /bin/bash
GO ?= go
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo development)
LDFLAGS := -s -w -X adamas.example/internal/app.Version=$(VERSION)

.PHONY: build web run test bench soak prepare vet cross deb clean

build: web
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/adamas ./cmd/adamas

# What the pages are made of: npm builds it into internal/web/dist, which the program embeds.
web:
	@if ! [ web/node_modules/.package-lock.json -nt web/package-lock.json ]; then cd web && npm ci --no-audit --no-fund --loglevel=error; fi
	cd web && GO='$(GO)' npm run --silent build

# The demonstration: written once into var/demo, then served. Another folder: make run DIR=...
DIR ?= var/demo
LISTEN ?= 127.0.0.1:8080
run: build
	./bin/adamas demo --dir $(DIR) --listen $(LISTEN)

# Everything the suite needs is installed here, never assumed; outside judges are then required.
prepare:
	./.ci/prepare

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'gofmt would change:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...

# The program is static on all three: no cgo anywhere.
cross:
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build -o /dev/null ./cmd/adamas
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) build -o /dev/null ./cmd/adamas

# A Debian package in bin/, made without root.
DEB_ARCH ?= $(shell dpkg --print-architecture 2>/dev/null || echo amd64)
deb: build
	packaging/deb/build bin/adamas '$(VERSION)' $(DEB_ARCH) bin/adamas_$(DEB_ARCH).deb

test: prepare build vet cross
	ADAMAS_REQUIRE_JUDGES=1 $(GO) test -vet=off -timeout 20m ./... # vet has run already

bench: build
	$(GO) run ./bench

# The long trials; docs/soak.md holds the last result with its command and date.
soak: prepare build
	ADAMAS_SOAK=1 ADAMAS_REQUIRE_JUDGES=1 $(GO) test -timeout 120m -count=1 -v -run 'Soak|Crash|Kill|Mutants' ./...

clean:
	rm -rf bin var
