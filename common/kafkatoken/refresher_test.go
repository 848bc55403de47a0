package kafkatoken

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// fakeClient asks as librdkafka does: after four fifths of a token's life, ten seconds after a
// failure.
type fakeClient struct {
	refresher *Refresher
	tokens    []kafka.OAuthBearerToken
	failures  []string
	refuse    error
	asked     *time.Timer
}

func (c *fakeClient) ask() { c.refresher.Refresh(c) }

func (c *fakeClient) SetOAuthBearerToken(t kafka.OAuthBearerToken) error {
	if c.refuse != nil {
		return c.refuse
	}
	c.tokens = append(c.tokens, t)
	c.asked = time.AfterFunc(time.Until(t.Expiration)*4/5, c.ask)
	return nil
}

func (c *fakeClient) SetOAuthBearerTokenFailure(text string) error {
	c.failures = append(c.failures, text)
	c.asked = time.AfterFunc(10*time.Second, c.ask)
	return nil
}

// source is a Source of a test.
type source func(ctx context.Context) (Token, error)

func (s source) Token(ctx context.Context) (Token, error) { return s(ctx) }

func spawn(_ string, f func()) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f()
	}()
	return ended
}

func newFake(s source, log *strings.Builder) *fakeClient {
	c := &fakeClient{}
	c.refresher = New(Settings{
		Source: s, Extensions: map[string]string{"logicalCluster": "c"}, Go: spawn,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	return c
}

func TestRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		c := newFake(func(context.Context) (Token, error) {
			return Token{Value: "secret-token", Expires: time.Now().Add(10 * time.Second), Principal: "agent"}, nil
		}, &log)
		c.ask()
		time.Sleep(time.Minute - time.Second)
		synctest.Wait()
		c.refresher.Close()
		c.asked.Stop()
		if len(c.tokens) != 10 || len(c.failures) != 0 { // at 0, 6 … 54 s
			t.Fatalf("%d tokens, %d failures", len(c.tokens), len(c.failures))
		}
		if got := c.tokens[0]; got.TokenValue != "secret-token" || got.Principal != "agent" || got.Extensions["logicalCluster"] != "c" {
			t.Errorf("got %+v", got)
		}
		if log.Len() > 0 {
			t.Errorf("logged: %s", log.String())
		}
	})
}

// A source that fails is asked again; each failure has a text of its own, and its end a line.
func TestFailsAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		tries := 0
		c := newFake(func(context.Context) (Token, error) {
			if tries++; tries <= 3 {
				return Token{}, errors.New("the server\r\n said\x00 no")
			}
			return Token{Value: "t", Expires: time.Now().Add(time.Hour)}, nil
		}, &log)
		c.ask()
		time.Sleep(time.Minute)
		synctest.Wait()
		c.refresher.Close()
		c.asked.Stop()
		want := []string{"the server said no (1 in a row)", "the server said no (2 in a row)", "the server said no (3 in a row)"}
		if strings.Join(c.failures, "|") != strings.Join(want, "|") || len(c.tokens) != 1 {
			t.Errorf("failures %q, %d tokens", c.failures, len(c.tokens))
		}
		if !strings.Contains(log.String(), "there is a token for Kafka again\" failed=3") {
			t.Errorf("logged: %s", log.String())
		}
	})
}

// What SASL cannot carry, what has expired and what the client refuses is a failure; no text
// has the token.
func TestRefusedTokens(t *testing.T) {
	f := func(want string, token Token, refuse error) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			c := newFake(func(context.Context) (Token, error) { return token, nil }, &log)
			c.refuse = refuse
			c.ask()
			synctest.Wait()
			c.refresher.Close()
			c.asked.Stop()
			if len(c.failures) != 1 || !strings.HasPrefix(c.failures[0], want+" (1") || len(c.tokens) > 0 {
				t.Errorf("failures %q", c.failures)
			}
			if strings.Contains(c.failures[0]+log.String(), "hush") {
				t.Errorf("the token is in %q or %q", c.failures, log.String())
			}
		})
	}
	later := time.Now().Add(100 * 365 * 24 * time.Hour)
	f("the token is empty", Token{Expires: later}, nil)
	f("the token has a byte that tokens cannot have", Token{Value: "hush\x01x", Expires: later}, nil)
	f("the token has a byte that tokens cannot have", Token{Value: "hush x", Expires: later}, nil)
	f("the token is longer than 256 KiB", Token{Value: strings.Repeat("hush", 1<<18), Expires: later}, nil)
	f("the token expired at 1990-01-01T00:00:00Z, by the clock of this machine", Token{Value: "hush", Expires: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)}, nil)
	f("not me", Token{Value: "hush", Expires: later}, errors.New("not me"))
}

// A stop does not wait for a source that does not answer, and nothing touches the client after
// it.
func TestCloseWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		c := newFake(func(ctx context.Context) (Token, error) {
			<-ctx.Done()
			return Token{}, ctx.Err()
		}, &log)
		c.ask()
		synctest.Wait()
		start := time.Now()
		c.refresher.Close()
		c.ask() // an event that was read late
		synctest.Wait()
		if time.Since(start) > 0 || len(c.failures)+len(c.tokens) > 0 {
			t.Errorf("closed after %s with %q", time.Since(start), c.failures)
		}
	})
}

// A source that does not answer is given up, so that the log says something.
func TestSilentSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		c := newFake(func(ctx context.Context) (Token, error) {
			<-ctx.Done()
			return Token{}, ctx.Err()
		}, &log)
		c.ask()
		time.Sleep(fetchWithin + time.Second)
		synctest.Wait()
		c.refresher.Close()
		if len(c.failures) != 1 {
			t.Errorf("failures %q", c.failures)
		}
		c.asked.Stop()
	})
}

func TestNilRefresher(*testing.T) {
	var r *Refresher
	r.Refresh(nil)
	r.Close()
}
