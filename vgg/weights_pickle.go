package vgg

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg/internal/pickle"
)

// loadPickled loads a .npy file whose array is one pickled dictionary.
func loadPickled(f *os.File) (*Weights, error) {
	file, err := npy.NewFile(f)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if file.Header.Descr != "|O" {
		return nil, errors.New("this .npy file holds a single array; weights are a folder of such files, " +
			"or a pickled dictionary of arrays: docs/weights.md")
	}
	return fromPickle(file.Data)
}

// fromPickle returns the weights in a pickle. They do not share its memory.
func fromPickle(data []byte) (*Weights, error) {
	layers, err := pickle.Dictionary(data)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range layerNames {
		if _, ok := layers[name]; ok {
			names = append(names, name)
		}
	}
	for name := range layers {
		if strings.HasPrefix(name, "conv") && !slices.Contains(names, name) {
			return nil, unknownLayer(name)
		}
	}
	if err := checkLayers(names); err != nil {
		return nil, err
	}
	w := &Weights{Padding: tensor.PadZero, Input: CaffeInput()}
	for _, name := range names {
		weight, bias, err := pair(layers[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := w.add(name, weight, bias, hwio); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// pair returns the weight and bias that a layer's entry [weight, bias] holds.
func pair(entry pickle.Value) (weight, bias *tensor.Tensor, err error) {
	arrays := entry.Arrays()
	if len(arrays) != 2 {
		return nil, nil, errors.New("no list of two arrays, [weight, bias]")
	}
	if weight, err = arrays[0].Tensor(); err != nil {
		return nil, nil, fmt.Errorf("weight: %w", err)
	}
	if bias, err = arrays[1].Tensor(); err != nil {
		return nil, nil, fmt.Errorf("bias: %w", err)
	}
	return weight, bias, nil
}
