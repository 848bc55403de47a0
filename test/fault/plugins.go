package fault

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/test/harness"
)

// Plugins is a family of plugins that does the jobs of these tests.
type Plugins struct {
	Name    string
	BuiltIn bool // Fluent Bit's own

	// Patience is the time limit of a push of ours to Loki, "" for a short one. A test that
	// demands that nothing comes twice sets a long one: a busy machine is no fault.
	Patience string
	// Labels are those that ours gives the entries in Loki, "" for some of a few values.
	Labels string
}

// Ours and BuiltIn do the same jobs.
var (
	Ours    = Plugins{Name: "tidegate"}
	BuiltIn = Plugins{Name: "built-in", BuiltIn: true}
)

// For gives the families that a host can run.
func For(host harness.HostBinary) []Plugins {
	if host.FluentBit {
		return []Plugins{Ours, BuiltIn}
	}
	return []Plugins{Ours}
}

// ShortSession is for inputs whose agent is killed: its partitions are held until its
// session ends, by default for 45 seconds. Brokers allow it with GroupMinSession.
const ShortSession = "rdkafka.session.timeout.ms 1500\n    rdkafka.heartbeat.interval.ms 300"

// GroupMinSession is the property of brokers that bounds sessions, by default at 6 seconds.
const GroupMinSession = "group.min.session.timeout.ms"

// FromFile reads a file, the same for all.
func FromFile(path string) string {
	return section("INPUT", "Name tail", "Tag files", "Path "+path, "Read_From_Head on",
		"Refresh_Interval 1", "Buffer_Max_Size 512K")
}

// FromKafka reads a topic from its beginning, with further lines.
func (p Plugins) FromKafka(brokers, topic, group string, further ...string) string {
	lines := []string{
		"Name " + p.named("kafka"), "Tag kafka", "brokers " + brokers, "topics " + topic, "group_id " + group,
		"format json",
	}
	if p.BuiltIn { // ours starts there by default
		lines = append(lines, "rdkafka.auto.offset.reset earliest")
	}
	return section("INPUT", append(lines, further...)...)
}

// patience of our outputs and of both Kafka clients: short, so that a network that stands
// still for a few seconds is one that they give up on.
const (
	patience       = "2s"
	socketPatience = "rdkafka.socket.timeout.ms 2000"
)

const fewLabels = "job=fault,service=$service,level=$level"

// ToLoki writes to a tenant, at an address without a scheme, with further lines; a
// Retry_Limit among them counts. The built-in output gets a static label only: with one from
// the record it makes a stream of each entry, its pushes become larger than Loki takes, and
// a fault would hide behind that.
func (p Plugins) ToLoki(address, tenant string, further ...string) string {
	lines := []string{"Name " + p.named("loki"), "Match *", "Retry_Limit no_limits", "Workers 2", "tenant_id " + tenant}
	if p.BuiltIn {
		host, port, _ := strings.Cut(address, ":")
		lines = append(lines, "Host "+host, "Port "+port, "Labels job=fault")
	} else {
		lines = append(lines, "url http://"+address, "timeout "+cmp.Or(p.Patience, patience), "labels "+cmp.Or(p.Labels, fewLabels))
	}
	return section("OUTPUT", append(lines, further...)...)
}

// ToKafka writes lines of a file as they are.
func (p Plugins) ToKafka(brokers, topic string) string {
	lines := []string{
		"Name " + p.named("kafka"), "Match *", "Retry_Limit no_limits", "Workers 2",
		"brokers " + brokers, "format raw", "raw_log_key log", socketPatience,
	}
	if p.BuiltIn {
		return section("OUTPUT", append(lines, "topics "+topic)...)
	}
	return section("OUTPUT", append(lines, "topic "+topic, "flush_timeout "+patience)...)
}

// ToLogTide writes to a contract server. Fluent Bit has nothing for it.
func ToLogTide(address, key string) string {
	return section("OUTPUT", "Name tidegate_logtide", "Match *", "Retry_Limit no_limits", "Workers 2",
		"url http://"+address, "api_key "+key, "timeout "+patience)
}

// ToHTTP posts a record a line to an address without a scheme, with Fluent Bit's own output.
func ToHTTP(address string) string {
	host, port, _ := strings.Cut(address, ":")
	return section("OUTPUT", "Name http", "Match *", "Retry_Limit no_limits", "Workers 2",
		"Host "+host, "Port "+port, "Format json_lines", "Json_Date_Format iso8601")
}

// Config is the whole agent.
func (p Plugins) Config(sections ...string) harness.HostConfig {
	return harness.HostConfig{BuiltIn: p.BuiltIn, Pipeline: strings.Join(sections, "")}
}

// named is the name that the family gives a plugin.
func (p Plugins) named(plugin string) string {
	if p.BuiltIn {
		return plugin
	}
	return "tidegate_" + plugin
}

func section(kind string, lines ...string) string {
	return fmt.Sprintf("[%s]\n    %s\n", kind, strings.Join(lines, "\n    "))
}
