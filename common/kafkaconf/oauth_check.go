package kafkaconf

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tidegate/tidegate/common/kafkatoken"
)

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
		{Prefix + "sasl.oauthbearer.method oidc", p.ownMethod()},
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

// ownMethod returns oidc if librdkafka is to get tokens by itself, which remains
// for those who need what it alone can do.
func (p *Properties) ownMethod() string {
	if method := p.value("sasl.oauthbearer.method"); strings.EqualFold(method, "oidc") {
		return method
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
