package picture

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/tensor"
)

func TestSaveRoundTrip(t *testing.T) {
	dir := t.TempDir()
	picture := mustLoad(t, "detail.png", 0)

	png := filepath.Join(dir, "copy.PNG")
	if err := Save(png, picture); err != nil {
		t.Fatal(err)
	}
	got, err := Load(png, 0)
	if err != nil {
		t.Fatal(err)
	}
	if largest, _ := difference(t, got, reference(t, "detail.png")); largest != 0 {
		t.Errorf("PNG changed a value by %v", largest)
	}

	// The encoder halves the resolution of colour, so what comes back is near
	// only where colour changes slowly: here, a uniform one.
	plain := tensor.New(1, 20, 30, 3)
	for i := range plain.Data() {
		plain.Data()[i] = []float32{200, 90, 40}[i%3]
	}
	for _, name := range []string{"copy.jpg", "copy.jpeg"} {
		jpg := filepath.Join(dir, name)
		if err := Save(jpg, plain); err != nil {
			t.Fatal(err)
		}
		if got, err = Load(jpg, 0); err != nil {
			t.Fatal(err)
		}
		for i, v := range got.Data() {
			if d := v - plain.Data()[i]; d < -2 || d > 2 {
				t.Fatalf("%s: value %d is %v, want %v", name, i, v, plain.Data()[i])
			}
		}
	}
}

func TestSaveRoundsAndClamps(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	path := filepath.Join(t.TempDir(), "x.png")
	in := []float32{-3, 0.49, 0.5, 254.4, 254.5, 300, nan, inf, -inf}
	want := []float32{0, 0, 1, 254, 255, 255, 0, 255, 0}
	if err := Save(path, tensor.FromSlice(in, 1, 1, 3, 3)); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Data() {
		if v != want[i] {
			t.Errorf("%v was saved as %v, want %v", in[i], v, want[i])
		}
	}
}

// Save replaces an old file and leaves no temporary ones about.
func TestSaveReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.png")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := outfile.CheckFile(path); err != nil {
		t.Fatal(err)
	}
	if old, err := os.ReadFile(path); err != nil || string(old) != "old" {
		t.Fatalf("CheckFile touched the file: %q, %v", old, err)
	}
	if err := Save(path, tensor.New(1, 2, 2, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, 0); err != nil {
		t.Error(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v, %v; want x.png alone", files, err)
	}
}

func TestSaveErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "x.gif"), "must be .png, .jpg, .jpeg, .tif or .tiff"},
		{filepath.Join(dir, "x"), ".png, .jpg, .jpeg, .tif or .tiff"},
		{filepath.Join(dir, "none", "x.png"), "none"},
	} {
		checkMessage(t, cmp.Or(Options{}.Check(c.path), outfile.CheckFile(c.path)), c.path, c.want)
		checkMessage(t, Save(c.path, tensor.New(1, 1, 1, 3)), c.path, "")
	}

	folder := filepath.Join(dir, "folder.png")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	checkMessage(t, outfile.CheckFile(folder), folder, "not a regular file")

	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "x.png")
	checkMessage(t, outfile.CheckFile(below), below, "is not a folder")
}

func TestReadOnlyFolder(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("permissions do not stop this user from writing")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "x.png")
	checkMessage(t, outfile.CheckFile(path), path, "cannot write into the folder")
	checkMessage(t, Save(path, tensor.New(1, 1, 1, 3)), path, "cannot write the picture")
}

func TestSavePanicsOnShape(t *testing.T) {
	for _, shape := range [][]int{{2, 2, 3}, {2, 4, 4, 3}, {1, 4, 4, 1}, {1, 0, 4, 3}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a tensor of shape %v was accepted", shape)
				}
			}()
			_ = Save(filepath.Join(t.TempDir(), "x.png"), tensor.New(shape...))
		}()
	}
}
