package vgg

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/tensor/npy"
)

var corruptions = flag.Int("corruptions", 150, "damaged files that TestCorruption makes of each kind")

// TestCorruption damages sound files of every kind, in lengths, offsets and
// headers above all: the result is the weights of a network or an error of one
// short line, and little memory is taken.
func TestCorruption(t *testing.T) {
	w := tiny(t, func(w *Weights) {})
	slim := filepath.Join(t.TempDir(), "slim")
	if err := w.WriteFolder(slim, npy.WriteFloat16); err != nil {
		t.Fatal(err)
	}
	archived := filepath.Join(t.TempDir(), "whole.npz")
	archive(t, archived, folderMembers(t)...)
	kinds := map[string]string{ // files that are damaged, by the path that is loaded
		archived:            archived,
		"testdata/tiny.npz": "testdata/tiny.npz",
	}
	for _, file := range append(files("conv1_2"), manifestName) {
		kinds[filepath.Join(slim, file)] = slim
	}
	pickles, err := filepath.Glob("testdata/pickle_*.npy")
	if err != nil || len(pickles) == 0 {
		t.Fatal("no pickles", err)
	}
	for _, path := range pickles {
		kinds[path] = path
	}
	for file, path := range kinds {
		t.Run(filepath.Base(file), func(t *testing.T) {
			sound, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			damaged := filepath.Join(t.TempDir(), filepath.Base(path))
			target := damaged
			if path != file {
				if err := os.CopyFS(damaged, os.DirFS(path)); err != nil {
					t.Fatal(err)
				}
				target = filepath.Join(damaged, filepath.Base(file))
			}
			for seed := range *corruptions {
				rng := rand.New(rand.NewPCG(uint64(seed), 1))
				writeFile(t, target, damage(rng, sound))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				w, err := Load(damaged)
				runtime.ReadMemStats(&after)
				if err != nil {
					checkMessage(t, "seed", err.Error()[len(damaged):])
				} else {
					checkLoaded(t, "seed", w, nil)
				}
				if cost := after.TotalAlloc - before.TotalAlloc; cost > maxAlloc {
					t.Errorf("%d bytes were allocated", cost)
				}
				if t.Failed() {
					t.Fatalf("seed %d, error %v", seed, err)
				}
			}
		})
	}
}

// damage returns a damaged copy of a file.
func damage(rng *rand.Rand, file []byte) []byte {
	b := append([]byte(nil), file...)
	for range 1 + rng.IntN(3) {
		// Most damage is near the ends, where headers and directories are.
		at := rng.IntN(len(b))
		if rng.IntN(3) > 0 {
			at = rng.IntN(min(len(b), 200))
			if rng.IntN(2) == 0 {
				at = len(b) - 1 - at
			}
		}
		n := min(1<<rng.IntN(4), len(b)-at)
		switch rng.IntN(7) {
		case 0: // lengths of 1 to 8 bytes
			value := []byte{0, 1, 0x7f, 0x80, 0xff}[rng.IntN(5)]
			for i := range n {
				b[at+i] = value
			}
		case 1:
			b[at] ^= 1 << rng.IntN(8)
		case 2: // decimal numbers
			for i := range n {
				b[at+i] = '9'
			}
		case 3:
			b = b[:at+1]
		case 4:
			b = append(b[:at:at], b[at+n:]...)
		case 5:
			b = append(b[:at:at], append(make([]byte, n), b[at:]...)...)
		case 6: // the escapes of a terminal
			copy(b[at:], "\x1b[2J\n")
		}
		if len(b) == 0 {
			return b
		}
	}
	return b
}

// FuzzLoad: whatever a file is, damage ends in an error of one short line.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/*.np?", "testdata/folder/*.npy"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, text := range pickleLies() {
		if len(text) < 5000 {
			f.Add([]byte(text))
		}
	}
	for _, l := range arrayLies() {
		f.Add(liar(f, bomb("conv1_1.weight.npy", l.text, min(l.zeros, 5000))))
	}
	if haveTrials(f) {
		for _, name := range trialFiles {
			data, err := os.ReadFile(filepath.Join(trials, name))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	} else {
		f.Logf("%s is not here", trials)
	}
	path := filepath.Join(f.TempDir(), "w")
	f.Fuzz(func(t *testing.T, data []byte) {
		writeFile(t, path, data)
		w, err := Load(path)
		checkLoaded(t, "fuzzed", w, err)
	})
}
