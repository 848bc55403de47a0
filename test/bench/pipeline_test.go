package main

import (
	"flag"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// Each configuration has a value for each key and differs between the sides only where
// the plugins do.
func TestConfigurations(t *testing.T) {
	for _, p := range pairings {
		for _, s := range []side{ours, builtIn} {
			text := example(p, s)
			for line := range strings.Lines(text) {
				if words := strings.Fields(line); len(words) == 1 && words[0][0] != '[' {
					t.Errorf("%s, %s: no value in %q", p.name, s, line)
				}
			}
			if got := strings.Contains(text, "tidegate_"); got != (s == ours && p != fileNull) {
				t.Errorf("%s, %s uses plugins of the other side:\n%s", p.name, s, text)
			}
		}
		mine, other := sections(example(p, ours)), sections(example(p, builtIn))
		if p.from == inFile && mine[0] != other[0] {
			t.Errorf("%s: the tails differ:\n%s\n%s", p.name, mine[0], other[0])
		}
		if p.to == nowhere && mine[1] != other[1] {
			t.Errorf("%s: the null outputs differ", p.name)
		}
	}
}

func sections(text string) []string { return strings.SplitN(text, "\n\n", 2) }

func TestService(t *testing.T) {
	p := pipeline{pairing: pairings[0], side: ours, plugins: "/p", httpPort: 1234}
	if text := p.config(); !strings.Contains(text, "/p/plugins.conf") || !strings.Contains(text, "1234") {
		t.Errorf("the null pipeline needs plugins and metrics:\n%s", text)
	}
	p.pairing, p.side, p.loki = pairings[1], builtIn, &url.URL{Host: "127.0.0.1:3100"}
	if text := p.config(); strings.Contains(text, "plugins.conf") || strings.Contains(text, "http_server") {
		t.Errorf("the built-in pipeline to Loki needs neither plugins nor metrics:\n%s", text)
	}
}

func TestOptions(t *testing.T) {
	f := func(args string, check func(options) bool) {
		t.Helper()
		o, err := parseOptions(quiet(), strings.Fields(args))
		if err != nil || !check(o) {
			t.Errorf("%q: got %+v, %v", args, o, err)
		}
	}
	f("", func(o options) bool {
		return o.rounds == 3 && len(o.pairings) == len(pairings) && strings.HasSuffix(o.out, "/build/bench")
	})
	f("-short", func(o options) bool { return o.rounds == 1 && o.records < 400_000 && o.trickle < 6*time.Second })
	f("-short -rounds 2", func(o options) bool { return o.rounds == 2 && o.records < 400_000 })
	f("-only file-kafka,kafka-null", func(o options) bool {
		return slices.Equal(o.pairings, []pairing{pairings[5], kafkaNull})
	})
}

func TestOptionsErrors(t *testing.T) {
	for _, args := range []string{"-rounds 0", "-records 10", "-trickle 1ms", "-only kafka", "-only kafka-null,", "word", "-nothing"} {
		if o, err := parseOptions(quiet(), strings.Fields(args)); err == nil {
			t.Errorf("%q is taken: %+v", args, o)
		}
	}
}

func quiet() *flag.FlagSet {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}
