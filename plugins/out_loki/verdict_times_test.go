package outloki

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// distributor answers as Loki's does about times: one text for each stream and
// second, with the number of entries, in no order. It counts what it stores.
type distributor struct {
	oldest, newest time.Time
	stored         map[string]int
}

func (d *distributor) answer(push []stream) lokiReply {
	texts := map[string]int{}
	for _, s := range push {
		for _, l := range s.lines {
			labels := strings.TrimSuffix(s.labels, "}") + `, service_name="x"}`
			switch at := time.Unix(0, l.time); {
			case at.Before(d.oldest):
				texts[fmt.Sprintf("entry for stream '%s' has timestamp too old: %s, oldest acceptable timestamp is: %s", labels, second(l.time), d.oldest.Format(time.RFC3339))]++
			case at.After(d.newest):
				texts[fmt.Sprintf("entry for stream '%s' has timestamp too new: %s", labels, second(l.time))]++
			default:
				d.stored[l.text]++
			}
		}
	}
	if len(texts) == 0 {
		return lokiReply{status: 204}
	}
	var all []string
	for text, n := range texts {
		if len(texts) > 1 || n > 1 {
			text = fmt.Sprintf("%d errors like: %s", n, text)
		}
		all = append(all, text)
	}
	return lokiReply{status: 400, body: strings.Join(all, "; ")}
}

func newDistributor(oldest, newest time.Time) *distributor {
	return &distributor{oldest, newest, map[string]int{}}
}

// timed is a chunk of records at times after a base, whose streams take turns.
func timed(base time.Time, streams int, at ...time.Duration) (data []byte) {
	for i, d := range at {
		data = appendRecord(data, base.Add(d).UnixNano(), "app", fmt.Sprint("it's }' ", i%streams), "n", fmt.Sprint(i))
	}
	return data
}

// every returns n times with a step between them.
func every(n int, step time.Duration) (at []time.Duration) {
	for i := range n {
		at = append(at, time.Duration(i)*step)
	}
	return at
}

// The verdict by times is exact: Loki's bound may be within a second, and other
// streams have entries in that second too.
func TestVerdictOfTimes(t *testing.T) {
	base := time.Unix(1_800_000_000, 0)
	f := func(name string, d *distributor, data []byte, records int, want map[reason]int64) {
		t.Helper()
		got, delivered, _ := judged(t, data, d.answer, "label_keys=app")
		if !maps.Equal(got, want) || int(delivered) != len(d.stored) {
			t.Errorf("%s: got %v, %d delivered; want %v, %d stored of %d", name, got, delivered, want, len(d.stored), records)
		}
	}
	tenths := every(30, 100*time.Millisecond)
	bound := base.Add(1500 * time.Millisecond)
	early, late := base.Add(-time.Hour), base.Add(time.Hour)
	for _, streams := range []int{1, 3} {
		data := timed(base, streams, tenths...)
		f("old", newDistributor(bound, late), data, 30, map[reason]int64{tooOld: 15})
		f("new", newDistributor(early, bound), data, 30, map[reason]int64{tooNew: 14})
		f("both", newDistributor(base.Add(time.Millisecond), bound), data, 30, map[reason]int64{tooOld: 1, tooNew: 14})
		f("all", newDistributor(late, late), data, 30, map[reason]int64{tooOld: 30})
	}
	// Of one stream in a second that another has too.
	text := fmt.Sprintf(`entry for stream '{app="it's }' 0"}' has timestamp too new: %s`, second(base.UnixNano()))
	got, delivered, _ := judged(t, timed(base, 2, 0, 0), always(400, text), "label_keys=app")
	if !maps.Equal(got, map[reason]int64{tooNew: 1}) || delivered != 1 {
		t.Errorf("got %v, %d delivered", got, delivered)
	}
	// A gateway has changed the labels.
	f("other labels", newDistributor(bound, late), timed(base, 1, tenths...), 30, map[reason]int64{tooOld: 15})
	got, delivered, _ = judged(t, timed(base, 2, tenths...), relabeled(newDistributor(bound, late)), "label_keys=app")
	if !maps.Equal(got, map[reason]int64{tooOld: 15}) || delivered != 15 {
		t.Errorf("relabeled: got %v, %d delivered", got, delivered)
	}
}

// relabeled is a server behind a gateway that changes labels.
func relabeled(d *distributor) func([]stream) lokiReply {
	return func(push []stream) lokiReply {
		push = slices.Clone(push)
		for i := range push {
			push[i].labels = strings.Replace(push[i].labels, "app=", "application=", 1)
		}
		return d.answer(push)
	}
}

// An answer that is longer than what is read of it: the bound that it tells
// judges what it did not come to, and the rest is asked for again.
func TestVerdictOfCutAnswer(t *testing.T) {
	now := time.Now()
	day := now.Add(-24 * time.Hour)
	f := func(name string, d *distributor, data []byte, records int, why reason) {
		t.Helper()
		server := startLoki(t, d.answer)
		o, log := newLimitedOutput(t, "url="+server.URL, "label_keys=app", "max_ahead=0", "parallel=1")
		if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
			t.Fatalf("%s: got %v: %s", name, r, log)
		}
		delivered, rejected := metric.Sum(o.report.counts.Delivered), o.report.rejected.Records(why)
		if int(delivered) != len(d.stored) || delivered+rejected != int64(records) || o.report.rejected.Total() != rejected {
			t.Errorf("%s: %d delivered, %d are stored, %d rejected of %d", name, delivered, len(d.stored), rejected, o.report.rejected.Total())
		}
		if n := len(server.pushes); n > 2*streamsOf(server.pushes) {
			t.Errorf("%s: %d pushes", name, n)
		}
	}
	good := every(100, time.Millisecond)
	old := append(every(1000, time.Second), addTo(good, 30*time.Hour)...)
	young := append(good, addTo(every(1000, time.Second), 31*time.Hour)...)
	base := now.Add(-30 * time.Hour)
	for _, streams := range []int{1, 3} {
		f("old", newDistributor(day, now.Add(time.Hour)), timed(base, streams, old...), 1100, tooOld)
		f("new", newDistributor(base.Add(-time.Hour), now.Add(30*time.Minute)), timed(base, streams, young...), 1100, tooNew)
	}
}

// streamsOf returns how many streams there are in pushes.
func streamsOf(pushes [][]stream) int {
	all := map[string]bool{}
	for _, push := range pushes {
		for _, s := range push {
			all[s.labels] = true
		}
	}
	return len(all)
}

func addTo(all []time.Duration, more time.Duration) (sum []time.Duration) {
	for _, d := range all {
		sum = append(sum, d+more)
	}
	return sum
}

// A cut answer that tells of nothing known leaves all in doubt.
func TestVerdictOfCutNonsense(t *testing.T) {
	body := "max entry size '50' bytes exceeded" + strings.Repeat(" ", 100_000)
	got, delivered, _ := judged(t, eight(), always(400, body), "label_keys=app")
	if !maps.Equal(got, map[reason]int64{suspect: 8}) || delivered != 0 {
		t.Errorf("got %v, %d delivered", got, delivered)
	}
}
