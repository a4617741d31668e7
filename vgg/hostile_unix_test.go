//go:build unix

package vgg

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Pipes and devices would keep a reader waiting, or never end.
func TestNoRegularFiles(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{pipe, "/dev/zero"} {
		expectRefusal(t, target, target)
		for _, file := range []string{manifestName, "conv1_1.weight.npy", "conv1_2.bias.npy"} {
			dir := copyFolder(t, func(map[string]any) {})
			if err := os.Remove(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
			expectRefusal(t, file+" is "+target, dir)
		}
	}
}
