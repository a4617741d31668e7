package vgg

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// Load reads weights from path, which may be
//
//   - a folder with a manifest.json and one .npy file per tensor, whose sums
//     must match;
//   - the vgg19.npy that circulates with TensorFlow ports: a pickled dictionary
//     {"conv1_1": [weight [3,3,in,out], bias [out]], ...}, in CaffeInput's
//     convention, with zeros for padding; layers such as fc6 are left out. No
//     code in the pickle is run: one that wants to import anything but what
//     NumPy's arrays need is an error;
//   - an .npz with the arrays conv1_1.weight [out,in,3,3], conv1_1.bias [out]
//     and so on. If there is a manifest.json among them it is as binding as in
//     a folder; otherwise CaffeInput and zeros are taken for granted.
//
// Which of them it is shows in the file itself, not in its name. Widths and
// depth are those of the tensors: each convolution must take as many channels
// as the one before gives, and all weights must be finite. docs/weights.md
// tells how to make such files.
func Load(path string) (*Weights, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w, err := load(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if w.Name == "" {
		w.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return w, nil
}

func load(f *os.File) (*Weights, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return LoadFS(os.DirFS(f.Name()))
	}
	start := make([]byte, 6)
	if _, err := f.ReadAt(start, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case strings.HasPrefix(string(start), "\x93NUMPY"):
		return loadPickled(f)
	case strings.HasPrefix(string(start), "PK"):
		z, err := zip.NewReader(f, info.Size())
		if err != nil {
			return nil, err
		}
		return loadArchive(z)
	}
	return nil, errors.New("neither a weights folder nor a vgg19.npy nor an .npz file; " +
		"docs/weights.md tells how to make one of them")
}

const manifestName = "manifest.json"

// maxManifest bounds the size in bytes of a manifest; that of a whole VGG19
// has about 4000.
const maxManifest = 1 << 20

// LoadFS reads a weights folder, with its manifest, that is the root of a file
// system, such as one that is embedded in the program.
func LoadFS(folder fs.FS) (*Weights, error) {
	f, err := folder.Open(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no %s in this folder; docs/weights.md tells how to make one", manifestName)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxManifest {
		return nil, fmt.Errorf("%s is larger than %d bytes", manifestName, maxManifest)
	}
	m, err := parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	return loadLayers(folder, m)
}

// loadArchive loads an .npz file, which is a folder in a zip archive.
func loadArchive(z *zip.Reader) (*Weights, error) {
	members := map[string]bool{}
	for _, member := range z.File {
		if members[member.Name] {
			return nil, fmt.Errorf("%s appears twice in the archive", member.Name)
		}
		members[member.Name] = true
	}
	if members[manifestName] {
		return LoadFS(z)
	}
	caffe := CaffeInput()
	m := &manifest{
		Padding: tensor.PadZero.String(),
		Input:   &manifestInput{caffe.Channels, caffe.Scale, caffe.Mean[:], caffe.Std[:]},
	}
	for _, layer := range layerNames {
		if slices.ContainsFunc(files(layer), func(file string) bool { return members[file] }) {
			m.Layers = append(m.Layers, layer)
		}
	}
	if len(m.Layers) == 0 {
		return nil, fmt.Errorf("a zip archive without %s; if it holds weights of another program, "+
			"docs/weights.md tells how to convert them", files("conv1_1")[0])
	}
	if err := checkLayers(m.Layers); err != nil {
		return nil, err
	}
	return loadLayers(z, m)
}

// loadLayers reads the tensors that the manifest names.
func loadLayers(folder fs.FS, m *manifest) (*Weights, error) {
	w := m.weights()
	for _, name := range m.Layers {
		var pair [2]*tensor.Tensor
		for i, file := range files(name) {
			t, err := readTensor(folder, file, m.SHA256[file])
			if errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("%s is missing", file)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			pair[i] = t
		}
		if err := w.add(name, pair[0], pair[1], oihw); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// readTensor reads the .npy file of the given name, which must have the SHA-256
// sum unless that is empty.
func readTensor(folder fs.FS, name, sum string) (*tensor.Tensor, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	hash := sha256.New()
	r := io.TeeReader(f, hash)
	t, err := npy.Read(r)
	if err != nil {
		return nil, err
	}
	// Reading on to the end also verifies the checksum of a zip member.
	switch n, err := io.Copy(io.Discard, io.LimitReader(r, 1)); {
	case err != nil:
		return nil, err
	case n > 0:
		return nil, errors.New("more bytes follow the array than its header says")
	}
	if got := hex.EncodeToString(hash.Sum(nil)); sum != "" && got != sum {
		return nil, fmt.Errorf("its sha256 is %s, but %s says %s: the file was changed or damaged", got, manifestName, sum)
	}
	return t, nil
}
