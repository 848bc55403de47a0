package deadletter

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkatoken"
)

// tokenSource counts what it gives: tokens that live for two seconds.
type tokenSource struct{ given atomic.Int64 }

func (s *tokenSource) Token(context.Context) (kafkatoken.Token, error) {
	s.given.Add(1)
	return kafkatoken.Token{Value: "token", Principal: "tidegate", Expires: time.Now().Add(2 * time.Second)}, nil
}

// The producer gets a token at its start and a new one before that dies, also while there
// are no letters, and none once it is closed.
func TestTokens(t *testing.T) {
	var source tokenSource
	a := newAgent()
	owner := a.owner(t)
	topic, err := NewTopic(owner, "dead", Cluster{
		Brokers: []string{"127.0.0.1:1"},
		Properties: func(yield func(string, string) bool) {
			_ = yield("security.protocol", "sasl_plaintext") && yield("sasl.mechanism", "OAUTHBEARER")
		},
		Tokens: func() (*kafkatoken.Refresher, error) {
			return kafkatoken.New(kafkatoken.Settings{Source: &source, Log: owner.Host.Log, Go: owner.Host.Go}), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "a third token", func() bool { return source.given.Load() >= 3 })
	topic.Close(time.Now())
	a.running.Wait()
	if strings.Contains(a.lines(), "takes no tokens") {
		t.Errorf("log:\n%s", a.lines())
	}
}

// Where a source cannot be made, there is no Topic.
func TestNoTokens(t *testing.T) {
	_, err := NewTopic(newAgent().owner(t), "dead", Cluster{
		Brokers: []string{"127.0.0.1:1"},
		Tokens:  func() (*kafkatoken.Refresher, error) { return nil, errors.New("no credentials") },
	})
	if err == nil || !strings.Contains(err.Error(), "no credentials") {
		t.Errorf("got %v", err)
	}
}

// Each client is told of its own requests, also the one that took a broken one's place.
func TestTokensOfTheNextClient(t *testing.T) {
	first, second := newFake(func(*kafka.Message) error { return errNoReport }), newFake(func(*kafka.Message) error { return nil })
	testTopic(t, func(t *testing.T, _ *agent, topic *Topic) {
		if err := topic.Send(numberedLetter(1), func() {}); err != nil {
			t.Fatal(err)
		}
		first.events <- kafka.OAuthBearerTokenRefresh{}
		first.events <- kafka.NewError(kafka.ErrOutOfOrderSequenceNumber, "gone", true)
		time.Sleep(lastWait) // of the bubble's clock
		second.events <- kafka.OAuthBearerTokenRefresh{}
		synctest.Wait()
		if first.refreshes != 1 || second.refreshes != 1 {
			t.Errorf("%d and %d requests were passed on", first.refreshes, second.refreshes)
		}
	}, first, second)
}
