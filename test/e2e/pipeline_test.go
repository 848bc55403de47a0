package e2e_test

import (
	"fmt"
	"strings"
)

// pipeline is the configuration of the main job: one topic into one Loki.
type pipeline struct {
	brokers string
	topics  string
	group   string
	input   []string // further lines of the input: "format raw"
	loki    string   // URL
	labels  string
	output  []string // further lines of the output: "Workers 2"
}

func (p pipeline) String() string {
	var b strings.Builder
	section := func(kind string, lines ...string) {
		fmt.Fprintf(&b, "[%s]\n", kind)
		for _, line := range lines {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	section("INPUT", append([]string{
		"Name tidegate_kafka",
		"brokers " + p.brokers,
		"topics " + p.topics,
		"group_id " + p.group,
		"topic_tag kafka.$topic",
	}, p.input...)...)
	section("OUTPUT", append([]string{
		"Name tidegate_loki",
		"Match kafka.*",
		"url " + p.loki,
		"labels " + p.labels,
		"Retry_Limit no_limits",
	}, p.output...)...)
	return b.String()
}
