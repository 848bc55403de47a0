package fault

import (
	"context"
	"os"
)

// FileSource is a program that logs to a file. A line is safe when the kernel has it: the
// faults here end agents, not machines.
type FileSource struct {
	Ledger *Ledger

	file *os.File
}

// NewFileSource appends to a file, which it makes.
func NewFileSource(path string) (*FileSource, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	return &FileSource{Ledger: &Ledger{}, file: f}, err
}

// Send writes count records at so many a second, or at once.
func (s *FileSource) Send(ctx context.Context, count, perSecond int) error {
	return pace(ctx, count, perSecond, s.write)
}

// Close ends the writing.
func (s *FileSource) Close() error { return s.file.Close() }

func (s *FileSource) write(n int) error {
	var lines []byte
	first := s.Ledger.HandedOut()
	for range n {
		lines = append(AppendRecord(lines, s.Ledger.Next()), '\n')
	}
	if _, err := s.file.Write(lines); err != nil {
		return err
	}
	for i := range n {
		s.Ledger.Ack(first + i)
	}
	return nil
}
