package abi_test

import (
	"strings"
	"syscall"
	"testing"
)

// nobodyThere is every plugin of the product with no server behind it.
const nobodyThere = outputsWithoutServers + `
[INPUT]
    Name     tidegate_kafka
    brokers  DEAD
    topics   t
    group_id g
    ack_from tidegate_kafka,tidegate_loki,tidegate_logtide
`

const outputsWithoutServers = `
[SERVICE]
    Plugins_File   PRODUCT
    Flush          0.2
    Grace          1
    scheduler.base 1
    scheduler.cap  1
[INPUT]
    Name    dummy
    Samples 100
    Rate    1000
[OUTPUT]
    Name    tidegate_kafka
    Match   *
    brokers DEAD
    topic   t
    flush_timeout 1s
    Workers 2
    Retry_Limit no_limits
[OUTPUT]
    Name    tidegate_loki
    Match   *
    url     http://DEAD
    labels  a=b
    Workers 1
    Retry_Limit no_limits
[OUTPUT]
    Name    tidegate_logtide
    Match   *
    url     http://DEAD
    api_key lp_a
    Retry_Limit 1
`

func TestNobodyThereUnderAddressSanitizer(t *testing.T) {
	t.Parallel()
	plugins, path := asanPlugins(t)
	p := start(t, asanHost(), strings.NewReplacer("PRODUCT", plugins, "DEAD", closedPort(t)).Replace(nobodyThere), asanOptions, path)
	for _, output := range []string{"tidegate_kafka.0", "tidegate_loki.1", "tidegate_logtide.2"} {
		p.await("a retry of "+output, func() bool { return strings.Contains(p.log(), "output="+output) })
	}
	p.stop()
	p.clean()
}

// A start that one plugin refuses ends those that had started before it. Inputs are ended without a call, by the engine too:
// what one of them holds is nobody's to free, so leaks are looked for where there is none.
func TestRefusedStartUnderAddressSanitizer(t *testing.T) {
	t.Parallel()
	plugins, path := asanPlugins(t)
	for name, c := range map[string]struct {
		conf, from, to, options string
	}{
		"the input":                     {nobodyThere, "group_id g", "group_id", asanOptions},
		"the first output":              {outputsWithoutServers, "topic   t", "topic   $t", asanOptions},
		"the last output":               {outputsWithoutServers, "api_key lp_a", "batch_size 0", asanOptions},
		"the last output with an input": {nobodyThere, "api_key lp_a", "batch_size 0", asanOptions + ":detect_leaks=0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := strings.Replace(c.conf, c.from, c.to, 1)
			p := start(t, asanHost(), strings.NewReplacer("PRODUCT", plugins, "DEAD", closedPort(t)).Replace(conf), c.options, path)
			if code := p.exit(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			p.clean()
		})
	}
}

// A second signal in the middle of everything: no order, and still no access to what is gone.
func TestKilledUnderAddressSanitizer(t *testing.T) {
	t.Parallel()
	plugins, path := asanPlugins(t)
	p := start(t, asanHost(), strings.NewReplacer("PRODUCT", plugins, "DEAD", closedPort(t)).Replace(nobodyThere), asanOptions, path)
	p.await("the start", func() bool { return strings.Contains(p.log(), "[engine] started") })
	p.signal(syscall.SIGTERM)
	p.signal(syscall.SIGINT) // another one: two of a kind may arrive as one
	if code := p.exit(); code != 128+int(syscall.SIGTERM) && code != 128+int(syscall.SIGINT) {
		t.Errorf("exit code %d", code)
	}
	p.clean()
}
