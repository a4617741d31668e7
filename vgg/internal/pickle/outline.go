package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// bulkSize is the number of bytes from which a string stays out of the outline.
// The opcodes for shorter ones count with a single byte.
const bulkSize = 256

// maxOutline bounds the size in bytes of an outline; that of a whole VGG19
// has about 6000.
const maxOutline = 64 << 10

// A bulk is a long byte string or text in a pickle.
type bulk struct {
	data []byte
	text bool // UTF-8
}

// outline returns a pickle without its bulk: a program for the same
// unpickler, in which each long string is replaced by a reference to an entry
// of the list, spelled as the persistent identifier "P<index>".
//
// That serves two ends. The numbers of a network, hundreds of megabytes, are
// read where they lie instead of being copied through the unpickler. And a
// pickle is a program by an unknown author: here every length that it claims
// is compared with the bytes it has, so that running the outline can allocate
// no more than the outline's own size justifies.
//
// The opcodes are described in Python's Lib/pickletools.py.
func outline(pickle []byte) (program []byte, bulks []bulk, err error) {
	rest := pickle
	for {
		if len(rest) == 0 {
			return nil, nil, errors.New("the pickle ends before its end mark")
		}
		op := rest[0]
		head, body, err := operand(rest)
		if err != nil {
			return nil, nil, fmt.Errorf("damaged pickle: at byte %d: %w", len(pickle)-len(rest), err)
		}
		instruction := rest[:head+body]
		rest = rest[head+body:]
		switch {
		case op == opFrame:
			// Frames only tell how much to read at once.
		case (op == opLong1 || op == opLong4) && body == 0:
			program = append(program, opBinInt1, 0) // 0L, which the unpickler stumbles over
		case body >= bulkSize:
			bulks = append(bulks, bulk{instruction[head:], op == opBinUnicode || op == opBinUnicode8})
			program = append(strconv.AppendInt(append(program, opPersID), int64(len(bulks)-1), 10), '\n')
		default:
			program = append(program, instruction...)
		}
		if len(program) > maxOutline {
			return nil, nil, fmt.Errorf("the pickle is far more complicated than a dictionary of arrays: "+
				"over %d bytes besides them", maxOutline)
		}
		if op == opStop {
			break
		}
	}
	if len(rest) > 0 {
		return nil, nil, fmt.Errorf("%d bytes follow the end of the pickle", len(rest))
	}
	return program, bulks, nil
}

// Opcodes that are treated in a special way.
const (
	opBinInt1     = 'K'
	opBinUnicode  = 'X'
	opBinUnicode8 = '\x8d'
	opFrame       = '\x95'
	opLong1       = '\x8a'
	opLong4       = '\x8b'
	opPersID      = 'P'
	opStop        = '.'
)

// operand returns the size in bytes of the instruction at the start of p, in
// two parts: the opcode with operands of fixed size, a line of text or a count,
// and the body that is counted.
func operand(p []byte) (head, body int, err error) {
	switch p[0] {
	case '(', '.', '0', '1', '2', 'N', 'R', 'a', 'b', 'd', '}', 'e', 'l', ']', 'o', 's', 't', 'u', ')',
		'\x81', '\x85', '\x86', '\x87', '\x88', '\x89', '\x92', '\x93', '\x94':
		return 1, 0, nil
	case 'K', 'h', 'q', '\x80':
		head = 2
	case 'M':
		head = 3
	case 'J', 'j', 'r':
		head = 5
	case 'G', opFrame:
		head = 9
	case 'F', 'I', 'L', 'S', 'V', 'g', 'p':
		head, err = lines(p, 1)
	case 'c', 'i':
		head, err = lines(p, 2)
	case 'U', 'C', '\x8c', opLong1:
		head, body, err = counted(p, 1)
	case 'T', 'X', 'B', opLong4:
		head, body, err = counted(p, 4)
	case '\x8d', '\x8e', '\x96':
		head, body, err = counted(p, 8)
	default:
		return 0, 0, fmt.Errorf("opcode %#02x is not one that arrays need", p[0])
	}
	if err != nil {
		return 0, 0, err
	}
	if len(p) < head {
		return 0, 0, errors.New("the file ends within an instruction")
	}
	if (p[0] == 'S' || p[0] == 'V') && bytes.IndexByte(p[:head], '\\') >= 0 {
		return 0, 0, errors.New("text with escapes, as in pickle protocol 0, is not read; save with protocol 2 or later")
	}
	if (p[0] == opLong1 || p[0] == opLong4) && body > 8 {
		return 0, 0, fmt.Errorf("an integer of %d bytes", body)
	}
	return head, body, nil
}

// lines returns the size of an opcode with n lines of text.
func lines(p []byte, n int) (int, error) {
	size := 1
	for range n {
		i := bytes.IndexByte(p[size:], '\n')
		if i < 0 {
			return 0, errors.New("the file ends within an instruction")
		}
		size += i + 1
	}
	return size, nil
}

// counted returns the sizes of an opcode with a little-endian count of the
// given width, and of the body that it counts.
func counted(p []byte, width int) (head, body int, err error) {
	head = 1 + width
	if len(p) < head {
		return 0, 0, errors.New("the file ends within an instruction")
	}
	var count [8]byte
	copy(count[:], p[1:head])
	n := binary.LittleEndian.Uint64(count[:])
	if n > uint64(len(p)-head) || n > math.MaxInt32 && width == 4 {
		return 0, 0, fmt.Errorf("it claims a string of %d bytes, but only %d follow", n, len(p)-head)
	}
	return head, int(n), nil
}
