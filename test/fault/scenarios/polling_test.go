package scenarios_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// pollInterval is how long a member may go without a poll before its group gives its
// partitions away. It cannot be shorter than the session.
var pollInterval = form(6*time.Second, time.Minute)

// standstill is what keeps an input from reading while the group wants to be served.
type standstill struct {
	name  string
	input []string
	ring  string // a line for Fluent Bit only, "" for none
	most  int64  // bytes that may be in flight
	full  bool   // and are, else it is the pause that holds the reading back
	sign  string // the log has it
}

var standstills = []standstill{
	{
		name: "paused by mem_buf_limit", input: []string{"mem_buf_limit 1M"}, ring: "thread.ring_buffer.capacity 4",
		most: 64 << 20, sign: `paused \(mem buf overlimit|paused: .*mem_buf_limit`,
	},
	{name: "max_in_flight full", input: []string{"max_in_flight 2M"}, most: 2 << 20, full: true, sign: "partitions assigned"},
}

// Kafka to a Loki that is away for more than twice as long as a member may go without a
// poll, once with an input that the agent has paused, once with one that has as much in
// flight as it may: it stays in the group with all of its partitions, and nothing is missing.
func TestPollingNeverStops(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		var still []*standing
		var all []*lane
		for _, of := range standstills {
			s := newStanding(t, k, loki, host, of)
			s.send(t, backlogOfStill, 0)
			still, all = append(still, s), append(all, s.lane)
		}
		for _, s := range still {
			s.sending.Wait()
			s.proxy.Cut()
			s.start(t)
		}
		before := map[*standing]float64{}
		for _, s := range still {
			before[s] = s.stands(t)
		}
		pass(t, 5*pollInterval/2)
		for _, s := range still {
			if read := s.stands(t); read != before[s] {
				t.Errorf("%s: it read on, from record %.0f to %.0f: nothing was in its way", s.scenario, before[s], read)
			}
			s.proxy.Heal()
		}
		judge(t, all)
		for _, s := range still {
			s.caughtUp(t, k, s.topic, commitWithin)
			s.stayed(t)
		}
	})
}

// backlogOfStill is a number of records of a kilobyte: more than is read before the reading
// comes to stand.
const backlogOfStill = 40_000

// standing is a lane that comes to stand.
type standing struct {
	*lane
	standstill
	topic   string // and group
	proxy   *harness.Proxy
	metrics string // URL
}

func newStanding(t *testing.T, k *harness.Kafka, loki *harness.Loki, host harness.HostBinary, of standstill) *standing {
	t.Helper()
	l := &lane{scenario: of.name, plugins: fault.Ours, binary: host}
	name := uniqueName(t, l.plugins)
	k.CreateTopic(t, name, 4)
	l.fromTopic(t, k, name).Padding = 1000 - len(fault.AppendRecord(nil, 0))
	l.store = fault.InLoki(loki, name).LongLines()
	s := &standing{lane: l, standstill: of, topic: name, proxy: harness.StartProxy(t, loki.Address())}
	ms := pollInterval.Milliseconds()
	lines := append([]string{
		"alias source", fmt.Sprintf("rdkafka.max.poll.interval.ms %d", ms), fmt.Sprintf("rdkafka.session.timeout.ms %d", ms),
	}, of.input...)
	if of.ring != "" && host.FluentBit {
		lines = append(lines, of.ring)
	}
	l.config = l.plugins.Config(
		l.plugins.FromKafka(k.Brokers(), name, name, lines...),
		l.plugins.ToLoki(s.proxy.Address(), name))
	s.metrics = l.config.ServeMetrics(t)
	return s
}

// stands waits for the lane to read nothing more although there is more, for the reason that
// it was made for, and gives how many records it has read.
func (s *standing) stands(t *testing.T) (read float64) {
	t.Helper()
	s.host.WaitLog(t, s.sign, time.Minute)
	since := time.Now()
	harness.Eventually(t, time.Minute, s.scenario+": the reading stands", func() error {
		bytes, err := harness.Sample(s.metrics, `tidegate_kafka_input_in_flight_bytes{name="source"}`)
		if err != nil {
			return err
		}
		now, err := harness.Sample(s.metrics, fmt.Sprintf("tidegate_kafka_input_records_total{name=%q,topic=%q}", "source", s.topic))
		if err != nil {
			return err
		}
		if now != read {
			read, since = now, time.Now()
		}
		// Metrics are up to a second old.
		if full := bytes >= float64(s.most); full != s.full || time.Since(since) < 2*time.Second || read == 0 || read >= backlogOfStill {
			return fmt.Errorf("%.0f bytes of %d are in flight, %.0f records of %d were read", bytes, s.most, read, backlogOfStill)
		}
		return nil
	})
	return read
}

// expelledLine is what the client and we say of a member that the group gave up.
var expelledLine = regexp.MustCompile(`(?i).*(maximum poll interval|did not poll in time|lost=true).*`)

// stayed demands that the member kept its partitions all the time.
func (s *standing) stayed(t *testing.T) {
	t.Helper()
	log := s.host.Log()
	if line := expelledLine.FindString(log); line != "" {
		t.Errorf("%s: %s", s.scenario, line)
	}
	if assigned, revoked := strings.Count(log, "partitions assigned"), strings.Count(log, "partitions revoked"); assigned != 1 || revoked != 0 {
		t.Errorf("%s: partitions were assigned %d times and revoked %d times", s.scenario, assigned, revoked)
	}
}
