package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// secureLoad is what goes through each way in.
const secureLoad = 2000

// secureWays are all ways of a client that has everything right.
func secureWays(t *testing.T, s *harness.KafkaSecurity) map[string]access {
	const keyPassword = "hush-key-9Lm"
	ways := map[string]access{
		"TLS":                     overTLS(s),
		"TLS, client certificate": overMutualTLS(s),
		"PLAIN over TLS":          overSASL(s, "PLAIN"),
		"SCRAM-SHA-256 over TLS":  overSASL(s, "SCRAM-SHA-256"),
		"SCRAM-SHA-512 over TLS":  overSASL(s, "SCRAM-SHA-512"),
		"PLAIN in the clear":      overClearSASL(s, "PLAIN"),
		"SCRAM in the clear":      overClearSASL(s, "SCRAM-SHA-512"),
	}
	encrypted := overMutualTLS(s)
	encrypted.properties = encrypted.properties.with(properties{
		"ssl.key.location": s.EncryptedKey(t, keyPassword), "ssl.key.password": keyPassword,
	})
	ways["TLS, encrypted key"] = encrypted
	ways["TLS, encrypted key, its password in a file"] = access{encrypted.listener, encrypted.properties.with(properties{
		"ssl.key.password": "", "ssl_key_password_file": secretFile(t, keyPassword),
	})}
	fromFile := overSASL(s, "SCRAM-SHA-512")
	fromFile.properties = fromFile.properties.with(properties{
		"sasl.password": "", "sasl_password_file": secretFile(t, harness.KafkaAgent.Password),
	})
	ways["SCRAM over TLS, password in a file"] = fromFile
	return ways
}

// secretFile holds a secret as editors and orchestrators leave it, with a line's end.
func secretFile(t *testing.T, secret string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Numbered records go from topic to topic, in and out by the same way: each arrives once, the
// offsets are committed, and the log shows no secret.
func TestSecureDelivery(t *testing.T) {
	k := securedKafka(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, way := range secureWays(t, k.Security()) {
			t.Run(name, func(t *testing.T) {
				from := uniqueName(t)
				to := from + "-to"
				for _, topic := range []string{from, to} {
					k.CreateTopic(t, topic, 2)
					k.Grant(t, harness.KafkaAgent, topic)
				}
				client.Produce(t, from, numberedLines(secureLoad))
				h := harness.StartHost(t, host, harness.HostConfig{
					Pipeline: secureInput(k, way, from) + secureOutput(k, way, "kafka", to),
				})
				waitProduced(t, k, h, secureLoad, to)
				stop(t, h)
				numbersOf(t, secureLoad, client.Consume(t, to, "%s\n")).once(t)
				checkCommitted(t, k, from, from)
				checkNoSecret(t, h)
			})
		}
	})
}

func numberedLines(count int) string {
	var b strings.Builder
	for n := range count {
		fmt.Fprintf(&b, "{\"n\":%d}\n", n)
	}
	return b.String()
}

// checkNoSecret looks for the beginning that all passwords of these tests have.
func checkNoSecret(t *testing.T, h *harness.Host) {
	t.Helper()
	for line := range strings.Lines(h.Log()) {
		if strings.Contains(line, "hush-") {
			t.Errorf("a secret is in the log: %s", line)
		}
	}
}
