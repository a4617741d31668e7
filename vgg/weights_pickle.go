package vgg

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg/internal/pickle"
)

// loadPickled loads a .npy file of size bytes whose array is one pickled dictionary.
func loadPickled(f *os.File, size int64) (*Weights, error) {
	r := io.NewSectionReader(f, 0, size)
	h, err := npy.ReadHeader(r)
	if err != nil {
		return nil, err
	}
	if h.Descr != "|O" {
		return nil, errors.New("this .npy file holds a single array; weights are a folder of such files, " +
			"or a pickled dictionary of arrays: docs/weights.md")
	}
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	return fromPickle(io.NewSectionReader(f, start, size-start), size-start)
}

// fromPickle returns the weights in a pickle of size bytes.
func fromPickle(r io.ReaderAt, size int64) (*Weights, error) {
	layers, err := pickle.Dictionary(r, size)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range layerNames {
		if _, ok := layers[name]; ok {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(layers)) { // in order, so that the message is the same every time
		if strings.HasPrefix(name, "conv") && !slices.Contains(names, name) {
			return nil, unknownLayer(name)
		}
	}
	if err := checkLayers(names); err != nil {
		return nil, err
	}
	w := &Weights{Padding: tensor.PadZero, Input: CaffeInput()}
	for _, name := range names {
		arrays := layers[name].Arrays()
		if len(arrays) != 2 {
			return nil, fmt.Errorf("%s: no list of two arrays, [weight, bias]", name)
		}
		var pair [2]array
		for i, kind := range []string{"weight", "bias"} {
			pair[i] = func(check func([]int) error) (*tensor.Tensor, error) {
				err := check(arrays[i].Shape())
				var t *tensor.Tensor
				if err == nil {
					t, err = arrays[i].Tensor()
				}
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", name, kind, err)
				}
				return t, nil
			}
		}
		if err := w.add(name, pair[0], pair[1], hwio); err != nil {
			return nil, err
		}
	}
	return w, nil
}
