package outkafka

import (
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkatoken"
)

// session is one producer's life. A producer that met a fatal error takes
// nothing more, so a client can go through several.
type session struct {
	producer *kafka.Producer
	progress progress
	tokens   *kafkatoken.Refresher // nil where the producer needs none
	// alone tells that every message is in a batch of its own, so that what
	// the broker says of a batch is said of that message.
	alone bool

	// users are the flushes that produce: the producer may not go under them.
	users sync.WaitGroup
	// loops are the ends of the goroutines that read its channels.
	loops []<-chan struct{}
	// closed is closed when no report can come any more.
	closed chan struct{}
}

// end closes the producer, after what is under way has been reported or the
// deadline is over. It returns the number of messages without a report.
func (s *session) end(deadline time.Time) (left int) {
	s.users.Wait()
	// What Flush returns includes events that are about no message.
	left = s.producer.Flush(max(int(time.Until(deadline).Milliseconds()), 0))
	left = min(left, int(s.progress.produced.Load()-s.progress.landed.Load()))
	s.progress.end()
	s.tokens.Close()
	s.producer.Close()
	close(s.closed)
	for _, ended := range s.loops {
		<-ended
	}
	return left
}
