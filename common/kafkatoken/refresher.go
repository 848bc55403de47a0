package kafkatoken

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// fetchWithin bounds one try to get a token.
const fetchWithin = 15 * time.Second

// asksAt is when librdkafka asks for a new token, as a part of the life it was
// told, and wantedAt when it should. It renews logins at nine tenths of their
// life, so with a young token its own time can be too late: it logs in again with
// the old one, then has to do so once more within a second, which Kafka does not
// allow. And a token server may be away for a while.
const (
	asksAt   = 0.8
	wantedAt = 0.6
)

// told is when librdkafka is told that a token expires. It does not look at it
// for anything but when to ask.
func told(now, expires time.Time) time.Time {
	return now.Add(time.Duration(float64(expires.Sub(now)) * wantedAt / asksAt))
}

// Client is the Kafka client that needs tokens: a kafka.Consumer or a
// kafka.Producer.
type Client interface {
	SetOAuthBearerToken(kafka.OAuthBearerToken) error
	SetOAuthBearerTokenFailure(text string) error
}

// Settings are those of a Refresher.
type Settings struct {
	Source     Source
	Extensions map[string]string // go along with the token, RFC 7628
	Log        *slog.Logger
	// Go starts a goroutine and tells its end.
	Go func(name string, f func()) (ended <-chan struct{})
}

// Refresher keeps one client in tokens. A nil one does nothing, for clients
// that need none.
//
// Failures are not logged here: librdkafka turns each into an error event of the
// client, which its owner logs, and asks again after ten seconds.
type Refresher struct {
	Settings
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	failed int // tries since the last token; of the goroutine under way

	mu     sync.Mutex
	closed bool
	ended  <-chan struct{} // of the last goroutine, nil before the first
}

// New makes a Refresher for one client.
func New(s Settings) *Refresher {
	ctx, cancel := context.WithCancel(context.Background())
	return &Refresher{Settings: s, ctx: ctx, cancel: cancel}
}

// Refresh answers the client's kafka.OAuthBearerTokenRefresh event. It returns
// at once: the loop that reads events has others to read while a token server
// takes its time.
func (r *Refresher) Refresh(client Client) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	before := r.ended
	r.ended = r.Go("kafka token", func() {
		if before != nil {
			// librdkafka asks again only after an answer, so this one is at its
			// very end.
			<-before
		}
		r.refresh(client)
	})
}

// Close ends what is under way. Call it before the client is closed, which is
// not used any more after it.
func (r *Refresher) Close() {
	if r == nil {
		return
	}
	r.mu.Lock()
	r.closed = true
	ended := r.ended
	r.mu.Unlock()
	r.cancel()
	if ended != nil {
		<-ended
	}
}

func (r *Refresher) refresh(client Client) {
	ctx, cancel := context.WithTimeout(r.ctx, fetchWithin)
	defer cancel()
	token, err := r.Source.Token(ctx)
	if r.ctx.Err() != nil {
		return
	}
	now := time.Now()
	if err == nil {
		err = token.check(now)
	}
	if err == nil {
		err = client.SetOAuthBearerToken(kafka.OAuthBearerToken{
			TokenValue: token.Value, Expiration: told(now, token.Expires), Principal: token.Principal, Extensions: r.Extensions,
		})
	}
	if err != nil {
		r.failed++
		// The count makes it a new text: librdkafka reports the same one only
		// once, and an outage of hours would have one line, at its beginning.
		text := fmt.Sprintf("%s (%d in a row)", oneLine(err.Error()), r.failed)
		if err := client.SetOAuthBearerTokenFailure(text); err != nil {
			r.Log.Error("the Kafka client takes no tokens", "err", err)
		}
		return
	}
	if r.failed > 0 {
		r.Log.Info("there is a token for Kafka again", "failed", r.failed)
	}
	r.failed = 0
	r.Log.Debug("a token for Kafka", "principal", token.Principal, "expires", token.Expires.UTC())
}

// maxText bounds what is repeated of others' words.
const maxText = 400

// oneLine makes a text of a server or a library fit for a line of the log.
func oneLine(text string) string {
	text = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
