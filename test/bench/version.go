package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// versions are what was measured.
type versions struct {
	Host       string `json:"host"`
	Kafka      string `json:"kafka"`
	Loki       string `json:"loki"`
	Tidegate   string `json:"tidegate"`
	Librdkafka string `json:"librdkafka"` // in our plugins and in this program
}

func findVersions(host harness.HostBinary) versions {
	v := versions{Host: host.Name, Kafka: "?", Loki: "?", Tidegate: "?"}
	_, v.Librdkafka = kafka.LibraryVersion()
	root, err := harness.Root()
	if err != nil {
		return v
	}
	v.Kafka = pinned(filepath.Join(root, "test", "kafka", "pom.xml"), `<kafka\.version>([^<]+)<`)
	v.Loki = pinned(filepath.Join(root, "test", "loki", "go.mod"), `grafana/loki/v3 v(\S+)`)
	if out, err := exec.Command("git", "-C", root, "describe", "--always", "--dirty").Output(); err == nil {
		v.Tidegate = strings.TrimSpace(string(out))
	}
	return v
}

// pinned reads a version from the file that decides it.
func pinned(path, expression string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "?"
	}
	if found := regexp.MustCompile(expression).FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return "?"
}
