// Package kafkatoken gets the tokens with which a Kafka client logs in by SASL
// OAUTHBEARER, and gives the client a new one before the last expires.
//
// A Source is where tokens come from: a token server, a file that someone else
// keeps fresh, or AWS credentials, for MSK. librdkafka asks for a token at the
// start and before the last expires, in an event that it also sends to a client
// without messages; a Refresher answers. librdkafka could ask token
// servers by itself. This way, though, secrets come from files that may change,
// a stop does not wait for a server that does not answer, tokens need not be
// JWTs, and an error says what the server said.
//
// A token is proof of who one is: none is in an error or a log line.
package kafkatoken

import (
	"context"
	"errors"
	"time"
)

// Token is what a client shows to the brokers.
type Token struct {
	Value   string
	Expires time.Time
	// Principal is whom the token is for, as far as is known here: librdkafka
	// names it when brokers refuse. What they go by is in the token.
	Principal string
}

// Source gives tokens. It has to end soon after its context; it is not called
// twice at the same time for the same client.
type Source interface {
	Token(context.Context) (Token, error)
}

// maxToken is far above what brokers take in a login, 512 KiB with Kafka's
// defaults, and bounds what a wrong file costs.
const maxToken = 256 << 10

// check holds a token to what SASL can carry, RFC 6750. librdkafka does that
// too, but repeats what it refuses.
func (t *Token) check(now time.Time) error {
	if t.Value == "" {
		return errors.New("the token is empty")
	}
	if len(t.Value) > maxToken {
		return errors.New("the token is longer than 256 KiB")
	}
	for i := range len(t.Value) {
		if c := t.Value[i]; c <= ' ' || c > '~' {
			return errors.New("the token has a byte that tokens cannot have")
		}
	}
	if !t.Expires.After(now) {
		return errors.New("the token expired at " + t.Expires.UTC().Format(time.RFC3339) + ", by the clock of this machine")
	}
	return nil
}
