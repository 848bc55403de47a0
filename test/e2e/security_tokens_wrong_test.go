package e2e_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/tokenserver"
)

// The words, by what is wrong with a token.
var (
	noToken  = []string{"there is no token to log in to Kafka with", "check the options oauth_ or aws_"}
	badToken = []string{"Kafka refuses this client's token", "check that the brokers trust", `invalid_token`}
)

// says is what a wrong way leads to, with more words than its kind has.
func says(a access, kind []string, more ...string) wrongAccess {
	return wrongAccess{a, append(append([]string{}, kind...), more...)}
}

func wrongTokens(t *testing.T, g *guarded) map[string]wrongAccess {
	oidc, iam := g.overOIDC(), g.overIAM()
	other, err := tokenserver.New() // which the brokers do not know
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	other.AddClient(harness.KafkaAgent.Name, clientSecret)
	const answered = " answered "
	return map[string]wrongAccess{
		"a wrong secret": says(oidc.but(properties{"oauth_client_secret": "hush-wrong"}), noToken,
			g.tokens.TokenURL()+answered+"401 Unauthorized: invalid_client: Invalid client"),
		"a wrong scope": says(oidc.but(properties{"oauth_scope": "kafka.admin"}), noToken,
			g.tokens.TokenURL()+answered+"400 Bad Request: invalid_scope: Invalid scopes: kafka.admin"),
		"a wrong path": says(oidc.but(properties{"oauth_token_url": g.tokens.Issuer() + "/tokens"}), noToken, answered+"404 Not Found"),
		"a host that is not there": says(oidc.but(properties{"oauth_token_url": "https://login.invalid/token"}), noToken,
			"asking the token server https://login.invalid/token", "lookup login.invalid"),
		"TLS to a port without": says(oidc.but(properties{"oauth_token_url": "https" + g.tokens.TokenURL()[len("http"):]}), noToken,
			"server gave HTTP response to HTTPS client"),
		"no token file": says(g.bearer(harness.ListenOAuth, properties{"oauth_token_file": "/none"}), noToken, "open /none: no such file"),
		"a role that is denied": says(iam.but(properties{"aws_role_arn": "arn:aws:iam::123456789012:role/forbidden"}), noToken,
			"getting AWS credentials", "AccessDenied"),

		"a token server that brokers do not trust": says(oidc.but(properties{"oauth_token_url": other.TokenURL()}), badToken),
		"a token for others":                       says(oidc.at(harness.ListenIAM), badToken),
		"tokens for passwords":                     says(oidc.at(harness.ListenSASL), refused[:1]),
	}
}

// Whatever is wrong with tokens, each plugin says it in one line, with what the token server
// said, and without a secret.
func TestTokensWrong(t *testing.T) {
	g := guardedKafka(t)
	topic := uniqueName(t)
	g.CreateTopic(t, topic, 1)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, wrong := range wrongTokens(t, g) {
			t.Run(name, func(t *testing.T) {
				t.Parallel() // most of the time they wait
				h := harness.StartHost(t, host, harness.HostConfig{
					Pipeline: secureInput(g.Kafka, wrong.access, topic) + dummy + secureOutput(g.Kafka, wrong.access, "kafka.t", topic),
					Env:      g.awsEnv(t),
				})
				waitWords(t, h, append([]string{"[input:tidegate_kafka:in]", "[error]"}, wrong.words...))
				waitWords(t, h, append([]string{"[output:tidegate_kafka:out]", "[error]"}, wrong.words...))
				h.WaitLog(t, `tidegate_kafka:out.*within flush_timeout`, time.Minute)
				stop(t, h)
				checkOneLine(t, h, "in")
				checkOneLine(t, h, "out")
				checkNoSecret(t, h)
			})
		}
	})
}

// What tokens lack is told at start, by either plugin, in one line that names the option.
func TestTokenOptionsStopTheStart(t *testing.T) {
	g := guardedKafka(t)
	oidc, iam := g.overOIDC(), g.overIAM()
	cases := map[string]struct {
		access
		words []string
	}{
		"no source":      {g.bearer(harness.ListenOAuth, nil), []string{"oauth_token_url, oauth_token_file or aws_region is required"}},
		"two sources":    {oidc.but(properties{"aws_region": "eu-central-1"}), []string{"oauth_token_url and aws_region are both set"}},
		"no secret":      {oidc.but(properties{"oauth_client_secret": ""}), []string{"one of oauth_client_secret_file", "is required"}},
		"Java's name":    {iam.but(properties{"sasl.mechanism": "AWS_MSK_IAM"}), []string{"for Amazon MSK set OAUTHBEARER, and aws_region"}},
		"no AWS profile": {iam.but(properties{"aws_profile": "none"}), []string{"reading AWS's configuration", "none"}},
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, c := range cases {
			for plugin, pipeline := range map[string]string{
				"input":  secureInput(g.Kafka, c.access, "t") + "[OUTPUT]\n    Name null\n    Match *\n",
				"output": dummy + secureOutput(g.Kafka, c.access, "*", "t"),
			} {
				t.Run(name+", "+plugin, func(t *testing.T) {
					h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline, Env: g.awsEnv(t)})
					if code := h.ExitCode(t, 30*time.Second); code == 0 || killedBySignal(code) {
						t.Errorf("exit code %d: the host is to end on its own with an error", code)
					}
					if !lineWith(h.Log(), append([]string{"[" + plugin + ":tidegate_kafka:"}, c.words...)) {
						t.Errorf("no line of the log holds all of %q", c.words)
					}
					checkNoSecret(t, h)
				})
			}
		}
	})
}
