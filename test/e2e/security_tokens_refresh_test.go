package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/tokenserver"
)

// youngLife is how long tokens live that are to die in a test. With less than six seconds,
// librdkafka renews a login, late in a token's life, within a second of its beginning, which
// Kafka does not allow.
const youngLife = 8 * time.Second

// Tokens of some seconds are replaced in time while messages flow, and also while none does:
// the brokers, which end a login with its token, see no late one.
func TestTokensAreRefreshed(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		g := ownKafka(t)
		g.tokens.SetLife(youngLife)
		client := harness.NeedKcat(t, g.Kafka)
		from, to := g.topics(t)
		h := harness.StartHost(t, host, harness.HostConfig{
			Pipeline: secureInput(g.Kafka, g.overOIDC(), from) + secureOutput(g.Kafka, g.overOIDC(), "kafka", to),
		})
		first, rest := numberedLines(secureLoad), numberedLines(3*secureLoad)
		client.Produce(t, from, first)
		waitProduced(t, g.Kafka, h, secureLoad, to)
		// Idle, for three lives of a token and of both clients.
		waitIssued(t, g.tokens, len(g.tokens.Issued(harness.KafkaAgent.Name))+6)
		client.Produce(t, from, rest[len(first):])
		waitProduced(t, g.Kafka, h, 3*secureLoad, to)
		stop(t, h)
		numbersOf(t, 3*secureLoad, client.Consume(t, to, "%s\n")).once(t)
		checkCommitted(t, g.Kafka, from, from)
		checkNoErrors(t, h)
		if n := g.tokens.Refused(); n > 0 {
			t.Errorf("%d requests for tokens were refused", n)
		}
	})
}

// waitIssued waits until the agent got so many tokens in all.
func waitIssued(t *testing.T, s *tokenserver.Server, count int) {
	t.Helper()
	harness.Eventually(t, time.Minute, "tokens", func() error {
		if n := len(s.Issued(harness.KafkaAgent.Name)); n < count {
			return fmt.Errorf("%d of %d were given", n, count)
		}
		return nil
	})
}

// An agent that starts before its token server says so in one line, and delivers once the
// server is there. The same holds for one whose server goes away for longer than a token's
// life.
func TestTokenServerComesLater(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		g := ownKafka(t)
		g.tokens.SetLife(youngLife)
		g.tokens.Stop()
		client := harness.NeedKcat(t, g.Kafka)
		from, to := g.topics(t)
		client.Produce(t, from, numberedLines(secureLoad))
		h := harness.StartHost(t, host, harness.HostConfig{
			Pipeline: secureInput(g.Kafka, g.overOIDC(), from) + secureOutput(g.Kafka, g.overOIDC(), "kafka", to),
		})
		noToken := []string{"[error]", "there is no token to log in to Kafka with", g.tokens.TokenURL(), "connection refused"}
		waitWords(t, h, append([]string{"[input:tidegate_kafka:in]"}, noToken...))
		waitWords(t, h, append([]string{"[output:tidegate_kafka:out]"}, noToken...))
		startTokens(t, g.tokens)
		waitProduced(t, g.Kafka, h, secureLoad, to)
		waitWords(t, h, []string{"[input:tidegate_kafka:in]", "[ info]", "there is a token for Kafka again"})
		checkOneLine(t, h, "in")
		checkOneLine(t, h, "out")

		g.tokens.Stop()
		refused := []string{"refuses this client's token"}
		waitWords(t, h, append([]string{"[input:tidegate_kafka:in]"}, refused...))
		first, rest := numberedLines(secureLoad), numberedLines(2*secureLoad)
		client.Produce(t, from, rest[len(first):])
		startTokens(t, g.tokens)
		waitProduced(t, g.Kafka, h, 2*secureLoad, to)
		stop(t, h)
		numbersOf(t, 2*secureLoad, client.Consume(t, to, "%s\n")).once(t)
		checkNoSecret(t, h)
	})
}

func startTokens(t *testing.T, s *tokenserver.Server) {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
}
