package schema

import (
	"fmt"

	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
)

// maxReferences bounds the schemas that one is made of.
const maxReferences = 256

// references collects the schemas that one refers to, each behind those that
// it needs itself.
type references struct {
	client schemaregistry.Client
	seen   map[schemaregistry.Reference]bool // by subject and version
	texts  []string
}

func (w *references) add(list []schemaregistry.Reference) error {
	for _, ref := range list {
		key := schemaregistry.Reference{Subject: ref.Subject, Version: ref.Version}
		if w.seen[key] {
			continue
		}
		if len(w.seen) == maxReferences {
			return fmt.Errorf("it refers to more than %d schemas", maxReferences)
		}
		w.seen[key] = true
		// One that was deleted later is still what values were written with.
		found, err := w.client.GetSchemaMetadataIncludeDeleted(ref.Subject, ref.Version, true)
		if err != nil {
			return fmt.Errorf("reading version %d of %s, which it refers to: %w", ref.Version, clip(ref.Subject), classify(err))
		}
		if err := checkType(found.SchemaInfo); err != nil {
			return err
		}
		if err := w.add(found.References); err != nil {
			return err
		}
		w.texts = append(w.texts, found.Schema)
	}
	return nil
}
