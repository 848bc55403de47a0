package kafkaconf

import (
	"context"
	"log/slog"
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
