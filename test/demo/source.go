package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidegate/tidegate/test/harness"
)

// source is where the agent reads the sample from: files, or where the host has
// no tail a topic that stands for them.
type source interface {
	// config is the configuration to run.
	config() (string, error)
	describe() string
	way() string // what comes before the Kafka output
	write(logs []sampleLog) error
}

// openSource gives what the host can read. Files, and a changed configuration, go to dir.
func openSource(host harness.HostBinary, k *kafkaServer, dir string) source {
	if host.FluentBit {
		return files{dir}
	}
	return &standIn{kafka: k, dir: dir}
}

// files are log files in a folder.
type files struct{ dir string }

func (f files) config() (string, error) {
	root, err := harness.Root()
	return filepath.Join(root, pipeline), err
}

func (f files) describe() string {
	return fmt.Sprintf("%s and %s in %s", appFile, iotFile, f.dir)
}

func (f files) way() string { return "files ── tail" }

// write appends to the files, as a program that logs does.
func (f files) write(logs []sampleLog) error {
	text := map[string][]byte{}
	for _, l := range logs {
		text[l.file] = fmt.Appendln(text[l.file], l.line)
	}
	for name, lines := range text {
		file, err := os.OpenFile(filepath.Join(f.dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		_, err = file.Write(lines)
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// standIn is a topic with records such as tail makes of lines, and the pipeline
// with a Kafka input on it in the place of tail.
type standIn struct {
	kafka *kafkaServer
	dir   string
}

// tailSection is how the section to replace begins; it ends with an empty line.
const tailSection = "[INPUT]\n    name             tail\n"

const standInSection = `[INPUT]
    name             tidegate_kafka
    alias            for-tail
    tag              files
    brokers          ${KAFKA_BROKERS}
    topics           %s
    group_id         ${KAFKA_GROUP}-lines
    ack_from         tidegate_kafka
`

func (s *standIn) config() (string, error) {
	root, err := harness.Root()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, pipeline))
	if err != nil {
		return "", err
	}
	before, rest, found := strings.Cut(string(text), tailSection)
	_, after, ends := strings.Cut(rest, "\n\n")
	if !found || !ends {
		return "", fmt.Errorf("looking for the section of tail in %s: it is not there", pipeline)
	}
	path := filepath.Join(s.dir, "stand-in.conf")
	changed := before + fmt.Sprintf(standInSection, s.kafka.lines()) + "\n" + after
	return path, os.WriteFile(path, []byte(changed), 0o644)
}

func (s *standIn) describe() string {
	return "none, because this stand-in for Fluent Bit has no tail: the demo itself sends the lines to\n" +
		"         topic " + s.kafka.lines() + ", and in the place of tail one more tidegate_kafka input reads them"
}

func (s *standIn) way() string { return "topic ── tidegate_kafka" }

func (s *standIn) write(logs []sampleLog) error { return s.kafka.produce(logs) }
