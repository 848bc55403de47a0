package kafkaconf

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/tidegate/tidegate/common/kafkatoken"
	"github.com/tidegate/tidegate/common/options"
)

// oauth are the options of SASL OAUTHBEARER: where tokens come from.
type oauth struct {
	server     kafkatoken.ServerSettings
	params     []string // name=value
	tokenFile  string
	msk        kafkatoken.MSKSettings
	extensions []string // name=value
}

func (o *oauth) options() options.Table {
	return options.Table{{
		Name: "oauth_token_url", Value: options.Text(&o.server.URL, checkTokenURL),
		Help:    "Where a token server gives tokens for oauth_client_id (OAuth 2 client credentials, OIDC), for rdkafka.sasl.mechanism OAUTHBEARER. A new one is fetched after three fifths of a token's life.",
		Example: "https://login.example/realms/logs/protocol/openid-connect/token",
	}, {
		Name: "oauth_client_id", Value: options.Text(&o.server.ClientID),
		Help: "This client's name at the token server.", Example: "log-shipper",
	}, {
		Name: "oauth_client_secret", Value: options.Text(&o.server.Secret), Secret: true,
		Help: "Its secret.", Example: "${OAUTH_CLIENT_SECRET}",
	}, {
		Name: "oauth_client_secret_file", Value: options.Text(&o.server.SecretFile),
		Help: "A file that holds the secret, instead of that. It is read for each token; space around it does not count.", Example: "/etc/tidegate/oauth-client-secret",
	}, {
		Name: "oauth_assertion_file", Value: options.Text(&o.server.AssertionFile),
		Help: "A file that holds a JWT which the token server takes in place of a secret (RFC 7523): workload identity. It is read for each token.", Example: "/var/run/secrets/azure/tokens/azure-identity-token",
	}, {
		Name: "oauth_scope", Value: options.Text(&o.server.Scope),
		Help: "Scope to ask for; several with spaces between. Unset, the token server chooses.", Example: "kafka",
	}, {
		Name: "oauth_params", Value: options.List(&o.params, checkPair),
		Help: "More parameters of the request for a token: name=value.", Example: "audience=https://kafka.example",
	}, {
		Name: "oauth_tls_ca_file", Value: options.Text(&o.server.CAFile),
		Help: "File with the certificates of the authorities that may have signed the token server's, in PEM form. Unset, the system's.", Example: "/etc/tidegate/login-ca.pem",
	}, {
		Name: "oauth_token_file", Value: options.Text(&o.tokenFile),
		Help: "A file that holds the token itself, kept fresh by others, such as Kubernetes' projected service account token. It is read anew after three fifths of the token's life, at least every hour.", Example: "/var/run/secrets/tokens/kafka",
	}, {
		Name: "oauth_extensions", Value: options.List(&o.extensions, checkExtension),
		Help: "SASL extensions that go along with the token: name=value.", Example: "logicalCluster=lkc-1,identityPoolId=pool-2",
	}, {
		Name: "aws_region", Value: options.Text(&o.msk.Region, checkRegion),
		Help: "AWS region of an Amazon MSK cluster, whose IAM login is then used, with rdkafka.sasl.mechanism OAUTHBEARER. " +
			"Credentials come from where AWS's own programs find them: the environment, files, EKS, ECS, the instance.", Example: "eu-central-1",
	}, {
		Name: "aws_profile", Value: options.Text(&o.msk.Profile),
		Help: "Profile of AWS's configuration files whose credentials are used.", Example: "logs",
	}, {
		Name: "aws_role_arn", Value: options.Text(&o.msk.RoleARN, checkARN),
		Help: "Role that is assumed with these credentials.", Example: "arn:aws:iam::123456789012:role/log-shipper",
	}}
}

// given returns the names of the options that were.
func (o *oauth) given() (names []string) {
	for _, row := range o.options() {
		if row.Value.String() != "" {
			names = append(names, row.Name)
		}
	}
	return names
}

// sources are what decides where tokens come from; one of them is set.
const sources = "oauth_token_url, oauth_token_file or aws_region"

// checkTokens holds the options of OAUTHBEARER against each other.
func (p *Properties) checkTokens() error {
	o := &p.oauth
	var chosen []string
	for _, source := range []struct{ name, value string }{
		{"oauth_token_url", o.server.URL},
		{"oauth_token_file", o.tokenFile},
		{"aws_region", o.msk.Region},
		{Prefix + "sasl.oauthbearer.method oidc", p.own("sasl.oauthbearer.method", "oidc")},
		{Prefix + "enable.sasl.oauthbearer.unsecure.jwt", p.own("enable.sasl.oauthbearer.unsecure.jwt", "true")},
	} {
		if source.value != "" {
			chosen = append(chosen, source.name)
		}
	}
	switch len(chosen) {
	case 0:
		return errors.Join(fmt.Errorf("%s is required with %ssasl.mechanism OAUTHBEARER: where its tokens come from", sources, Prefix), o.unused())
	case 1:
		return errors.Join(o.unused(), o.checkServer(), o.checkFiles())
	}
	return fmt.Errorf("%s are both set: tokens come from one of them", strings.Join(chosen, " and "))
}

