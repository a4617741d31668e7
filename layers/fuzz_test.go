package layers_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
)

// FuzzRead: whatever arrays are in a file, Read does not panic, leaves the network
// alone if it returns an error, and otherwise has read what Write writes.
//
// The fuzzer does not get the file but a text that describes it. Files are too large
// for it: before it goes on with an input, it tries to leave out every range of bytes,
// which took a minute for each. Damage to the bytes of a file is in TestCorruption, and
// FuzzReadZip of package npy.
func FuzzRead(f *testing.F) {
	const parameters = "in.bias (1,) 1\nin.weight (1,1) 2"
	f.Add(parameters)
	f.Add(parameters + "\noptimizer.steps (2,) 0 3\noptimizer.0.in.bias (1,) 4\noptimizer.0.in.weight (1,1) 5")
	f.Add(parameters + "\noptimizer.steps (2,) 1 16777215")
	f.Add(parameters + "\nin.bias (1,) 1")
	f.Add("in.bias (1,) NaN\nin.weight (1,1) -Inf")
	f.Add("in.bias (1,) 1\nin.weight no array")
	path := filepath.Join(f.TempDir(), "fuzz.npz")
	read := func(t *testing.T, data []byte, l layers.Layer) (optim.State, error) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return layers.Read(path, l)
	}
	network := func(seed uint64) layers.Sequential {
		return layers.Sequential{{"in", layers.NewLinear(rand.New(rand.NewPCG(seed, 0)), 1, 1)}}
	}
	f.Fuzz(func(t *testing.T, text string) {
		net := network(2)
		before := bits(net)
		state, err := read(t, described(t, text), net)
		if err != nil {
			message := strings.TrimPrefix(err.Error(), path)
			if len(message) > 400 || strings.ContainsFunc(message, unicode.IsControl) {
				t.Fatalf("error of %d bytes: %.500q", len(message), message)
			}
			if !reflect.DeepEqual(bits(net), before) {
				t.Fatalf("error %v, and yet the network is changed", err)
			}
			return
		}
		var b bytes.Buffer
		if err := layers.Write(&b, net, state); err != nil {
			t.Fatal(err)
		}
		again := network(3)
		stateAgain, err := read(t, b.Bytes(), again)
		if err != nil || !reflect.DeepEqual(bits(again), bits(net)) || !reflect.DeepEqual(stateAgain, state) {
			t.Fatalf("read %v and %v, wrote them, read %v and %v, error %v", bits(net), state, bits(again), stateAgain, err)
		}
	})
}

// described returns an archive with an array for each line of a text: name, shape and
// elements. A line that is none of this becomes a file of this text.
func described(t *testing.T, text string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for line := range strings.Lines(text) {
		name, array, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		content := array
		if shape, elements, ok := strings.Cut(array, ") "); ok {
			content = npyText("<f4", shape+")", 0)
			for _, element := range strings.Fields(elements) {
				v, _ := strconv.ParseFloat(element, 32) // 0 for what is no number
				content += string(binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v))))
			}
		}
		size := uint64(len(content))
		w, err := z.CreateRaw(&zip.FileHeader{Name: name + ".npy", CompressedSize64: size, UncompressedSize64: size})
		if err != nil {
			return nil // a name that is too long
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
