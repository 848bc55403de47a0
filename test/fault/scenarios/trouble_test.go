package scenarios_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// trouble is what happens to Loki, and how an agent is made that has the most of it.
type trouble struct {
	name    string
	input   []string // further lines of the input and the output
	output  []string
	service map[string]string
	// sign is what our agent's log holds once the trouble took place, "" for any.
	sign string
	// refused: Loki refuses half of the pushes, instead of being away.
	refused bool
	// real: needs Fluent Bit, for what the stand-in has not.
	real bool
	// stopped: the agent is told to stop in the middle, and started again.
	stopped bool
}

var troubles = []trouble{
	{name: "Loki away"},
	{name: "429 and 500", refused: true},
	{
		// Two tries, and the agent drops the chunk.
		name: "retry_limit 1", output: []string{"Retry_Limit 1"},
		sign: "handed to the agent again.*retries ran out",
	},
	{
		name: "mem_buf_limit 5M", input: []string{"mem_buf_limit 5M"},
		sign: `paused \(mem buf overlimit|paused: .*mem_buf_limit`,
	},
	{
		// A paused input's ring is not emptied, and at the stop it is thrown away. One batch
		// is above the limit, and others come before the input knows.
		name: "stop, ring full", input: []string{"mem_buf_limit 100K", "thread.ring_buffer.capacity 4"}, stopped: true, real: true,
		sign: "could not enqueue records into the ring buffer",
	},
	{
		// For each new chunk an old one goes.
		name: "storage limit", input: []string{"storage.type filesystem"}, output: []string{"storage.total_limit_size 2M"},
		service: map[string]string{"storage.path": "chunks"},
		sign:    "evicted from output queue to make room|evicted for storage.total_limit_size",
	},
}

// Kafka to Loki while Loki is in trouble for two minutes, or while what the agent does about
// it throws records away: nothing is missing.
func TestLokiInTrouble(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		var runs []*troubled
		var all []*lane
		for _, of := range troubles {
			if of.real && !host.FluentBit {
				t.Run(of.name, func(t *testing.T) {
					t.Skip("needs Fluent Bit: the stand-in has no ring of its own size")
				})
				continue
			}
			r := newTroubled(t, k, loki, host, of)
			runs, all = append(runs, r), append(all, r.lane)
		}
		lasts, rate := form(12*time.Second, 2*time.Minute), form(2000, 5000)
		for _, r := range runs {
			r.start(t)
			r.send(t, int(2*lasts.Seconds())*rate, rate) // beyond the trouble's end
		}
		for _, r := range runs {
			r.flows(t)
			r.begin()
		}
		pass(t, lasts)
		for _, r := range runs {
			r.await(t)
			if r.stopped {
				r.stop(t)
			}
			r.end()
		}
		judge(t, all)
		for _, r := range runs {
			r.tookPlace(t)
			r.caughtUp(t, k, r.topic, commitWithin)
		}
	})
}

// troubled is a lane with a trouble of its own.
type troubled struct {
	*lane
	trouble
	topic   string // and group
	away    *harness.Proxy
	refuser *fault.Refuser
}

func newTroubled(t *testing.T, k *harness.Kafka, loki *harness.Loki, host harness.HostBinary, of trouble) *troubled {
	t.Helper()
	l := &lane{scenario: of.name + ", Kafka to Loki", plugins: fault.Ours, binary: host}
	name := uniqueName(t, l.plugins)
	k.CreateTopic(t, name, 4)
	l.fromTopic(t, k, name)
	l.store = fault.InLoki(loki, name)
	r := &troubled{lane: l, trouble: of, topic: name, refuser: fault.StartRefuser(t, loki.Address(), killSeed(t))}
	r.away = harness.StartProxy(t, r.refuser.Address())
	l.config = l.plugins.Config(
		l.plugins.FromKafka(k.Brokers(), name, name, of.input...),
		l.plugins.ToLoki(r.away.Address(), name, of.output...))
	l.config.Service = of.service
	return r
}

func (r *troubled) begin() {
	if r.refused {
		r.refuser.Refuse(true)
		return
	}
	r.away.Cut()
}

func (r *troubled) end() {
	r.refuser.Refuse(false)
	r.away.Heal()
}

// await makes sure that the trouble takes place while there is reason for it. Whether an
// agent's buffer fills up depends on the moment at which Loki goes, so that goes again, and
// stays for longer than the agent waits between two tries.
func (r *troubled) await(t *testing.T) {
	t.Helper()
	if r.sign == "" {
		return
	}
	sign := regexp.MustCompile(r.sign)
	for range 10 {
		if sign.MatchString(r.host.Log()) {
			return
		}
		r.end()
		pass(t, 4*time.Second)
		r.begin()
		pass(t, 3*time.Second)
	}
	r.host.WaitLog(t, r.sign, time.Second)
}

// stop tells the agent to stop, and starts it again.
func (r *troubled) stop(t *testing.T) {
	t.Helper()
	if code := r.host.Stop(t); code != 0 {
		t.Errorf("%s: exit code %d after a graceful stop", r.scenario, code)
	}
	r.start(t)
}

// tookPlace demands that there was trouble.
func (r *troubled) tookPlace(t *testing.T) {
	t.Helper()
	early, late := r.refuser.Refused()
	if r.refused && (early == 0 || late == 0) {
		t.Errorf("%s: %d pushes were refused before and %d after they were stored", r.scenario, early, late)
	}
	if !r.refused && r.away.Cuts() == 0 {
		t.Errorf("%s: there was nothing to cut", r.scenario)
	}
}
