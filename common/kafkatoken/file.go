package kafkatoken

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// unknownLife is how soon a token is replaced that does not tell when it
// expires. Tokens commonly live from five minutes to an hour.
const unknownLife = 5 * time.Minute

// maxFileLife is how soon a file is read again, however long its token lives:
// what keeps it fresh may have replaced it for another reason.
const maxFileLife = time.Hour

// File is a token that stands in a file, which someone else keeps fresh:
// Kubernetes' projected service account tokens, Vault's agent.
type File string

// Token implements Source.
func (f File) Token(context.Context) (Token, error) {
	text, err := ReadFile(string(f))
	if err != nil {
		return Token{}, err
	}
	t := Token{Value: text, Expires: time.Now().Add(unknownLife), Principal: string(f)}
	if c, is := readJWT(text); is {
		if !c.expires.IsZero() {
			t.Expires = c.expires
		}
		if c.subject != "" {
			t.Principal = c.subject
		}
	}
	if err := t.check(time.Now()); err != nil {
		return Token{}, fmt.Errorf("%s: %w", f, err)
	}
	if latest := time.Now().Add(maxFileLife); t.Expires.After(latest) {
		t.Expires = latest
	}
	return t, nil
}

// ReadFile reads a secret or a token, without the space around it. No error
// repeats any of it.
func ReadFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxToken+1))
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(text))
	switch {
	case len(text) > maxToken:
		return "", fmt.Errorf("%s is larger than 256 KiB", path)
	case secret == "":
		return "", fmt.Errorf("%s is empty", path)
	}
	return secret, nil
}
