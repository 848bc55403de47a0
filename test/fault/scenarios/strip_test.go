package scenarios_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// strippedLine is how the input says that it gets no word of its records, and the way out.
const strippedLine = `\[error\].*records without origin.*origin_in record keeps the origin`

// originKey is where origin_in record has it.
const originKey = "tidegate_origin"

// Kafka to Loki behind a filter that rebuilds records without their metadata, and so without
// their origin, with an agent that is killed while Loki is away. With the origin in the
// metadata that is slow, as nothing tells what was delivered but silence, and the log says
// so. With origin_in record it is as without the filter, and the key does not get to Loki.
// Nothing is missing either way.
func TestFilterStripsMetadata(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		inMetadata := stripped(t, k, loki, host, "metadata", 3*time.Minute)
		inRecord := stripped(t, k, loki, host, "record", commitWithin)
		both := []*stripping{inMetadata, inRecord}
		for _, s := range both {
			s.start(t)
			s.send(t, 20_000, 2000)
		}
		for _, s := range both {
			s.flows(t)
		}
		pass(t, time.Second)
		for _, s := range both {
			s.proxy.Cut()
		}
		pass(t, 3*time.Second)
		for _, s := range both {
			s.host.Kill()
			s.proxy.Heal()
			s.start(t)
		}
		// It is sure of it after ten seconds.
		inMetadata.host.WaitLog(t, strippedLine, time.Minute)
		judge(t, []*lane{inMetadata.lane, inRecord.lane})
		inRecord.caughtUp(t, k, inRecord.topic, inRecord.within)
		inMetadata.caughtUp(t, k, inMetadata.topic, inMetadata.within)
		if line := regexp.MustCompile(strippedLine).FindString(inRecord.host.Log()); line != "" {
			t.Errorf("with origin_in record: %s", line)
		}
		for _, s := range both {
			s.wantNoOrigins(t)
			if s.proxy.Cuts() == 0 {
				t.Errorf("%s: there was nothing to cut", s.scenario)
			}
		}
	})
}

// stripping is a lane whose records lose their metadata.
type stripping struct {
	*lane
	stored *fault.LokiStore
	topic  string // and group
	proxy  *harness.Proxy
	within time.Duration // is all committed after the last record
}

func stripped(t *testing.T, k *harness.Kafka, loki *harness.Loki, host harness.HostBinary, originIn string, within time.Duration) *stripping {
	t.Helper()
	l := &lane{scenario: "metadata stripped, origin_in " + originIn, plugins: fault.Ours, binary: host}
	name := uniqueName(t, l.plugins)
	k.CreateTopic(t, name, 4)
	l.fromTopic(t, k, name)
	s := &stripping{
		lane: l, stored: fault.InLoki(loki, name), topic: name,
		proxy: harness.StartProxy(t, loki.Address()), within: within,
	}
	l.store = s.stored
	l.config = l.plugins.Config(
		l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession, "origin_in "+originIn),
		fault.StripMetadata(host),
		l.plugins.ToLoki(s.proxy.Address(), name))
	return s
}

// wantNoOrigins demands that no line has the key that is for our outputs only.
func (s *stripping) wantNoOrigins(t *testing.T) {
	t.Helper()
	lines, with := 0, 0
	err := s.stored.Lines(func(line string) {
		lines++
		if strings.Contains(line, originKey) {
			with++
		}
	})
	if err != nil || lines == 0 || with > 0 {
		t.Errorf("%s: of %d lines %d have %s (%v)", s.scenario, lines, with, originKey, err)
	}
}
