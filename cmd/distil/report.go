package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

func (t *training) finish(stdout io.Writer) error {
	w := t.trainer.student.weights()
	w.Name = t.flags.Name
	w.License = t.teacher.License
	w.Source = "in training"
	dir := filepath.Join(t.flags.Out, "weights")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := w.WriteFolder(dir, npy.WriteFloat16); err != nil {
		return err
	}
	test := source{photographs: t.test, paintings: &paintings{}, seed: 1, size: t.flags.Crop, count: t.flags.Batch}
	var batches []*tensor.Tensor
	for i := range 8 {
		batches = append(batches, test.batch(i))
	}
	fmt.Fprintln(stdout, "held out:", numbers(t.trainer.evaluate(batches)))
	return nil
}
