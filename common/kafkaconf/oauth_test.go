package kafkaconf

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

// bearer are the options of a client that shows tokens, and more.
func bearer(pairs ...string) []string {
	return append([]string{"rdkafka.security.protocol=sasl_ssl", "rdkafka.sasl.mechanism=OAUTHBEARER"}, pairs...)
}

func TestTokenOptionsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(want string, pairs ...string) {
		t.Helper()
		for i := range pairs {
			pairs[i] = strings.ReplaceAll(pairs[i], "…", dir)
		}
		_, err := given(pairs...)
		if got := strings.ReplaceAll(options.Problems(err), dir, "…"); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", pairs, got, want)
		}
	}
	url, id, secret := "oauth_token_url=https://login.example/token", "oauth_client_id=id", "oauth_client_secret=s"
	const required = "oauth_token_url, oauth_token_file or aws_region is required with rdkafka.sasl.mechanism OAUTHBEARER: where its tokens come from"
	f(required, bearer()...)
	f(required+"; oauth_client_id has no use without oauth_token_url; oauth_extensions has no use without oauth_token_url or oauth_token_file; aws_profile has no use without aws_region",
		bearer(id, "aws_profile=p", "oauth_extensions=a=b")...)
	f("oauth_token_url and aws_region are both set: tokens come from one of them", bearer(url, id, secret, "aws_region=eu-central-1")...)
	f("oauth_token_file and rdkafka.sasl.oauthbearer.method oidc are both set: tokens come from one of them", bearer("oauth_token_file=/a", "rdkafka.sasl.oauthbearer.method=oidc")...)
	f("oauth_client_id is required with oauth_token_url; one of oauth_client_secret_file, oauth_client_secret and oauth_assertion_file is required with oauth_token_url", bearer(url)...)
	f("one of oauth_client_secret_file, oauth_client_secret and oauth_assertion_file is required with oauth_token_url", bearer(url, id, secret, "oauth_assertion_file=…/secret")...)
	f("oauth_client_secret_file: open …/none: no such file or directory", bearer(url, id, "oauth_client_secret_file=…/none")...)
	f("oauth_client_secret_file: …/empty is empty", bearer(url, id, "oauth_client_secret_file=…/empty")...)
	f("oauth_tls_ca_file: …/secret holds no certificate in PEM form", bearer(url, id, secret, "oauth_tls_ca_file=…/secret")...)
	f("oauth_extensions has no use without oauth_token_url or oauth_token_file", bearer("aws_region=eu-central-1", "oauth_extensions=a=b")...)
	f("rdkafka.sasl.mechanism AWS_MSK_IAM: for Amazon MSK set OAUTHBEARER, and aws_region", "rdkafka.security.protocol=sasl_ssl", "rdkafka.sasl.mechanism=AWS_MSK_IAM")
	f("aws_region has no use without rdkafka.sasl.mechanism OAUTHBEARER", "aws_region=eu-central-1")
	f("oauth_client_secret has no use without rdkafka.sasl.mechanism OAUTHBEARER",
		"rdkafka.security.protocol=sasl_ssl", "rdkafka.sasl.mechanism=PLAIN", "rdkafka.sasl.username=u", "rdkafka.sasl.password=p", secret)

	f("", bearer(url, id, secret, "oauth_params=audience=https://a/?b=c,x=", "oauth_extensions=logicalCluster=lkc-1")...)
	f("", bearer(url, id, "oauth_client_secret_file=…/secret")...)
	f("", bearer("oauth_token_file=…/none")...)
	f("", bearer("aws_region=us-gov-west-1", "aws_role_arn=arn:aws-us-gov:iam::1:role/r")...)
	f("", bearer("rdkafka.sasl.oauthbearer.method=OIDC")...)
	// librdkafka's own tokens without a signature, which no broker should take.
	f(required, bearer("rdkafka.enable.sasl.oauthbearer.unsecure.jwt=true", "rdkafka.sasl.oauthbearer.config=principal=p")...)
}

// A value that is wrong by itself is refused, without a secret in the words.
func TestTokenOptionValues(t *testing.T) {
	f := func(pair, want string) {
		t.Helper()
		_, err := given(pair)
		if got := options.Problems(err); !strings.Contains(got, want) {
			t.Errorf("%s: %s", pair, got)
		}
	}
	for _, url := range []string{"login.example/token", "ftp://a/b", "https://u:p@login.example/", "https://", "://"} {
		f("oauth_token_url="+url, "must be an https:// or http:// URL without a user")
	}
	for _, region := range []string{"eu", "eu-central-1.evil.example/", "EU-CENTRAL-1", "eu_central_1"} {
		f("aws_region="+region, "must be an AWS region")
	}
	f("aws_role_arn=log-shipper", "must be a role's ARN")
	f("oauth_params=audience", "must be name=value")
	f("oauth_extensions=logical-cluster=1", "with a name of letters")
	f("oauth_extensions=auth=Bearer", "another name than auth")
	f("oauth_extensions=a=\x7f", "printable ASCII")
}

func TestTokenOptionsHaveExamples(t *testing.T) {
	for _, o := range new(oauth).options() {
		if o.Help == "" || options.Reserved(o.Name) || o.Value.Set(o.Example) != nil || o.Value.String() != o.Example {
			t.Errorf("%s: help %q, example %q, %q", o.Name, o.Help, o.Example, o.Value.String())
		}
	}
}

func TestTokensOf(t *testing.T) {
	start := func(string, func()) <-chan struct{} { return nil }
	f := func(want bool, pairs ...string) {
		t.Helper()
		p, err := given(pairs...)
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := p.Tokens(slog.New(slog.DiscardHandler), start)
		if err != nil || (tokens != nil) != want {
			t.Errorf("%q: %v, %v", pairs, tokens, err)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", "/none")
	f(false)
	f(false, bearer("rdkafka.sasl.oauthbearer.method=oidc")...)
	f(true, bearer("oauth_token_file=/none")...)
	f(true, bearer("aws_region=eu-central-1", "aws_role_arn=arn:aws:iam::1:role/r")...)
	f(true, bearer("oauth_token_url=http://h/", "oauth_client_id=i", "oauth_client_secret=s")...)

	p, err := given(bearer("aws_region=eu-central-1", "aws_profile=none")...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Tokens(slog.New(slog.DiscardHandler), start); err == nil || !strings.Contains(err.Error(), "profile, none") {
		t.Errorf("a profile that is not there: %v", err)
	}
}

func FuzzTokenValues(f *testing.F) {
	for _, text := range []string{"a=b", "auth=x", "https://h/p?q#f", "eu-central-1", "arn:aws:iam::1:role/r", "=", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if checkExtension(text) == nil {
			for name, value := range pairs([]string{text}) {
				if name == "" || name == "auth" || strings.ContainsAny(value, "\x00\x01\r\n") {
					t.Errorf("%q took %q %q", text, name, value)
				}
			}
		}
		if checkRegion(text) == nil && strings.ContainsAny(text, "./@:?#% ") {
			t.Errorf("a region %q", text)
		}
		if checkTokenURL(text) == nil && !strings.HasPrefix(strings.ToLower(text), "http") {
			t.Errorf("a URL %q", text)
		}
		_ = checkPair(text)
		_ = checkARN(text)
	})
}
