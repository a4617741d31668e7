//go:build unix

package picture

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// A named pipe is read like a file.
func TestLoadPipe(t *testing.T) {
	want := mustLoad(t, "detail.png", 0)
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	data := mustRead(t, "testdata/detail.png")
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for len(data) > 0 && err == nil { // in small pieces
			n := min(len(data), 100)
			_, err = f.Write(data[:n])
			data = data[n:]
		}
		if err != nil {
			t.Error(err)
		}
	}()
	got, err := Load(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Data() {
		if v != want.Data()[i] {
			t.Fatalf("value %d is %v, want %v", i, v, want.Data()[i])
		}
	}
}

// An endless pipe that begins as a picture takes no more memory than the limit, and a
// device that does not begin so hardly any.
func TestLoadEndless(t *testing.T) {
	const limit = 4 << 20
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("/dev/fd", fileNumber(r))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no pipes by name: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1<<16)
		_, err := w.Write([]byte(pngSignature))
		for err == nil { // until nobody reads any more
			_, err = w.Write(buf)
		}
	}()
	n := allocated(func() {
		_, err := Limit(limit).Load(path, 8)
		checkMessage(t, err, path, "larger than 4 MiB")
	})
	r.Close()
	<-done
	if n > limit+4<<20 {
		t.Errorf("%d MiB were allocated", n>>20)
	}
	if runtime.GOOS != "linux" {
		return
	}
	n = allocated(func() {
		_, err := Load("/dev/zero", 8)
		checkMessage(t, err, "/dev/zero", "not a picture")
	})
	if n > 4<<20 {
		t.Errorf("/dev/zero: %d MiB were allocated", n>>20)
	}
	_, err = Load("/dev/null", 8)
	checkMessage(t, err, "/dev/null", "the file is empty")
	_, err = Load("/dev", 8)
	checkMessage(t, err, "/dev", "folder")
}

func fileNumber(f *os.File) string {
	n := f.Fd()
	if n < 10 {
		return string(rune('0' + n))
	}
	return string(rune('0'+n/10)) + string(rune('0'+n%10))
}

// A name that is not UTF-8 is one like any other.
func TestLoadNames(t *testing.T) {
	data := mustRead(t, "testdata/detail.png")
	for _, name := range []string{"latin\xe9.png", "two\nlines.png", "\xff\xfe", "-", "a%sb.png"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Logf("%q: %v", name, err) // not every file system has such names
			continue
		}
		if _, err := Load(path, 8); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		_, err := Load(path+".none", 8)
		checkOneLine(t, name, err)
	}
}
