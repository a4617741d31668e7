//go:build !unix

package outfile

import "os"

// openPipe opens a named pipe for writing.
func openPipe(path string) (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }

// writeSome writes to a pipe.
func writeSome(f *os.File, data []byte) (n int, err error) { return f.Write(data) }
