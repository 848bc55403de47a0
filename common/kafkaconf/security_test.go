package kafkaconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

// given parses `name=value` options and validates them, as the core does.
func given(pairs ...string) (*Properties, error) {
	p := NewProperties(Consumer, nil)
	err := p.Options().Parse(func(name string) (string, bool) {
		for _, pair := range pairs {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value, true
			}
		}
		return "", false
	})
	if err == nil {
		err = p.Validate()
	}
	return &p, err
}

func TestSecurityRefused(t *testing.T) {
	dir := t.TempDir()
	f := func(want string, pairs ...string) {
		t.Helper()
		_, err := given(pairs...)
		if got := strings.ReplaceAll(options.Problems(err), dir, "…"); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", pairs, got, want)
		}
	}
	const sasl = "rdkafka.security.protocol=SASL_SSL"
	f("rdkafka.sasl.mechanism GSSAPI: Kerberos is not in the Kafka client of these plugins; set one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER",
		sasl, "rdkafka.sasl.mechanism=GSSAPI", "rdkafka.sasl.username=u", "rdkafka.sasl.password=p")
	f("rdkafka.sasl.mechanism is required with rdkafka.security.protocol sasl_ssl: one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER", sasl)
	f(`rdkafka.sasl.mechanism "plain" must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`, sasl, "rdkafka.sasl.mechanisms=plain")
	f("rdkafka.sasl.username is required with rdkafka.sasl.mechanism PLAIN; sasl_password_file or rdkafka.sasl.password is required with rdkafka.sasl.mechanism PLAIN",
		sasl, "rdkafka.sasl.mechanism=PLAIN")
	f("rdkafka.sasl.username has no use without rdkafka.security.protocol sasl_ssl or sasl_plaintext",
		"rdkafka.security.protocol=ssl", "rdkafka.sasl.username=u")
	f("rdkafka.ssl.ca.location has no use without rdkafka.security.protocol ssl or sasl_ssl", "rdkafka.ssl.ca.location=/a")

	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const ssl = "rdkafka.security.protocol=ssl"
	block := func(kind, headers string) string {
		return "-----BEGIN " + kind + "-----\n" + headers + "aGVsbG8=\n-----END " + kind + "-----\n"
	}
	key := file("key", block("PRIVATE KEY", ""))
	locked := file("locked", block("ENCRYPTED PRIVATE KEY", ""))
	old := file("old", block("EC PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"))
	f("rdkafka.ssl.ca.location: open …/none: no such file or directory", ssl, "rdkafka.ssl.ca.location="+dir+"/none")
	f(`rdkafka.ssl.ca.location "…/key" holds no certificate in PEM form`, ssl, "rdkafka.ssl.ca.location="+key)
	f(`rdkafka.ssl.key.location "…/locked" is encrypted: ssl_key_password_file or rdkafka.ssl.key.password is required`, ssl, "rdkafka.ssl.key.location="+locked)
	f(`rdkafka.ssl.key.location "…/old" is encrypted: ssl_key_password_file or rdkafka.ssl.key.password is required`, ssl, "rdkafka.ssl.key.location="+old)
	f("", ssl, "rdkafka.ssl.key.location="+locked, "rdkafka.ssl.key.password=p", "rdkafka.ssl.ca.location="+dir)
	f("", ssl, "rdkafka.ssl.key.location="+key, "rdkafka.ssl.ca.location=probe")
	f("", ssl)
	f("", "rdkafka.security.protocol=sasl_plaintext", "rdkafka.sasl.mechanism=SCRAM-SHA-256", "rdkafka.sasl.username=u", "rdkafka.sasl.password=p")
}

// What looks like a secret is one: a property that a new librdkafka brings is
// to be noticed here.
func TestSecretProperties(t *testing.T) {
	p := NewProperties(Producer, nil)
	secrets := map[string]bool{}
	for _, o := range p.Options() {
		if o.Secret {
			secrets[strings.TrimPrefix(o.Name, Prefix)] = true
		}
	}
	for _, name := range []string{
		"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
		"sasl.oauthbearer.config", "sasl.oauthbearer.client.secret",
	} {
		if !secrets[name] {
			t.Errorf("%s is printed", name)
		}
	}
	if !secrets["oauth_client_secret"] {
		t.Error("oauth_client_secret is printed")
	}
	if secrets["oauth_client_secret_file"] || secrets["sasl.username"] || secrets["sasl_password_file"] {
		t.Error("a name of a user or a file is masked")
	}
}
