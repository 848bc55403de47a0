package abi_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// What the engine keeps for itself, with a value that it takes. The names come from its sources; a real Fluent Bit confirms them.
var (
	coreOfBoth = []string{"alias x", "log_level info", "log_suppress_interval 1s", "host x", "port 1", "ipv6 off", "tls off"}
	coreInput  = []string{"tag x", "routable on", "mem_buf_limit 1M", "listen x", "storage.type memory", "threaded on",
		"storage.pause_on_chunks_overlimit off", "thread.ring_buffer.capacity 1024", "thread.ring_buffer.window 5",
		"rate_window 1s", "rate_gate off", "rate_gate.max_bytes 1M", "rate_gate.max_records 10",
		"rate_gate.backpressure off", "rate_gate.resume_ratio 0.5"}
	coreOutput = []string{"match *", "retry_limit 1", "workers 1", "storage.total_limit_size 1M", "net.dns.mode TCP",
		"tls.verify on", "tls.verify_hostname on", "tls.debug 1", "tls.vhost x", "tls.ca_path x", "tls.ca_file x",
		"tls.crt_file x", "tls.key_file x", "tls.key_passwd x", "tls.ciphers x", "tls.proxy.verify on",
		"tls.proxy.verify_hostname on", "tls.proxy.ca_path x", "tls.proxy.ca_file x"}
)

func section(kind, plugin string, settings []string) string {
	var s strings.Builder
	var names []string
	fmt.Fprintf(&s, "[%s]\n    Name %s\n    trace TRACE\n", kind, plugin)
	for _, line := range settings {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
		fmt.Fprintf(&s, "    %s\n", line)
	}
	fmt.Fprintf(&s, "    ask %s\n", strings.Join(names, ","))
	return s.String()
}

// A plugin never sees these names, and none of them counts as unknown.
func TestCoreKeepsItsNames(t *testing.T) {
	t.Parallel()
	hosts := []string{testhost()}
	if real, err := exec.LookPath("fluent-bit"); err == nil {
		hosts = append(hosts, real)
	}
	input, output := append(coreInput, coreOfBoth...), append(coreOutput, coreOfBoth...)
	conf := "[SERVICE]\n    Plugins_File PLUGINS\n" + section("INPUT", "probe_in", input) + section("OUTPUT", "probe_out", output)
	for _, host := range hosts {
		p := start(t, host, conf)
		p.awaitTrace("property", len(input)+len(output))
		p.stop()
		for _, l := range p.trace("property") {
			for name, value := range l.fields {
				if name != "thread" && name != "tid" && value != "(null)" {
					t.Errorf("%s: the plugin sees %s = %s", host, name, value)
				}
			}
		}
	}
}
