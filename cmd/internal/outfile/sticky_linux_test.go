package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// owned is a file of a user.
type owned struct{ uid uint32 }

func (owned) Name() string       { return "x" }
func (owned) Size() int64        { return 0 }
func (owned) Mode() fs.FileMode  { return 0o666 }
func (owned) ModTime() time.Time { return time.Time{} }
func (owned) IsDir() bool        { return false }
func (o owned) Sys() any         { return &syscall.Stat_t{Uid: o.uid} }

// TestMayReplace: in a sticky folder, the owner of the file, that of the folder and root
// may replace a file.
func TestMayReplace(t *testing.T) {
	mine := t.TempDir()
	const somebody = 12345
	if !mayReplace(filepath.Join(mine, "x"), owned{somebody}) {
		t.Error("a file in a folder that is not sticky may not be replaced")
	}
	if err := os.Chmod(mine, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	if !mayReplace(filepath.Join(mine, "x"), owned{somebody}) {
		t.Error("the owner of a sticky folder may not replace a file in it")
	}
	if info, err := os.Stat("/tmp"); err != nil || info.Mode()&fs.ModeSticky == 0 {
		t.Skip("/tmp is not sticky")
	}
	if !mayReplace("/tmp/x", owned{uint32(os.Geteuid())}) {
		t.Error("one's own file in /tmp may not be replaced")
	}
	if got := mayReplace("/tmp/x", owned{somebody}); got != (os.Geteuid() == 0) {
		t.Errorf("that somebody's file in /tmp may be replaced by user %d is %v", os.Geteuid(), got)
	}
}

// TestSticky: what the kernel refuses is refused beforehand.
func TestSticky(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("files of two users take root")
	}
	dir, err := os.MkdirTemp("", "sticky") // not t.TempDir, which lets nobody else in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "out.png")
	writeFile(t, path, "old")
	if err := errors.Join(os.Chmod(dir, 0o777|fs.ModeSticky), os.Chmod(path, 0o666)); err != nil {
		t.Fatal(err)
	}
	var errs [4]error
	done := make(chan bool)
	go func() {
		defer close(done)
		runtime.LockOSThread() // which ends with this goroutine, as it is another user's from here on
		const nobody = 65534
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
			errs[0] = errno
			return
		}
		errs = [4]error{nil, CheckFile(path), Write(path, []byte("new")), replaceFile(path, []byte("new"))}
	}()
	<-done
	if errs[0] != nil {
		t.Skip("cannot become another user: ", errs[0])
	}
	for _, err := range errs[1:3] {
		if err == nil || !strings.HasPrefix(err.Error(), path+": this file belongs to another user, and in the folder "+dir) {
			t.Errorf("%v, want a word of the owner", err)
		}
	}
	if !errors.Is(errs[3], fs.ErrPermission) {
		t.Errorf("the kernel says %v", errs[3])
	}
	if got := readFile(t, path); got != "old" || listing(t, dir) != "out.png" {
		t.Errorf("the file holds %q; files: %s", got, listing(t, dir))
	}
}
