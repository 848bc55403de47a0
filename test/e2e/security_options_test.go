package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// What security lacks is told at start, by either plugin, in one line that names the option.
func TestSecurityOptionsStopTheStart(t *testing.T) {
	k := securedKafka(t)
	s := k.Security()
	mutual, plain := overMutualTLS(s), overSASL(s, "PLAIN")
	encrypted := mutual.but(properties{"ssl.key.location": s.EncryptedKey(t, "hush-key")})
	cases := map[string]struct {
		access
		words []string
	}{
		"Kerberos":               {overSASL(s, "GSSAPI"), []string{"rdkafka.sasl.mechanism GSSAPI", "Kerberos is not in", "SCRAM-SHA-512"}},
		"no mechanism":           {overSASL(s, ""), []string{"rdkafka.sasl.mechanism is required", "sasl_ssl", "PLAIN"}},
		"an unknown mechanism":   {overSASL(s, "scram"), []string{`rdkafka.sasl.mechanism "scram" must be one of`, "PLAIN"}},
		"no user":                {plain.but(properties{"sasl.username": ""}), []string{"rdkafka.sasl.username is required"}},
		"no password":            {plain.but(properties{"sasl.password": ""}), []string{"sasl_password_file or rdkafka.sasl.password is required"}},
		"no file of a password":  {plain.but(properties{"sasl.password": "", "sasl_password_file": "/none"}), []string{"sasl_password_file: open /none"}},
		"two passwords":          {plain.but(properties{"sasl_password_file": s.CA}), []string{"sasl_password_file and rdkafka.sasl.password are both set"}},
		"SASL without protocol":  {plain.but(properties{"security.protocol": "ssl"}), []string{"rdkafka.sasl.username has no use without rdkafka.security.protocol sasl_ssl"}},
		"no file of a CA":        {plain.but(properties{"ssl.ca.location": "/none"}), []string{"rdkafka.ssl.ca.location: open /none"}},
		"a key for a CA":         {plain.but(properties{"ssl.ca.location": s.AgentKey}), []string{"rdkafka.ssl.ca.location", "holds no certificate in PEM form"}},
		"an encrypted key":       {encrypted, []string{"rdkafka.ssl.key.location", "is encrypted", "ssl_key_password_file"}},
		"a wrong password of it": {encrypted.but(properties{"ssl.key.password": "hush-wrong"}), []string{"cannot start", "ssl.key.location failed"}},
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, c := range cases {
			for plugin, pipeline := range map[string]string{
				"input":  secureInput(k, c.access, "t") + "[OUTPUT]\n    Name null\n    Match *\n",
				"output": dummy + secureOutput(k, c.access, "*", "t"),
			} {
				t.Run(name+", "+plugin, func(t *testing.T) {
					h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline})
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

// The line with the effective configuration has the secrets masked, where they came from a
// file too.
func TestSecretsAreMasked(t *testing.T) {
	k := securedKafka(t)
	s := k.Security()
	way := overSASL(s, "PLAIN").but(properties{"sasl.password": "", "sasl_password_file": secretFile(t, harness.KafkaAgent.Password)})
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: secureInput(k, way, "t") + dummy + secureOutput(k, way, "kafka.t", "t")})
		for _, plugin := range []string{"input", "output"} {
			line := h.WaitLog(t, plugin+`:tidegate_kafka.*starting tidegate`, time.Minute)
			for _, want := range []string{"rdkafka.sasl.password=<secret>", "sasl_password_file=" + way.properties["sasl_password_file"], "rdkafka.sasl.username=agent"} {
				if !strings.Contains(line, want) {
					t.Errorf("no %s in %s", want, line)
				}
			}
		}
		stop(t, h)
		checkNoSecret(t, h)
	})
}
