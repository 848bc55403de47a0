package kafkaconf

import (
	"context"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// lookWithin bounds the look at a broker's certificate.
const lookWithin = 5 * time.Second

// Explainer tells errors of a client, after it has found out more about those
// that say too little. It is safe for concurrent use.
type Explainer struct {
	certificates certificates
	start        func(name string, f func()) <-chan struct{}
	ctx          context.Context // ends with Close
	cancel       context.CancelFunc

	mu   sync.Mutex
	look <-chan struct{} // the end of the look under way or over, nil before the first
}

// Explainer makes one for an instance. start starts a goroutine and tells its
// end.
func (p *Properties) Explainer(start func(name string, f func()) <-chan struct{}) *Explainer {
	ctx, cancel := context.WithCancel(context.Background())
	return &Explainer{certificates: p.certificates(), start: start, ctx: ctx, cancel: cancel}
}

// Explain calls tell with what an error is: at once, or a little later on
// another goroutine, where the broker is asked for its certificate. While it is
// being asked, further errors of that kind are not told. Call it for errors that
// are to be logged, not for each one: it makes a connection.
func (e *Explainer) Explain(kind Trouble, err kafka.Error, tell func(Trouble, error)) {
	if kind != Untrusted {
		tell(kind, err)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil || e.looking() {
		return
	}
	e.look = e.start("kafka certificate", func() {
		ctx, cancel := context.WithTimeout(e.ctx, lookWithin)
		defer cancel()
		tell(e.certificates.why(ctx, err))
	})
}

func (e *Explainer) looking() bool {
	if e.look == nil {
		return false
	}
	select {
	case <-e.look:
		return false
	default:
		return true
	}
}

// Close ends what is under way.
func (e *Explainer) Close() {
	e.cancel()
	e.mu.Lock()
	look := e.look
	e.mu.Unlock()
	if look != nil {
		<-look
	}
}
