package main

import (
	"context"
	"errors"
	"os"
	"time"
)

// writer writes records with the time of the writing in them.
type writer interface {
	// write writes count records from number first on. A negative number is a probe: it
	// is not counted where it arrives.
	write(ctx context.Context, first, count int) error
	close() error
}

// topicWriter produces without waiting for company: each record is sent at once.
type topicWriter struct{ producer *producer }

func newTopicWriter(b *broker, topic string) (topicWriter, error) {
	p, err := newProducer(b, topic, 0)
	return topicWriter{p}, err
}

func (w topicWriter) write(ctx context.Context, first, count int) error {
	for n := first; n < first+count; n++ {
		if err := w.producer.write(ctx, n, appendRecord(nil, n, time.Now().UnixNano())); err != nil {
			return err
		}
	}
	return nil
}

func (w topicWriter) close() error { return w.producer.close() }

// fileWriter appends lines, those of one call at once.
type fileWriter struct {
	file *os.File
	text []byte
}

func newFileWriter(path string) (*fileWriter, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	return &fileWriter{file: f}, err
}

func (w *fileWriter) write(ctx context.Context, first, count int) error {
	w.text = w.text[:0]
	now := time.Now().UnixNano()
	for n := first; n < first+count; n++ {
		w.text = append(appendRecord(w.text, n, now), '\n')
	}
	_, err := w.file.Write(w.text)
	return errors.Join(err, ctx.Err())
}

func (w *fileWriter) close() error { return w.file.Close() }
