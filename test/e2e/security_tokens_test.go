package e2e_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/tokenserver"
)

// guarded is a cluster that takes tokens, and who gives them.
type guarded struct {
	*harness.Kafka
	tokens *tokenserver.Server
}

// The agent's keys. The harness's agent is also the name of its tokens.
const clientSecret = "hush-client/8+Q=%"

var awsKey = tokenserver.AWSKey{ID: "AKIDAGENT", Secret: "hush-aws/5Rv+"}

func newGuarded() (*guarded, error) {
	tokens, err := tokenserver.New()
	if err != nil {
		return nil, err
	}
	tokens.AddClient(harness.KafkaAgent.Name, clientSecret)
	tokens.AddAWSKey(harness.KafkaAgent.Name, awsKey)
	k, err := harness.NewKafka(harness.KafkaOptions{Secured: true, Tokens: tokens})
	if err != nil {
		tokens.Close()
		return nil, err
	}
	return &guarded{k, tokens}, nil
}

// Close ends both, the brokers first.
func (g *guarded) Close() {
	g.Kafka.Close()
	g.tokens.Close()
}

var guardedOnce = sync.OnceValues(func() (*guarded, error) {
	g, err := newGuarded()
	return keep(g, err)
})

// guardedKafka is the one that tests share which leave its token server as it is.
func guardedKafka(t *testing.T) *guarded {
	t.Helper()
	g, err := guardedOnce()
	if err != nil {
		t.Fatalf("starting a kafka that takes tokens: %v", err)
	}
	harness.Watch(t, g.Kafka)
	return g
}

// ownKafka is one for a test that stops the token server, or has its tokens die young.
func ownKafka(t *testing.T) *guarded {
	t.Helper()
	g, err := newGuarded()
	if err != nil {
		t.Fatalf("starting a kafka that takes tokens: %v", err)
	}
	t.Cleanup(g.Close)
	harness.Watch(t, g.Kafka)
	return g
}

// The ways in, for clients that have everything right.

func (g *guarded) bearer(l harness.SecureListener, more properties) access {
	return access{l, overTLS(g.Security()).properties.with(properties{
		"security.protocol": "sasl_ssl", "sasl.mechanism": "OAUTHBEARER",
	}).with(more)}
}

func (g *guarded) overOIDC() access {
	return g.bearer(harness.ListenOAuth, properties{
		"oauth_token_url": g.tokens.TokenURL(), "oauth_client_id": harness.KafkaAgent.Name,
		"oauth_client_secret": clientSecret, "oauth_scope": tokenserver.Scope,
	})
}

func (g *guarded) overIAM() access {
	return g.bearer(harness.ListenIAM, properties{"aws_region": "eu-central-1"})
}

// awsEnv is what AWS's programs find in the environment, and nothing else of this machine.
func (g *guarded) awsEnv(t *testing.T) map[string]string {
	none := filepath.Join(t.TempDir(), "none")
	return map[string]string{
		"AWS_ACCESS_KEY_ID": awsKey.ID, "AWS_SECRET_ACCESS_KEY": awsKey.Secret,
		"AWS_ENDPOINT_URL_STS": g.tokens.AWSURL(), "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none,
	}
}

// signedFile holds a token of the token server for the agent.
func (g *guarded) signedFile(t *testing.T) string {
	t.Helper()
	token, err := g.tokens.Sign(harness.KafkaAgent.Name, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return secretFile(t, token)
}

// tokenWays are all ways to come by a token.
func tokenWays(t *testing.T, g *guarded) map[string]access {
	oidc := g.overOIDC()
	return map[string]access{
		"secret":           oidc,
		"secret in a file": oidc.but(properties{"oauth_client_secret": "", "oauth_client_secret_file": secretFile(t, clientSecret)}),
		"assertion":        oidc.but(properties{"oauth_client_secret": "", "oauth_assertion_file": g.signedFile(t)}),
		"no scope":         oidc.but(properties{"oauth_scope": "", "oauth_params": "audience=kafka", "oauth_extensions": "logicalCluster=lkc-1"}),
		"token file":       g.bearer(harness.ListenOAuth, properties{"oauth_token_file": g.signedFile(t)}),
		"AWS key":          g.overIAM(),
		"AWS role":         g.overIAM().but(properties{"aws_role_arn": "arn:aws:iam::123456789012:role/" + harness.KafkaAgent.Name}),
	}
}

// Numbered records go from topic to topic, in and out by the same kind of token.
func TestTokenDelivery(t *testing.T) {
	g := guardedKafka(t)
	client := harness.NeedKcat(t, g.Kafka)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, way := range tokenWays(t, g) {
			t.Run(name, func(t *testing.T) {
				from, to := g.topics(t)
				client.Produce(t, from, numberedLines(secureLoad))
				h := harness.StartHost(t, host, harness.HostConfig{
					Pipeline: secureInput(g.Kafka, way, from) + secureOutput(g.Kafka, way, "kafka", to),
					Env:      g.awsEnv(t),
				})
				waitProduced(t, g.Kafka, h, secureLoad, to)
				stop(t, h)
				numbersOf(t, secureLoad, client.Consume(t, to, "%s\n")).once(t)
				checkCommitted(t, g.Kafka, from, from)
				checkNoErrors(t, h)
				if way.listener == harness.ListenIAM {
					checkShown(t, g.tokens, way.properties["aws_role_arn"] != "")
				}
				checkNoSecret(t, h)
			})
		}
	})
}

// topics are two that the agent may use.
func (g *guarded) topics(t *testing.T) (from, to string) {
	t.Helper()
	from = uniqueName(t)
	to = from + "-to"
	for _, topic := range []string{from, to} {
		g.CreateTopic(t, topic, 2)
		g.Grant(t, harness.KafkaAgent, topic)
	}
	return from, to
}

// checkShown looks at what the brokers got for MSK, of a role's session or not: tokens that
// are good for 15 minutes.
func checkShown(t *testing.T, tokens *tokenserver.Server, role bool) {
	t.Helper()
	count := 0
	for _, shown := range tokens.Shown() {
		if shown.Region != "eu-central-1" || shown.Life != 15*time.Minute || shown.User != harness.KafkaAgent.Name {
			t.Errorf("a broker got %+v", shown)
		}
		if role == (shown.KeyID != awsKey.ID) {
			count++
		}
	}
	if count == 0 {
		t.Error("no broker got such a token")
	}
}

// checkNoErrors demands a log without errors of the instances.
func checkNoErrors(t *testing.T, h *harness.Host) {
	t.Helper()
	for _, alias := range []string{"in", "out"} {
		for _, line := range linesOf(h, "error", alias) {
			t.Errorf("an error: %s", line)
		}
	}
}