// own returns a property's value if it has librdkafka get tokens by itself,
// which remains for those who need what it alone can do.
func (p *Properties) own(name, value string) string {
	if got := p.value(name); strings.EqualFold(got, value) {
		return got
	}
	return ""
}

// unused refuses options that have no effect with what was chosen.
func (o *oauth) unused() error {
	var errs []error
	for _, name := range o.given() {
		needs := ""
		switch {
		case name == "oauth_token_url" || name == "oauth_token_file" || name == "aws_region":
		case strings.HasPrefix(name, "aws_"):
			if o.msk.Region == "" {
				needs = "aws_region"
			}
		case name == "oauth_extensions":
			if o.server.URL == "" && o.tokenFile == "" {
				needs = "oauth_token_url or oauth_token_file"
			}
		case o.server.URL == "":
			needs = "oauth_token_url"
		}
		if needs != "" {
			errs = append(errs, fmt.Errorf("%s has no use without %s", name, needs))
		}
	}
	return errors.Join(errs...)
}

// checkServer demands a name and one proof of it.
func (o *oauth) checkServer() error {
	s := &o.server
	if s.URL == "" {
		return nil
	}
	var errs []error
	if s.ClientID == "" {
		errs = append(errs, errors.New("oauth_client_id is required with oauth_token_url"))
	}
	proofs := 0
	for _, proof := range []string{s.Secret, s.SecretFile, s.AssertionFile} {
		if proof != "" {
			proofs++
		}
	}
	if proofs != 1 {
		errs = append(errs, errors.New("one of oauth_client_secret_file, oauth_client_secret and oauth_assertion_file is required with oauth_token_url"))
	}
	return errors.Join(errs...)
}

// checkFiles looks whether what tokens need can be read. The file of a token may
// come later: what writes it may start after the agent.
func (o *oauth) checkFiles() error {
	var errs []error
	for _, file := range []struct{ option, path string }{
		{"oauth_client_secret_file", o.server.SecretFile},
		{"oauth_assertion_file", o.server.AssertionFile},
		{"oauth_token_file", o.tokenFile},
	} {
		if file.path == "" {
			continue
		}
		_, err := kafkatoken.ReadFile(file.path)
		later := file.option == "oauth_token_file" && errors.Is(err, os.ErrNotExist)
		if err != nil && !later {
			errs = append(errs, fmt.Errorf("%s: %w", file.option, err))
		}
	}
	if o.server.CAFile != "" {
		if _, err := kafkatoken.NewServer(o.server); err != nil {
			errs = append(errs, fmt.Errorf("oauth_tls_ca_file: %w", err))
		}
	}
	return errors.Join(errs...)
}

// Tokens returns what keeps one client in tokens, or nil where it needs none or
// gets them by itself.
func (p *Properties) Tokens(log *slog.Logger, start func(name string, f func()) <-chan struct{}) (*kafkatoken.Refresher, error) {
	source, err := p.oauth.source()
	if source == nil || err != nil {
		return nil, err
	}
	return kafkatoken.New(kafkatoken.Settings{
		Source: source, Extensions: pairs(p.oauth.extensions), Log: log, Go: start,
	}), nil
}

// source returns nil where none was chosen.
func (o *oauth) source() (kafkatoken.Source, error) {
	switch {
	case o.server.URL != "":
		settings := o.server
		settings.Params = pairs(o.params)
		return kafkatoken.NewServer(settings)
	case o.tokenFile != "":
		return kafkatoken.File(o.tokenFile), nil
	case o.msk.Region != "":
		return kafkatoken.NewMSK(context.Background(), o.msk)
	}
	return nil, nil
}

// pairs splits a list of name=value, which was checked.
func pairs(list []string) map[string]string {
	m := make(map[string]string, len(list))
	for _, pair := range list {
		name, value, _ := strings.Cut(pair, "=")
		m[name] = value
	}
	return m
}

func checkPair(text string) error {
	if at := strings.IndexByte(text, '='); at < 1 {
		return errors.New("must be name=value")
	}
	return nil
}

// checkExtension keeps RFC 7628, section 3.1: a name has letters only, a value
// printable characters and space. auth is the token's own.
func checkExtension(text string) error {
	name, value, found := strings.Cut(text, "=")
	letters := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	switch {
	case !found || name == "" || strings.TrimFunc(name, letters) != "":
		return errors.New("must be name=value, with a name of letters")
	case name == "auth":
		return errors.New("must have another name than auth, which is the token's")
	case strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }):
		return errors.New("must have a value of printable ASCII")
	}
	return nil
}

func checkTokenURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return errors.New("must be an https:// or http:// URL without a user")
	}
	return nil
}

// checkRegion also keeps what becomes part of a host's name to what regions
// consist of.
func checkRegion(text string) error {
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.Count(text, "-") < 2 {
		return errors.New("must be an AWS region, such as eu-central-1")
	}
	return nil
}

func checkARN(text string) error {
	if !strings.HasPrefix(text, "arn:") || strings.Count(text, ":") < 5 {
		return errors.New("must be a role's ARN, such as arn:aws:iam::123456789012:role/log-shipper")
	}
	return nil
}
