package vgg

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/brushgrad/brushgrad/tensor"
)

// pickleArray returns the instructions that make a NumPy array of the given shape
// and bytes, as protocol 3 of Python 3 spells them.
func pickleArray(kind, order string, shape []int, data string) string {
	var dims strings.Builder
	for _, d := range shape {
		dims.WriteString("J" + string(binary.LittleEndian.AppendUint32(nil, uint32(d))))
	}
	return "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R" +
		"(K\x01(" + dims.String() + "t" + pickleDtype(kind, order) + "\x89" + pickleBytes(data) + "tb"
}

func pickleDtype(kind, order string) string {
	return "cnumpy\ndtype\n" + pickleText(kind) + "K\x00K\x01\x87R(K\x03" + pickleText(order) + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
}

func pickleText(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func pickleBytes(s string) string {
	return "B" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

// pickleFile returns a .npy file of a dictionary whose entries are made by the
// given instructions: a key and a value in turn.
func pickleFile(entries ...string) string {
	return objectHeader + "\x80\x03cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01)" +
		pickleDtype("O8", "|") + "\x89]}(" + strings.Join(entries, "") + "uatb."
}

// pickleWeights returns a network as a file like TensorFlow's vgg19.npy.
func pickleWeights(w *Weights) string {
	var entries []string
	for _, c := range w.Convs {
		n := c.Weight.Shape() // (out, 3, 3, in)
		weight := tensor.New(n[1], n[2], n[3], n[0])
		tensor.Transpose(weight, c.Weight, 1, 2, 3, 0)
		entries = append(entries, pickleText(c.Name),
			"]("+pickleArray("f4", "<", weight.Shape(), floatBytes(weight))+pickleArray("f4", "<", c.Bias.Shape(), floatBytes(c.Bias))+"e")
	}
	return pickleFile(entries...)
}

func floatBytes(t *tensor.Tensor) string {
	var b strings.Builder
	if err := binary.Write(&b, binary.LittleEndian, t.Data()); err != nil {
		panic(fmt.Sprint("a float32 cannot be written: ", err))
	}
	return b.String()
}
