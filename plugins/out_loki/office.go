package outloki

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
	"github.com/tidegate/tidegate/common/resume"
)

const (
	// maxMails and keepMail are those of package attempt for chunks that wait.
	maxMails = 1024
	keepMail = time.Hour
	// closeWithin is how long an exit waits for letters under way.
	closeWithin = time.Second
)

// office is where dead letters go. nil is none.
type office struct {
	sink    deadletter.Sink
	timeout time.Duration
	mails   *resume.Store[*mail]
	// kept is above 0 while a chunk may have letters under way: only then are
	// chunks looked for by their bytes.
	kept atomic.Int64
}

func newOffice(c *Config, host plugin.Host) (*office, error) {
	if !c.letters.Wanted() {
		return nil, nil //nolint:nilnil // none is wanted
	}
	owner := deadletter.Owner{Host: host, Prefix: "tidegate_loki", Reasons: reasonNames[:]}
	sink, err := c.letters.Open(owner, deadletter.Cluster{ClientID: "tidegate"})
	if err != nil {
		return nil, err
	}
	return &office{sink: sink, timeout: c.timeout, mails: resume.New[*mail](maxMails, keepMail)}, nil
}

// open returns the letters of a chunk, those of an earlier flush among them.
func (o *office) open(tag string, data []byte) *mail {
	if o == nil {
		return nil
	}
	if o.kept.Load() > 0 {
		if m, is := o.mails.Claim(o.mails.Key(tag, data)); is {
			o.kept.Add(-1)
			return m
		}
	}
	return &mail{sent: map[int]bool{}}
}

// keep keeps the letters of a chunk that has to wait.
func (o *office) keep(tag string, data []byte, m *mail) {
	if len(m.sent) > 0 {
		o.mails.Keep(o.mails.Key(tag, data), m)
		o.kept.Add(1)
	}
}

// close gives the last letters a moment.
func (o *office) close() (left int) {
	if o == nil {
		return 0
	}
	return o.sink.Close(time.Now().Add(closeWithin))
}

// post sends the letters of what a flush rejected, counts it, and returns
// whether all letters are safe.
func (f *flush) post(ctx context.Context, d *sending) bool {
	if f.mail == nil {
		for i := range d.rejects {
			f.count(d, &d.rejects[i])
		}
		return true
	}
	taken := f.write(d)
	ctx, cancel := context.WithTimeout(ctx, f.out.office.timeout)
	defer cancel()
	if f.mail.wait(ctx) && taken {
		return true
	}
	f.out.report.lettersWait(f.out.now())
	f.out.office.keep(f.tag, f.data, f.mail)
	return false
}

// write hands the letters over, with their records read from the chunk again.
// It returns false if some were not taken: their records are tried again as if
// they had not been rejected.
func (f *flush) write(d *sending) (taken bool) {
	if len(d.rejects) == 0 {
		return true
	}
	of := make(map[int]*rejected, len(d.rejects))
	for i := range d.rejects {
		of[int(d.rejects[i].record)] = &d.rejects[i]
	}
	taken = true
	number := 0
	for all := chunk.NewRecords(f.data); all.Next(); number++ {
		r := of[number]
		if r == nil || all.Err != nil {
			continue
		}
		l := letter(&all.Event, f.tag, d.labelsOf(r), r)
		if err := f.mail.send(f.out.office.sink, number, &l); err != nil {
			taken = false
			continue
		}
		f.count(d, r)
	}
	return taken
}

// count counts a record that was rejected.
func (f *flush) count(d *sending, r *rejected) {
	f.tally.rejected.Add(r.why, 1, reasons.Example{Status: r.status, Labels: d.labelsOf(r), Text: r.text})
}

// labelsOf returns the labels of an entry that was rejected.
func (d *sending) labelsOf(r *rejected) string {
	if r.stream == noStream {
		return ""
	}
	return string(d.batch.streams.texts.get(r.stream))
}
