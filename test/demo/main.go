// Command demo shows all four plugins in one agent: log files to Kafka, and from
// there to Loki and LogTide, through a pipeline of conf/ with the built plugins.
//
// Without KAFKA, LOKI and LOGTIDE it brings librdkafka's mock broker, a small
// receiver that speaks Loki's push protocol and one that holds LogTide's rules.
// LOGTIDE needs LOGTIDE_API_KEY, and what arrives there is not checked. It exits
// with 0 only if every line that it wrote is once in Kafka, once in Loki under its
// labels and once at LogTide, and both groups have committed it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/test/harness"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

func run() (err error) {
	start := time.Now()
	hosts, err := harness.Hosts()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tidegate-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	logs := sampleLogs()
	s, err := openServers(logs, !hosts[0].FluentBit)
	defer s.close()
	if err != nil {
		return err
	}
	source := openSource(hosts[0], s.kafka, dir)
	s.printHead(hosts[0], source)

	if err := s.runAgent(hosts[0], source, dir, logs); err != nil {
		return err
	}
	// Once more: what the agent sent again while it stopped would be there twice.
	if err := s.arrived(logs); err != nil {
		return err
	}
	if err := s.kafka.check(logs); err != nil {
		return err
	}
	if err := printLoki(s.loki); err != nil {
		return err
	}
	s.logTide.print()
	if err := s.kafka.printCommitted(); err != nil {
		return err
	}
	where := "in Kafka once, in Loki once under its labels, in LogTide once"
	if !s.logTide.checked() {
		where = "in Kafka once and in Loki once under its labels; LogTide was not asked"
	}
	fmt.Printf("\nall %d records arrived, each %s (%s)\n", len(logs), where, time.Since(start).Round(100*time.Millisecond))
	return nil
}

// runAgent writes the sample, half of it before the agent starts and half while it
// runs, and stops the agent once all has arrived.
func (s *servers) runAgent(host harness.HostBinary, from source, dir string, logs []sampleLog) (err error) {
	config, err := from.config()
	if err != nil {
		return err
	}
	half := len(logs) / 2
	if err := from.write(logs[:half]); err != nil {
		return err
	}
	agent, err := startAgent(host, config, s.environment(dir))
	if err != nil {
		return err
	}
	defer agent.cleanUp(&err)
	if err := await(agent, func() error { return s.begun(half) }); err != nil {
		return err
	}
	if err := from.write(logs[half:]); err != nil {
		return err
	}
	fmt.Printf("\nwritten: %d lines before the agent started, %d while it ran\n", half, len(logs)-half)
	if err := await(agent, func() error {
		if err := s.trouble(agent); err != nil {
			return err
		}
		return s.arrived(logs)
	}); err != nil {
		return err
	}
	if err := agent.stop(); err != nil {
		return err
	}
	return s.trouble(agent)
}

// trouble is what the agent says of a LogTide that is not asked. Without it the demo would
// wait in vain: nothing is committed that was not delivered.
func (s *servers) trouble(a *agent) error {
	if s.logTide.checked() {
		return nil
	}
	text, err := os.ReadFile(a.log)
	if err != nil {
		return err
	}
	return s.logTide.trouble(string(text))
}

// servers are what the agent talks to.
type servers struct {
	kafka   *kafkaServer
	loki    lokiServer
	logTide *logTideServer
}

// openServers gives what it could open also with an error.
func openServers(logs []sampleLog, standIn bool) (s *servers, err error) {
	s = &servers{}
	if s.logTide, err = openLogTide(os.Getenv("LOGTIDE"), os.Getenv("LOGTIDE_API_KEY")); err != nil {
		return s, err
	}
	if s.loki, err = openLoki(os.Getenv("LOKI"), logs); err != nil {
		return s, err
	}
	s.kafka, err = openKafka(os.Getenv("KAFKA"), standIn)
	return s, err
}

func (s *servers) close() {
	if s.kafka != nil {
		s.kafka.close()
	}
	if s.loki != nil {
		s.loki.close()
	}
	if s.logTide != nil {
		s.logTide.close()
	}
}

func (s *servers) environment(dir string) map[string]string {
	return map[string]string{
		"LOG_FILES": filepath.Join(dir, "*.log"), "STATE_DIR": filepath.Join(dir, "state"),
		"KAFKA_BROKERS": s.kafka.brokers, "KAFKA_TOPIC": s.kafka.topic(), "KAFKA_GROUP": s.kafka.group,
		"LOKI_URL": s.loki.url(), "LOGTIDE_URL": s.logTide.url, "LOGTIDE_API_KEY": s.logTide.key,
	}
}

// begun holds that the agent has brought the first lines to Kafka.
func (s *servers) begun(count int) error {
	ends, err := s.kafka.ends()
	if err != nil {
		return err
	}
	total := int64(0)
	for _, end := range ends {
		total += end
	}
	if total < int64(count) {
		return fmt.Errorf("%d of %d messages are in Kafka", total, count)
	}
	return nil
}

func (s *servers) arrived(logs []sampleLog) error {
	if err := lokiArrived(s.loki, logs); err != nil {
		return err
	}
	if s.logTide.checked() {
		return s.logTide.arrived(logs)
	}
	return s.kafka.taken("logtide", len(logs))
}

func (s *servers) printHead(host harness.HostBinary, from source) {
	way := "  " + from.way() + " ──> tidegate_kafka ──> Kafka "
	fmt.Printf("all four plugins in one agent: %s\n\n", pipeline)
	fmt.Printf("%s┬── tidegate_kafka ──> tidegate_loki ─────> Loki\n", way)
	fmt.Printf("%*s└── tidegate_kafka ──> tidegate_logtide ──> LogTide\n\n", utf8.RuneCountInString(way), "")
	fmt.Printf("agent    %s\nfiles    %s\nkafka    %s\nloki     %s\nlogtide  %s\n",
		host.Name, from.describe(), s.kafka.describe, s.loki.describe(), s.logTide.describe())
}
