// Command demo runs the main job on one machine: Kafka to labelled logs in
// Loki, through the pipeline in conf/, with the built plugins in a real agent.
//
// Without KAFKA and LOKI it brings librdkafka's mock broker and a small
// receiver that speaks Loki's push protocol. It exits with 0 only if every
// record that it produced has arrived, with its labels, and Kafka knows it.
package main

import (
	"cmp"
	"fmt"
	"os"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// arriveWithin bounds the whole run of the pipeline.
const arriveWithin = 60 * time.Second

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
	agentBinary := hosts[0]

	kafka, err := openKafka(os.Getenv("KAFKA"))
	if err != nil {
		return err
	}
	defer kafka.close()
	loki, err := openLoki(os.Getenv("LOKI"), start)
	if err != nil {
		return err
	}
	defer loki.close()

	fmt.Printf("agent   %s\nkafka   %s\nloki    %s\n", agentBinary.Name, kafka.describe, loki.describe())

	logs := sampleLogs(kafka.suffix)
	if err := kafka.produce(logs); err != nil {
		return err
	}
	fmt.Printf("\nproduced %d messages to %v\n", len(logs), kafka.topics())

	agent, err := startAgent(agentBinary, map[string]string{
		"KAFKA_BROKERS": kafka.brokers,
		"KAFKA_TOPICS":  kafka.topicList(),
		"KAFKA_GROUP":   kafka.group,
		"LOKI_URL":      loki.url(),
	})
	if err != nil {
		return err
	}
	defer agent.cleanUp(&err)

	arrived, err := await(agent, loki, logs)
	if err != nil {
		return err
	}
	printStreams(arrived)
	printLines(arrived)

	if err := agent.stop(); err != nil {
		return err
	}
	if err := printCommitted(kafka); err != nil {
		return err
	}
	fmt.Printf("\nall %d records arrived once, with their labels, in %s\n", len(logs), time.Since(start).Round(100*time.Millisecond))
	return nil
}

// await polls Loki until it has what was produced, or the time is over.
func await(agent *agent, loki lokiServer, logs []sampleLog) ([]entry, error) {
	deadline := time.Now().Add(arriveWithin)
	for {
		arrived, err := loki.entries()
		if err == nil {
			err = compare(logs, arrived)
		}
		if err == nil {
			return arrived, nil
		}
		if agent.exited() {
			return nil, fmt.Errorf("the agent ended early (%w)", err)
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("not everything arrived within %s: %w", arriveWithin, err)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// compare holds that each record is there once and under its labels.
func compare(logs []sampleLog, arrived []entry) error {
	missing := map[string]int{}
	for _, l := range logs {
		missing[l.labels+" "+l.value]++
	}
	for _, e := range arrived {
		missing[e.labels+" "+e.line]--
	}
	lost, extra, example := 0, 0, ""
	for what, n := range missing {
		if n != 0 && (example == "" || what < example) {
			example = what
		}
		lost += max(n, 0)
		extra += max(-n, 0)
	}
	if lost+extra > 0 {
		return fmt.Errorf("%d of %d records are missing and %d were not expected, such as %s", lost, len(logs), extra, example)
	}
	return nil
}

// entry is one log line in Loki.
type entry struct {
	time   int64 // Unix nanoseconds
	labels string
	line   string
}

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.labels, b.labels), cmp.Compare(a.time, b.time))
}
