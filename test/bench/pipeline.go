package main

import (
	"fmt"
	"net/url"
	"strings"
)

// pipeline is what a configuration needs to know. Each run fills in what its pairing
// has.
type pipeline struct {
	pairing pairing
	side    side

	brokers, topic, group string // to read from
	file                  string
	outBrokers, outTopic  string
	loki                  *url.URL
	httpPort              int // of the agent, for its own metrics
	parsers, plugins      string
}

// config is the whole configuration file. Both sides have the same engine settings.
func (p pipeline) config() string {
	service := `[SERVICE]
    flush            0.2
    grace            5
    log_level        info
    scheduler.cap    30
    parsers_file     ` + p.parsers + "\n"
	if p.pairing.to == nowhere {
		service += fmt.Sprintf("    http_server      on\n    http_listen      127.0.0.1\n    http_port        %d\n", p.httpPort)
	}
	if p.side == ours {
		service += "    plugins_file     " + p.plugins + "/plugins.conf\n"
	}
	return service + "\n" + p.stages()
}

// stages are the sections that differ: the report shows them.
func (p pipeline) stages() string {
	return p.input() + "\n" + p.output()
}

// memBufLimit bounds what an input may hold. All that is there is pushed at once by the
// built-in Loki output: with 64M, thirty large pushes share Loki's CPU until its ingester
// takes longer than the 5 s that it has for one. The null output takes all at once: there
// a limit that is met would measure the pauses, of up to a second each, on either side.
func (p pipeline) memBufLimit() string {
	if p.pairing.to == nowhere {
		return "mem_buf_limit 256M"
	}
	return "mem_buf_limit 16M"
}

// fetchBackoff is how long librdkafka does not fetch from a partition whose queue was
// full. The default of 1,000 ms is most of the time of a run on either side.
const fetchBackoff = "rdkafka.fetch.queue.backoff.ms 20"

// input is the section of the plugin that reads.
func (p pipeline) input() string {
	if p.pairing.from == inFile {
		return p.tail()
	}
	if p.side == ours {
		lines := []string{"name tidegate_kafka", "tag bench",
			"brokers " + p.brokers, "topics " + p.topic, "group_id " + p.group,
			fetchBackoff, p.memBufLimit()}
		if p.pairing.to == nowhere {
			// A built-in output tells nobody what it delivered.
			lines = append(lines, "commit appended")
		}
		return section("INPUT", lines...)
	}
	return section("INPUT", "name kafka", "tag bench",
		"brokers "+p.brokers, "topics "+p.topic, "group_id "+p.group,
		"format json",
		"rdkafka.auto.offset.reset earliest",
		// Looked at often: with the default of 500 ms it moves a tenth of the records in
		// the same time. A thread of its own (threaded on) gives it hardly more of them,
		// and another 125 ms of latency: the engine looks into its ring every 250 ms.
		"poll_ms 10",
		// One append holds at most this much; less is refused, as a fetch would be smaller
		// than a message may be. A chunk is closed at 2 MB, so it has at most 3. With the
		// default of 4M its push passes the 4 MiB that Loki's ingester takes, is answered
		// with 500, and tried again for ever.
		"buffer_max_size 1001K",
		fetchBackoff, p.memBufLimit())
}

// tail is the same on both sides. Where labels are taken from the record, it is parsed, and
// also where nothing is taken: that is what the other costs without its output.
func (p pipeline) tail() string {
	lines := []string{"name tail", "tag bench", "path " + p.file, "read_from_head on",
		p.memBufLimit()}
	if p.pairing.to != inKafka {
		lines = append(lines, "parser bench")
	}
	return section("INPUT", lines...)
}

// parserFile is the parser that tail uses.
const parserFile = "[PARSER]\n    name    bench\n    format  json\n"

// output is the section of the plugin that writes.
func (p pipeline) output() string {
	labels := "labels job=bench,service=" + p.field("service") + ",level=" + p.field("level")
	common := []string{"match *", "workers 2", "retry_limit no_limits"}
	switch {
	case p.pairing.to == nowhere:
		return section("OUTPUT", "name null", "match *")
	case p.pairing.to == inLoki && p.side == ours:
		return section("OUTPUT", append([]string{"name tidegate_loki", "url " + p.loki.String(),
			labels}, common...)...)
	case p.pairing.to == inLoki:
		if p.pairing.gzip {
			common = append(common, "compress gzip")
		}
		return section("OUTPUT", append([]string{"name loki", "host " + p.loki.Hostname(), "port " + p.loki.Port(),
			labels}, common...)...)
	case p.side == ours:
		return section("OUTPUT", append([]string{"name tidegate_kafka", "brokers " + p.outBrokers, "topic " + p.outTopic,
			"format raw", "raw_log_key log", "rdkafka.compression.codec lz4"}, common...)...)
	}
	return section("OUTPUT", append([]string{"name kafka", "brokers " + p.outBrokers, "topics " + p.outTopic,
		"format raw", "raw_log_key log", "rdkafka.compression.codec lz4",
		// With a full queue it sleeps for a second, ten times, and then sends the whole
		// chunk again; the default of 100,000 messages is full at once.
		"rdkafka.queue.buffering.max.messages 1000000"}, common...)...)
}

// nested says whether the message is below a key of the record, payload, as the built-in
// input has it.
func (p pipeline) nested() bool { return p.pairing.from == inKafka && p.side == builtIn }

// field is the accessor of a field of the message.
func (p pipeline) field(name string) string {
	if p.nested() {
		return "$payload['" + name + "']"
	}
	return "$" + name
}

// linePath is where the field is in a line, for Loki's json stage.
func (p pipeline) linePath(name string) string {
	if p.nested() {
		return "payload." + name
	}
	return name
}

// section writes a section of a classic configuration, names in one column.
func section(name string, lines ...string) string {
	var b strings.Builder
	b.WriteString("[" + name + "]\n")
	for _, line := range lines {
		key, value, _ := strings.Cut(line, " ")
		fmt.Fprintf(&b, "    %-24s %s\n", key, value)
	}
	return b.String()
}

// example is what a configuration looks like, with names in place of a run's own.
func example(p pairing, s side) string {
	return pipeline{
		pairing: p, side: s, brokers: "127.0.0.1:9092", topic: "logs", group: "bench", file: "in.log",
		outBrokers: "127.0.0.1:9092", outTopic: "logs", loki: &url.URL{Scheme: "http", Host: "127.0.0.1:3100"},
	}.stages()
}
