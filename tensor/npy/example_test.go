package npy_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// Any io.Writer and io.Reader will do: a file, a network connection, a buffer.
func Example() {
	t := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	var file bytes.Buffer
	if err := npy.Write(&file, t); err != nil {
		log.Fatal(err)
	}
	fmt.Println(file.Len(), "bytes")

	t, err := npy.Read(&file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t)
	// Output:
	// 152 bytes
	// tensor[2 3][1 2 3 4 5 6]
}

// A file that is not what it should be gives an error that says why.
func ExampleRead_damaged() {
	var file bytes.Buffer
	if err := npy.Write(&file, tensor.New(64, 3, 3, 3)); err != nil {
		log.Fatal(err)
	}
	file.Truncate(1000)
	_, err := npy.Read(&file)
	fmt.Println(err)
	// Output:
	// header says shape (64, 3, 3, 3) of <f4, 6912 bytes, but only 872 follow
}
