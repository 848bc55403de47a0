package outlogtide

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
)

// key is the API key as requests carry it. It is safe for concurrent use.
type key struct {
	// file is empty for a key that was written into the configuration.
	file   string
	header atomic.Pointer[http.Header]
}

// keyHeader carries the key.
const keyHeader = "X-Api-Key"

// maxKey is far above any key and keeps a wrong file from being sent.
const maxKey = 1 << 10

// checkKey refuses what a header cannot carry.
func checkKey(text string) error {
	if len(text) > maxKey {
		return fmt.Errorf("must have at most %d characters", maxKey)
	}
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return errors.New("must have only visible ASCII characters, and no spaces")
		}
	}
	return nil
}

// newKey reads the key. The error says what an operator has to do.
func newKey(c *Config) (*key, error) {
	k := &key{file: c.apiKeyFile}
	text := c.apiKey
	if k.file != "" {
		var err error
		if text, err = readKey(k.file); err != nil {
			return nil, err
		}
	}
	k.set(text)
	return k, nil
}

// readKey reads a key from a file. No error repeats its contents.
func readKey(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("reading api_key_file: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(f, 2*maxKey))
	if err != nil {
		return "", fmt.Errorf("reading api_key_file: %w", err)
	}
	text := strings.TrimSpace(string(b))
	if text == "" {
		return "", fmt.Errorf("api_key_file %q is empty: it must hold the key", file)
	}
	if err := checkKey(text); err != nil {
		return "", fmt.Errorf("api_key_file %q holds no key: it %w", file, err)
	}
	return text, nil
}

func (k *key) set(text string) {
	k.header.Store(&http.Header{"Content-Type": {"application/json"}, keyHeader: {text}})
}

// get returns the header of a request. It must not be changed.
func (k *key) get() http.Header { return *k.header.Load() }

// renew reads the file again after the server refused the key of used. It
// reports whether there is another key now, from this call or from one that
// ran beside it. A file that cannot be read leaves the key as it was.
func (k *key) renew(used http.Header) bool {
	if k.file == "" {
		return false
	}
	if text, err := readKey(k.file); err == nil && text != k.get().Get(keyHeader) {
		k.set(text)
	}
	return k.get().Get(keyHeader) != used.Get(keyHeader)
}
