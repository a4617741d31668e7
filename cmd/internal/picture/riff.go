package picture

import (
	"encoding/binary"
	"iter"
)

// riffChunks yields the type and the data of the chunks of a RIFF file, as far
// as they are whole.
func riffChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := 12; i+8 <= len(data); {
			n := uint64(binary.LittleEndian.Uint32(data[i+4:]))
			start := i + 8
			if n > uint64(len(data)-start) || !yield(string(data[i:i+4]), data[start:start+int(n)]) {
				return
			}
			i = start + int(n+n&1) // chunks are padded to an even length
		}
	}
}
