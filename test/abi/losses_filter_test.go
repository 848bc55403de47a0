package abi_test

import (
	"testing"
)

// A filter drops each tenth record: the input counts it as taken, the filter as dropped, no output ever sees it.
func TestLossToAFilter(t *testing.T) {
	t.Parallel()
	eachHost(t, func(t *testing.T, host string) {
		filter := `
[FILTER]
    Name  lua
    Alias drops
    Match *
    call  each_tenth
    code  function each_tenth(tag, time, record) if record.n % 10 == 9 then return -1, 0, 0 end return 0, 0, 0 end
`
		if host == testhost() {
			filter = "[FILTER]\n    Name  grep_mod\n    Alias drops\n    Match *\n    Nth 10\n"
		}
		p := startLossy(t, host, "", `
[INPUT]
    Name  probe_in
    Alias in
    trace TRACE
    return_records 100
`+filter+`
[OUTPUT]
    Name  file
    Alias file
    Match *
    Path  DIR
    File  seen
`)
		p.settle(metrics{
			`fluentbit_input_records_total{name="in"}`:            "100",
			`fluentbit_filter_records_total{name="drops"}`:        "100",
			`fluentbit_filter_drop_records_total{name="drops"}`:   "10",
			`fluentbit_filter_add_records_total{name="drops"}`:    "0",
			`fluentbit_output_proc_records_total{name="file"}`:    "90",
			`fluentbit_output_dropped_records_total{name="file"}`: "0",
		})
		p.stop()
		seen := numbersIn(t, p.read("seen"))
		for n := range 100 {
			if want := map[bool]int{true: 0, false: 1}[n%10 == 9]; seen[n] != want {
				t.Errorf("number %d arrived %d times, want %d", n, seen[n], want)
			}
		}
	})
}

// A filter that rebuilds records takes their metadata away, and no counter tells. Which of Fluent Bit's do so is in the design;
// they need their clouds and clusters, so this one is on the stand-in only.
func TestLossOfMetadata(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, filter string
		kept         int
	}{
		{"without the filter", "", 1},
		{"with it", "[FILTER]\n    Name  strip_metadata\n    Alias strips\n    Match *\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := startLossy(t, testhost(), "", `
[INPUT]
    Name  probe_in
    Alias in
    return_records 10
`+c.filter+`
[OUTPUT]
    Name  file
    Alias file
    Match *
    Path  DIR
    File  seen
`)
			all := p.settle(metrics{`fluentbit_output_proc_records_total{name="file"}`: "10"})
			p.stop()
			for _, r := range records(t, p.read("seen")) {
				if len(r.Meta) != c.kept {
					t.Fatalf("metadata %v, want %d entries", r.Meta, c.kept)
				}
			}
			numbersIn(t, p.read("seen")).expect(t, 0, 9)
			if c.filter != "" {
				all.expect(t, metrics{
					`fluentbit_filter_records_total{name="strips"}`:      "10",
					`fluentbit_filter_drop_records_total{name="strips"}`: "0",
				})
			}
		})
	}
}
