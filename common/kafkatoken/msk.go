package kafkatoken

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-msk-iam-sasl-signer-go/signer"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// sessionName is how CloudTrail knows an assumed role's session.
const sessionName = "tidegate"

// spareLife is how long before their end AWS credentials are replaced, so that
// no token is made with ones that are about to end.
const spareLife = time.Minute

// MSK makes the tokens of Amazon MSK's IAM login: a signed URL, which the
// brokers hold against AWS. Nobody is asked for them, only for the credentials
// that sign.
type MSK struct {
	region      string
	credentials aws.CredentialsProvider
}

// MSKSettings say whose credentials are used. Where Profile is empty, they
// come from where AWS's own programs find them: the environment, shared files,
// a web identity (EKS), the container (ECS, EKS Pod Identity), the instance.
type MSKSettings struct {
	Region  string
	Profile string
	RoleARN string // a role that is assumed with these; "" for none
}

// NewMSK makes the source. It reads the files of AWS's configuration, and talks
// to nobody yet.
func NewMSK(ctx context.Context, s MSKSettings) (*MSK, error) {
	keepSpare := func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = spareLife }
	options := []func(*config.LoadOptions) error{
		config.WithRegion(s.Region), config.WithCredentialsCacheOptions(keepSpare),
	}
	if s.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(s.Profile))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("reading AWS's configuration: %w", err)
	}
	source := &MSK{region: s.Region, credentials: c.Credentials}
	if s.RoleARN != "" {
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c), s.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = sessionName
		})
		source.credentials = aws.NewCredentialsCache(role, keepSpare)
	}
	return source, nil
}

// Token implements Source.
func (m *MSK) Token(ctx context.Context) (Token, error) {
	credentials, err := m.credentials.Retrieve(ctx)
	if err != nil {
		return Token{}, fmt.Errorf("getting AWS credentials: %w", err)
	}
	value, expires, err := signer.GenerateAuthTokenFromCredentialsProvider(ctx, m.region, fixed{credentials})
	if err != nil {
		return Token{}, fmt.Errorf("signing a token for MSK: %w", err)
	}
	t := Token{Value: value, Expires: time.UnixMilli(expires), Principal: credentials.AccessKeyID}
	// The signature holds no longer than what signed.
	if credentials.CanExpire && credentials.Expires.Before(t.Expires) {
		t.Expires = credentials.Expires
	}
	return t, nil
}

// fixed are the credentials that were looked at: asked again, the provider
// could have others by now.
type fixed struct{ aws.Credentials }

func (f fixed) Retrieve(context.Context) (aws.Credentials, error) { return f.Credentials, nil }
