package kafkaconf

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

// saslPlain is what a password needs around it.
var saslPlain = []string{"rdkafka.security.protocol=sasl_plaintext", "rdkafka.sasl.mechanism=PLAIN", "rdkafka.sasl.username=u"}

// The client gets the secret; what is printed of the options has it masked.
func TestSecretFile(t *testing.T) {
	for _, c := range [][2]string{
		{"hush", "hush"}, {"hush\n", "hush"}, {"hush\r\n", "hush"}, {" hu sh \n", " hu sh "},
	} {
		text, want := c[0], c[1]
		path := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := given(append(saslPlain, "sasl_password_file="+path)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := maps.Collect(p.All())["sasl.password"]; got != want {
			t.Errorf("%q: %q", text, got)
		}
		printed := p.Options().Effective()
		if strings.Contains(printed, strings.TrimSpace(want)) || !strings.Contains(printed, "sasl_password_file="+path) {
			t.Errorf("printed: %s", printed)
		}
	}
}

func TestSecretFileRefused(t *testing.T) {
	f := func(text *string, want string, more ...string) {
		t.Helper()
		dir := t.TempDir()
		path := filepath.Join(dir, "password")
		if text != nil {
			if err := os.WriteFile(path, []byte(*text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := given(append(append(more, saslPlain...), "sasl_password_file="+path)...)
		got := strings.ReplaceAll(options.Problems(err), dir, "…")
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	some := func(text string) *string { return &text }
	f(nil, "sasl_password_file: open …/password: no such file or directory")
	f(some("\n"), `sasl_password_file "…/password" is empty: it must hold the value of rdkafka.sasl.password`)
	f(some("hush\nhush\n"), `sasl_password_file "…/password" must have one line`)
	f(some(strings.Repeat("x", maxSecret+1)), `sasl_password_file "…/password" must have at most 4096 bytes`)
	f(some("hush"), "sasl_password_file and rdkafka.sasl.password are both set: set one of them", "rdkafka.sasl.password=other")
}
