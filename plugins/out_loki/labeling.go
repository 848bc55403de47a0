package outloki

import (
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/options"
)

// labeling is the options about what becomes of a record: its stream, its line
// and its tenant.
type labeling struct {
	tenantID  accessor.Template
	tenantKey accessor.Template

	labels          bindings
	labelKeys       bindings
	labelMap        bindings
	labelNames      string
	autoKubernetes  bool
	defaultLabels   bindings
	removeLabelKeys bool
	normalizeLevel  bool

	metadata     bindings
	metadataMaps pathList
	traceID      pathList
	spanID       pathList

	removeKeys    keyList
	lineFormat    string
	lineKey       keyPath
	lineTemplate  accessor.Template
	dropSingleKey string
}

func defaultLabeling() labeling {
	return labeling{labelNames: namesByLastKey, lineFormat: formatJSON, dropSingleKey: singleOff, defaultLabels: bindings{
		list: []binding{{name: defaultName, value: accessor.FixedTemplate(defaultValue)}},
		text: defaultName + "=" + defaultValue,
	}}
}

// What gives a label its name where only a path is written.
const (
	namesByLastKey  = "last_key"
	namesByFullPath = "full_path"
)

func (l *labeling) tenantOptions() options.Table {
	return options.Table{{
		Name:    "tenant_id",
		Aliases: []string{"tenantid"},
		Value:   tenantValue(&l.tenantID),
		Help:    "The tenant, sent as X-Scope-OrgID. A Loki without multi-tenancy needs none. Paths in it are replaced by their values.",
		Example: "team-a",
	}, {
		Name:    "tenant_id_key",
		Value:   tenantKeyValue(&l.tenantKey),
		Help:    "The key, path or template of the tenant of a record. A record that has none there is of tenant_id.",
		Example: "$kubernetes['namespace_name']",
	}}
}

func (l *labeling) labelOptions() options.Table {
	return options.Table{{
		Name:  "labels",
		Value: bindingsValue(&l.labels, parseLabel),
		Help: "The labels of a record's stream: name=value, name=$path, name=text-with-$path, or $path, which gives the name too. $TAG and $TAG[n] are the tag and its parts; " +
			"paths to what comes beside the record start with @, such as @resource['service.name']. A path walks on into a string that holds JSON.",
		Example: "job=kafka,topic=@metadata['kafka']['topic'],app=$kubernetes['labels']['app']",
	}, {
		Name:    "label_keys",
		Aliases: []string{"labelkeys"},
		Value:   bindingsValue(&l.labelKeys, parseLabelKey),
		Help:    "More labels, by the keys or paths of their values, also paths with @. The last key, made a valid name, is the label's name.",
		Example: "deviceid,$kubernetes['pod_name']",
	}, {
		Name:    "label_names",
		Value:   options.Enum(&l.labelNames, namesByLastKey, namesByFullPath),
		Help:    "What names a label that is written as a path only: its last key, or all its keys with _ between, as in Fluent Bit's own Loki output.",
		Example: namesByFullPath,
	}, {
		Name:    "label_map_path",
		Aliases: []string{"labelmappath"},
		Value:   labelMapValue(&l.labelMap),
		Help:    "A JSON file with more labels, in the shape of a record: the texts in it are the names of the labels that the values there become.",
	}, {
		Name:    "auto_kubernetes_labels",
		Aliases: []string{"autokuberneteslabels"},
		Value:   options.Bool(&l.autoKubernetes),
		Help:    "Makes a label of every label of the pod, $kubernetes['labels'].",
		Example: "on",
	}, {
		Name:    "default_labels",
		Value:   bindingsValue(&l.defaultLabels, parseFixedLabel),
		Help:    "The labels of a record that has no other, as in labels but without paths into the record.",
		Example: "job=fluent-bit,tag=$TAG",
	}, {
		Name:    "normalize_level",
		Value:   options.Bool(&l.normalizeLevel),
		Help:    "Writes the label and the structured metadata that are called level as critical, error, warn, info, debug or trace, whatever the record's spelling.",
		Example: "on",
	}, {
		Name:    "structured_metadata",
		Value:   bindingsValue(&l.metadata, parseLabel),
		Help:    "The structured metadata of a record, written as in labels.",
		Example: "pod=$kubernetes['pod_name'],offset=@metadata['kafka']['offset']",
	}, {
		Name:    "structured_metadata_map_keys",
		Value:   pathListValue(&l.metadataMaps),
		Help:    "Paths to maps, each of whose pairs becomes structured metadata. One in structured_metadata that has the same name counts instead.",
		Example: "$kubernetes['annotations'],@resource['attributes']",
	}, {
		Name:    "trace_id",
		Value:   pathListValue(&l.traceID),
		Help:    "Paths to the trace id, which becomes structured metadata of that name: the first that has a value. One of bytes, as from OTLP, is written in hexadecimal.",
		Example: "@metadata['otlp']['trace_id'],$trace_id",
	}, {
		Name:    "span_id",
		Value:   pathListValue(&l.spanID),
		Help:    "Paths to the span id, as in trace_id.",
		Example: "@metadata['otlp']['span_id'],$span_id",
	}}
}

func (l *labeling) lineOptions() options.Table {
	return options.Table{{
		Name:    "line_format",
		Aliases: []string{"lineformat"},
		Value:   lineFormatValue(&l.lineFormat),
		Help:    "How a record becomes a line: as JSON, as logfmt, raw, which is the value of line_key, or by line_template.",
		Example: "json",
	}, {
		Name:    "line_key",
		Value:   keyPathValue(&l.lineKey),
		Help:    "The key or path whose value is the line, with line_format raw. A record that has none there becomes JSON.",
		Example: "log",
	}, {
		Name:    "line_template",
		Value:   lineTemplateValue(&l.lineTemplate),
		Help:    "The line, with line_format template: text, and paths that are replaced by their values.",
		Example: "$level [$TAG] $message",
	}, {
		Name:    "remove_keys",
		Aliases: []string{"removekeys"},
		Value:   keyListValue(&l.removeKeys),
		Help:    "Keys of the record, or paths to them, that the line leaves out, in JSON and in logfmt.",
		Example: "stream,$kubernetes['annotations']",
	}, {
		Name:    "remove_label_keys",
		Value:   options.Bool(&l.removeLabelKeys),
		Help:    "Leaves the keys out of the line that became labels or structured metadata, by the paths in these options, as Fluent Bit's own Loki output does.",
		Example: "on",
	}, {
		Name:    "drop_single_key",
		Aliases: []string{"dropsinglekey"},
		Value:   singleKeyValue(&l.dropSingleKey),
		Help:    "Where one key is left of a record, on makes the line of its value alone. raw does too, and writes text without quotes in JSON.",
		Example: "raw",
	}}
}

// check reports what a single option cannot see.
func (l *labeling) check() error {
	var errs []error
	if (l.lineFormat == formatRaw) != (l.lineKey.Accessor != nil) {
		errs = append(errs, errors.New("line_format raw and line_key need each other"))
	}
	if (l.lineFormat == formatTemplate) != (len(l.lineTemplate.Parts()) > 0) {
		errs = append(errs, errors.New("line_format template and line_template need each other"))
	}
	if _, err := newPlan(l); err != nil {
		errs = append(errs, fmt.Errorf("labels and structured metadata: %w", err))
	}
	return errors.Join(errs...)
}
