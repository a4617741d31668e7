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
	"github.com/brushgrad/brushgrad/vgg/internal/foreign"
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
//
// Nothing that a file says is believed before it is checked: a layer may have
// twice as many filters as VGG19's, and a network twice as many weights, and Load
// takes memory for those and for a second copy of one layer. All weights are copied, so that files may change afterwards.
// Errors are one short line.
func Load(path string) (*Weights, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: neither a file nor a folder", path) // opening a pipe could wait for ever
	}
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
		return loadPickled(f, info.Size())
	case strings.HasPrefix(string(start), "PK"):
		z, err := npy.NewZipReader(f, info.Size())
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
const maxManifest = 64 << 10

// LoadFS reads a weights folder, with its manifest, that is the root of a file
// system, such as one that is embedded in the program.
func LoadFS(folder fs.FS) (*Weights, error) {
	f, size, err := openFile(folder, manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no %s in this folder; docs/weights.md tells how to make one", manifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	defer f.Close()
	if size > maxManifest {
		return nil, fmt.Errorf("%s is larger than %d bytes", manifestName, maxManifest)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	return loadLayers(folder, m)
}

// openFile opens a regular file and returns its size in bytes. A pipe or a device
// could keep a reader waiting, or never end.
func openFile(folder fs.FS, name string) (fs.File, int64, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("not a regular file")
	}
	f, err := folder.Open(name)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// loadArchive loads an .npz file, which is a folder in a zip archive.
func loadArchive(z *zip.Reader) (*Weights, error) {
	members := map[string]bool{}
	for _, member := range z.File {
		if members[member.Name] {
			return nil, fmt.Errorf("%s appears twice in the archive", foreign.Quote(member.Name))
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
		var pair [2]array
		for i, file := range files(name) {
			pair[i] = func(check func([]int) error) (*tensor.Tensor, error) {
				t, err := readTensor(folder, file, m.SHA256[file], check)
				if errors.Is(err, fs.ErrNotExist) {
					return nil, fmt.Errorf("%s is missing", file)
				}
				if err != nil {
					return nil, fmt.Errorf("%s: %w", file, err)
				}
				return t, nil
			}
		}
		if err := w.add(name, pair[0], pair[1], oihw); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// readTensor reads the .npy file of the given name, of a shape that check takes,
// which must have the SHA-256 sum unless that is empty.
func readTensor(folder fs.FS, name, sum string, check func(shape []int) error) (*tensor.Tensor, error) {
	f, size, err := openFile(folder, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	hash := sha256.New()
	t, err := npy.ReadSized(io.TeeReader(f, hash), size, func(h npy.Header) error { return check(h.Shape) })
	if err != nil {
		return nil, err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); sum != "" && got != sum {
		return nil, fmt.Errorf("its sha256 is %s, but %s says %s: the file was changed or damaged", got, manifestName, sum)
	}
	return t, nil
}
