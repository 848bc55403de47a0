package e2e_test

import (
	"fmt"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// The producer of dead letters gets tokens as the input's own client does, and new ones in
// time while there are no letters.
func TestTokensOfLetters(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		g := ownKafka(t)
		g.tokens.SetLife(youngLife)
		client := harness.NeedKcat(t, g.Kafka)
		from, _ := g.topics(t)
		way := g.overOIDC().but(properties{"on_error": "dead_letter", "dead_letter_topic": from + "-dead", "commit": "appended"})
		g.CreateTopic(t, from+"-dead", 1)
		g.Grant(t, harness.KafkaAgent, from+"-dead")
		client.Produce(t, from, "{\"n\":0}\nbad 0\n")
		h := harness.StartHost(t, host, harness.HostConfig{
			Pipeline: secureInput(g.Kafka, way, from) + "[OUTPUT]\n    Name null\n    Match *\n",
		})
		waitProduced(t, g.Kafka, h, 1, from+"-dead")
		// Idle, for three lives of a token and of both clients.
		waitIssued(t, g.tokens, len(g.tokens.Issued(harness.KafkaAgent.Name))+6)
		client.Produce(t, from, "bad 1\n{\"n\":1}\n")
		waitProduced(t, g.Kafka, h, 2, from+"-dead")
		waitAllCommitted(t, g.Kafka, from, from)
		stop(t, h)
		for n, value := range client.Consume(t, from+"-dead", "%s\n") {
			if value != fmt.Sprintf("bad %d", n) {
				t.Errorf("letter %d is %q", n, value)
			}
		}
		checkNoErrors(t, h)
		checkNoSecret(t, h)
	})
}
