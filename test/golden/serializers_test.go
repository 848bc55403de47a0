package golden_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/schemaregistry"
)

// serialized is where the product's decoder finds the values, and what it would be answered by the registry.
const serialized = "../../common/schema/testdata"

// TestSerializersWriteTheGoldenValues holds what confluent-kafka's serializers for Python make of the values in
// testdata/serializers, through a registry, against the golden ones.
func TestSerializersWriteTheGoldenValues(t *testing.T) {
	registry := schemaregistry.Start(t)
	registry.RequireUser("producer", "secret")
	values := harness.Serialize(t, "golden/testdata/serializers", registry.URL, "producer", "secret")
	registry.RequireUser("", "")
	for name, now := range map[string][]byte{"values.jsonl": values, "registry.json": documents(t, registry)} {
		path := filepath.Join(serialized, name)
		if *update {
			if err := os.WriteFile(path, now, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(now, golden) {
			t.Errorf("%s now:\n%s\ngolden:\n%s", name, now, golden)
		}
	}
}

// documents returns what the registry answers to whoever reads values, by path.
func documents(t *testing.T, registry *schemaregistry.Server) []byte {
	t.Helper()
	paths := map[string]struct{}{}
	for id, s := range registry.Schemas() {
		paths[fmt.Sprintf("/schemas/ids/%d", id)] = struct{}{}
		for _, ref := range s.References {
			paths[fmt.Sprintf("/subjects/%s/versions/%d", ref.Subject, ref.Version)] = struct{}{}
		}
	}
	all := map[string]json.RawMessage{}
	for path := range maps.Keys(paths) {
		answer := httptest.NewRecorder()
		registry.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, answer.Code)
		}
		all[path] = answer.Body.Bytes()
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}
