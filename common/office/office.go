// Package office brings what an output rejects to its dead letters. A rejected
// record is settled once its letter is safe: until then its chunk waits, and the
// record is not sent to the server again.
//
//	mail := office.Open(tag, data)
//	… send what mail.Has has not, and collect what is rejected …
//	if !mail.Post(ctx, tag, data, rejects, &sums) {
//		office.Keep(tag, data, mail)
//		… answer RETRY, with what mail.Waits for not settled …
//	}
//
// It counts a record as rejected when its letter is taken. It starts no
// goroutine but those of the sink.
package office

import (
	"log/slog"
	"time"

	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
	"github.com/tidegate/tidegate/common/resume"
	"github.com/tidegate/tidegate/common/throttle"
)

const (
	// maxMails and keepMail are those of package attempt for chunks that wait.
	maxMails = 1024
	keepMail = time.Hour
	// closeWithin is how long an exit waits for letters under way.
	closeWithin = time.Second
)

// Office is where an output's dead letters go. nil is none: then what is
// rejected is settled at once. It is safe for concurrent use.
type Office[R reasons.Reason] struct {
	sink deadletter.Sink
	// patience is how long a flush waits for its letters.
	patience time.Duration
	log      *slog.Logger
	waits    throttle.Line
	// mails are those of chunks with letters under way.
	mails *resume.Store[*Mail[R]]
}

// New returns an office whose letters go to a sink, which is then the office's.
func New[R reasons.Reason](sink deadletter.Sink, patience time.Duration, log *slog.Logger) *Office[R] {
	return &Office[R]{sink: sink, patience: patience, log: log, mails: resume.New[*Mail[R]](maxMails, keepMail)}
}

// From makes the office that the options of an output ask for, nil if they ask
// for none. prefix is that of its metrics, count the number of its reasons; in
// is as deadletter.Config.Open takes it.
func From[R reasons.Reason](c *deadletter.Config, host plugin.Host, prefix string, count R, in deadletter.Cluster, patience time.Duration) (*Office[R], error) {
	if !c.Wanted() {
		return nil, nil //nolint:nilnil // none is wanted
	}
	names := make([]string, count)
	for why := range names {
		names[why] = R(why).String()
	}
	sink, err := c.Open(deadletter.Owner{Host: host, Prefix: prefix, Reasons: names}, in)
	if err != nil {
		return nil, err
	}
	return New[R](sink, patience, host.Log), nil
}

// NewMail returns the mail of a chunk that has none yet.
func (o *Office[R]) NewMail() *Mail[R] {
	if o == nil {
		return nil
	}
	return &Mail[R]{office: o, letters: map[int]bool{}}
}

// Open returns the mail of a chunk: what Keep was given, or an empty one.
func (o *Office[R]) Open(tag string, data []byte) *Mail[R] {
	if o == nil {
		return o.NewMail()
	}
	if m, is := o.mails.Claim(tag, data); is {
		m.again = true
		return m
	}
	return o.NewMail()
}

// Keep keeps the mail of a chunk that has to wait for it.
func (o *Office[R]) Keep(tag string, data []byte, m *Mail[R]) {
	o.mails.Keep(tag, data, m)
}

// wait tells that a chunk waits for its letters.
func (o *Office[R]) wait(now time.Time) {
	if chunks, due := o.waits.Add(now, 1); due {
		o.log.Warn("dead letters are not safe yet, chunks wait", slog.Int64("chunks", chunks))
	}
}

// Close gives the last letters a moment, and returns how many are not safe.
func (o *Office[R]) Close() (left int) {
	if o == nil {
		return 0
	}
	return o.sink.Close(time.Now().Add(closeWithin))
}
