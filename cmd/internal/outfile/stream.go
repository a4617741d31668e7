package outfile

import (
	"bytes"
	"os"
	"time"
)

// Stream is a file that grows line by line, and that somebody may read meanwhile. It may
// be a pipe: nobody waits for its reader, who can come late, be slow, or go away. What a
// pipe does not take is kept for the next time. Make one with OpenStream.
type Stream struct {
	path    string
	pipe    bool
	file    *os.File // nil while a pipe has no reader
	pending []byte   // for the pipe
	inside  bool     // pending begins inside a line
	lost    bool     // lines that nobody has read
}

// OpenStream creates the file, or prepares to write to the pipe of that name.
func OpenStream(path string) (*Stream, error) {
	s := &Stream{path: path}
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		s.pipe = true
		return s, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, named(path, "cannot write this file", err)
	}
	s.file = f
	return s, nil
}

// Write appends a line, which ends in a line feed. A pipe is no error, whatever becomes
// of its reader.
func (s *Stream) Write(line []byte) (int, error) {
	if !s.pipe {
		n, err := s.file.Write(line)
		return n, named(s.path, "cannot write this file", err)
	}
	s.pending = append(s.pending, line...)
	s.flush()
	return len(line), nil
}

// flush gives the pipe what it takes without waiting.
func (s *Stream) flush() {
	if s.file == nil {
		f, err := openPipe(s.path)
		if err != nil {
			return // there is no reader, or none yet
		}
		s.file = f
	}
	n, err := writeSome(s.file, s.pending)
	if n > 0 {
		s.inside = s.pending[n-1] != '\n'
		s.pending = s.pending[n:]
	}
	if err != nil { // the reader is gone
		_ = s.file.Close()
		s.file, s.lost = nil, true
		if s.inside { // the next one is to begin with a whole line
			s.pending, s.inside = s.pending[bytes.IndexByte(s.pending, '\n')+1:], false
		}
	}
}

// patience is how long Close waits for a reader that takes nothing.
const patience = 2 * time.Second

// Close ends the file. A reader of a pipe gets the rest, unless it does not take any of it
// for two seconds. Unread is true if there are lines that no reader of a pipe has got,
// which is no error.
func (s *Stream) Close() (unread bool, err error) {
	if !s.pipe {
		return false, named(s.path, "cannot write this file", s.file.Close())
	}
	for last := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		before := len(s.pending)
		s.flush()
		if len(s.pending) < before {
			last = time.Now()
		}
		if len(s.pending) == 0 || s.file == nil || time.Since(last) > patience {
			break
		}
	}
	if s.file != nil {
		_ = s.file.Close()
	}
	return s.lost || len(s.pending) > 0, nil
}
