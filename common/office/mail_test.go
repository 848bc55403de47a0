package office

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/deadletter/deadlettertest"
	"github.com/tidegate/tidegate/common/reasons"
)

// reason is an output's list of reasons.
type reason uint8

const (
	bad reason = iota
	worse
	numReasons
)

func (r reason) String() string { return [...]string{"bad", "worse"}[r] }

// numbered is a chunk of n records.
func numbered(n int) (data []byte) {
	for i := range n {
		data = chunk.AppendMapHeader(chunk.AppendEventHeader(data, 5, 0), 0)
		data = chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(data, 1), "n"), strconv.Itoa(i))
	}
	return data
}

// of is the rejects of some records.
func of(why reason, records ...int) (all []Rejected[reason]) {
	for _, r := range records {
		all = append(all, Rejected[reason]{Record: r, Why: why})
	}
	return all
}

// flush posts what is rejected, as an output does.
type flush struct {
	t       *testing.T
	office  *Office[reason]
	counted reasons.Sums[reason]
	mail    *Mail[reason]
}

func (f *flush) of(data []byte, rejects []Rejected[reason], want bool) {
	f.t.Helper()
	f.mail = f.office.Open("tag", data)
	if got := f.mail.Post(f.t.Context(), "tag", data, rejects, &f.counted); got != want {
		f.t.Fatalf("safe: %v", got)
	} else if !got {
		f.office.Keep("tag", data, f.mail)
	}
}

// states is what the mail says of each record: it has it, and it waits.
func (f *flush) states(records int) (text string) {
	safe := map[int]bool{}
	for _, r := range f.mail.Safe() {
		safe[r] = true
	}
	for r := range records {
		switch {
		case safe[r]:
			text += "s"
		case f.mail.Waits(r):
			text += "w"
		default:
			text += "."
		}
	}
	return text
}

func newFlush(t *testing.T, s *deadlettertest.Sink) (*flush, *strings.Builder) {
	log := &strings.Builder{}
	return &flush{t: t, office: New[reason](s, time.Second, slog.New(slog.NewTextHandler(log, nil)))}, log
}

// A chunk waits until its last letter is safe, over several flushes, and no
// letter is sent twice.
func TestMailWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &deadlettertest.Sink{Room: 10, Holds: true}
		f, log := newFlush(t, s)
		data := numbered(5)
		f.of(data, of(bad, 1, 3), false)
		if got := f.states(5); got != ".w.w." || f.mail.Has(1) {
			t.Errorf("after one flush %s", got)
		}
		f.of(data, of(worse, 4), false)
		s.Release(1, 10)
		if got := f.states(5); got != ".s.ww" || !f.mail.Has(1) || f.mail.Has(0) || f.mail.Empty() {
			t.Errorf("after two flushes %s", got)
		}
		time.AfterFunc(time.Second/2, func() { s.Release(deadlettertest.All, 10) })
		f.of(data, nil, true)
		if len(s.Letters) != 3 || f.counted.Records(bad) != 2 || f.counted.Records(worse) != 1 || string(s.Letters[2].Value) != `{"n":"4"}` {
			t.Errorf("%d letters, counted %d and %d", len(s.Letters), f.counted.Records(bad), f.counted.Records(worse))
		}
		if n := strings.Count(log.String(), "dead letters are not safe yet, chunks wait"); n != 1 {
			t.Errorf("%d lines:\n%s", n, log)
		}
		// The same bytes again are another chunk.
		if m := f.office.Open("tag", data); m.Has(1) || !m.Empty() {
			t.Error("the mail is still there")
		}
	})
}

// What the sink has no room for is sent when it has, in the same flush or in a
// later one, and is counted then.
func TestMailThatIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &deadlettertest.Sink{}
		f, _ := newFlush(t, s)
		data := numbered(5)
		f.of(data, of(bad, 0, 1, 2, 3, 4), false)
		if got := f.states(5); got != "wwwww" || f.counted.Records(bad) != 0 {
			t.Errorf("%s, counted %d", got, f.counted.Records(bad))
		}
		s.Room, s.Holds = 2, true
		time.AfterFunc(time.Second/2, func() { s.Release(deadlettertest.All, 1) })
		f.of(data, nil, false)
		if got := f.states(5); got != "sssww" || f.counted.Records(bad) != 3 {
			t.Errorf("%s, counted %d", got, f.counted.Records(bad))
		}
		s.Room = 10
		f.of(data, nil, true)
		if len(s.Letters) != 5 || f.counted.Records(bad) != 5 {
			t.Errorf("%d letters, counted %d", len(s.Letters), f.counted.Records(bad))
		}
	})
}

// Without an office what is rejected is counted, and settled at once.
func TestNoOffice(t *testing.T) {
	f := &flush{t: t}
	f.of(numbered(2), of(worse, 1), true)
	if f.counted.Records(worse) != 1 || f.mail.Has(1) || f.mail.Waits(1) || !f.mail.Empty() || f.mail.Safe() != nil || f.office.Close() != 0 {
		t.Error("there is mail")
	}
	c := deadletter.NewConfig()
	if o, err := From(&c, pluginHost(t), "tidegate_test", numReasons, deadletter.Cluster{}, time.Second); o != nil || err != nil {
		t.Errorf("got %v, %v", o, err)
	}
}
