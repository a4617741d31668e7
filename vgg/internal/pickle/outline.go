package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// bulkSize is the number of bytes from which a string stays out of the outline.
// Names that mean something are shorter.
const bulkSize = 64

// Bounds of an outline. That of a whole VGG19, with its fully connected layers,
// has about 6000 bytes and 2000 instructions. What the unpickler makes of an
// instruction has a few hundred bytes, and so has what it writes of a value, which
// an instruction of two bytes can name, into a message.
const (
	maxOutline      = 32 << 10
	maxInstructions = 6 << 10
	maxLines        = 256 // bytes of text of an instruction that ends with a line or two
)

// A bulk is a long byte string or text in a pickle.
type bulk struct {
	file   io.ReaderAt
	offset int64 // in the file
	size   int64 // in bytes
	text   bool  // UTF-8
}

// GoString keeps the unpickler's messages short, which print values as Go code.
func (b bulk) GoString() string { return "a string" }

// outline returns a pickle without its bulk: a program for the same
// unpickler, in which each long string is replaced by a reference to an entry
// of the list, spelled as the persistent identifier "P<index>".
//
// That serves two ends. The numbers of a network, hundreds of megabytes, are
// not read before they are needed. And a pickle is a program by an unknown
// author: here every length that it claims is compared with the bytes it has, so
// that running the outline can allocate no more than the outline's own size
// justifies.
//
// The opcodes are described in Python's Lib/pickletools.py.
func outline(pickle io.ReaderAt, size int64) (program []byte, bulks []bulk, err error) {
	w := window{r: pickle, size: size}
	offset := int64(0)
	for n := 0; ; n++ {
		p, err := w.at(offset)
		if err != nil {
			return nil, nil, err
		}
		if len(p) == 0 {
			return nil, nil, errors.New("the pickle ends before its end mark")
		}
		op := p[0]
		head, body, err := operand(p, size-offset)
		if err != nil {
			return nil, nil, fmt.Errorf("damaged pickle: at byte %d: %w", offset, err)
		}
		switch {
		case op == opFrame:
			// Frames only tell how much to read at once.
		case (op == opLong1 || op == opLong4) && body == 0:
			program = append(program, opBinInt1, 0) // 0L, which the unpickler stumbles over
		case body >= bulkSize:
			bulks = append(bulks, bulk{pickle, offset + int64(head), body, op == opBinUnicode || op == opBinUnicode8 || op == opShortUnicode})
			program = append(strconv.AppendInt(append(program, opPersID), int64(len(bulks)-1), 10), '\n')
		default:
			program = append(program, p[:head+int(body)]...)
		}
		if len(program) > maxOutline || n == maxInstructions {
			return nil, nil, fmt.Errorf("the pickle is far more complicated than a dictionary of arrays: "+
				"over %d bytes or %d instructions besides them", maxOutline, maxInstructions)
		}
		offset += int64(head) + body
		if op == opStop {
			break
		}
	}
	if offset < size {
		return nil, nil, fmt.Errorf("%d bytes follow the end of the pickle", size-offset)
	}
	return program, bulks, nil
}

// A window shows a file piece by piece.
type window struct {
	r     io.ReaderAt
	size  int64  // of the file
	start int64  // of the piece
	piece []byte // with the capacity of all pieces
}

// at returns the bytes from offset on: all that an instruction without bulk can
// have, unless the file ends before.
func (w *window) at(offset int64) ([]byte, error) {
	const need = maxLines + bulkSize
	if i := offset - w.start; i >= 0 && i <= int64(len(w.piece)) && len(w.piece[i:]) >= int(min(need, w.size-offset)) {
		return w.piece[i:], nil
	}
	if w.piece == nil {
		w.piece = make([]byte, 0, 8*need)
	}
	n := min(int64(cap(w.piece)), w.size-offset)
	w.start, w.piece = offset, w.piece[:n]
	if m, err := w.r.ReadAt(w.piece, offset); int64(m) < n {
		if err == io.EOF {
			err = errors.New("the file became shorter while it was read")
		}
		return nil, err
	}
	return w.piece, nil
}

// Opcodes that are treated in a special way.
const (
	opBinInt1      = 'K'
	opBinUnicode   = 'X'
	opBinUnicode8  = '\x8d'
	opShortUnicode = '\x8c'
	opFrame        = '\x95'
	opLong1        = '\x8a'
	opLong4        = '\x8b'
	opPersID       = 'P'
	opStop         = '.'
)

// operand returns the size in bytes of the instruction at the start of p, in
// two parts: the opcode with operands of fixed size, a line of text or a count,
// and the body that is counted. The file has as many bytes left as rest says, of
// which p shows the first.
func operand(p []byte, rest int64) (head int, body int64, err error) {
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
		head, err = lines(p, 1, rest)
	case 'c', 'i':
		head, err = lines(p, 2, rest)
	case 'U', 'C', '\x8c', opLong1:
		head, body, err = counted(p, 1, rest)
	case 'T', 'X', 'B', opLong4:
		head, body, err = counted(p, 4, rest)
	case '\x8d', '\x8e', '\x96':
		head, body, err = counted(p, 8, rest)
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
	if (p[0] == 'S' || p[0] == 'V') && head > bulkSize { // every use of it could become part of a message
		return 0, 0, fmt.Errorf("text of over %d bytes in a line", bulkSize)
	}
	if (p[0] == opLong1 || p[0] == opLong4) && body > 8 {
		return 0, 0, fmt.Errorf("an integer of %d bytes", body)
	}
	return head, body, nil
}

// lines returns the size of an opcode with n lines of text.
func lines(p []byte, n int, rest int64) (int, error) {
	text := p[:min(len(p), maxLines)]
	size := 1
	for range n {
		i := bytes.IndexByte(text[size:], '\n')
		if i < 0 {
			if int64(len(text)) < rest {
				return 0, fmt.Errorf("a line of over %d bytes", maxLines)
			}
			return 0, errors.New("the file ends within an instruction")
		}
		size += i + 1
	}
	return size, nil
}

// counted returns the sizes of an opcode with a little-endian count of the
// given width, and of the body that it counts.
func counted(p []byte, width int, rest int64) (head int, body int64, err error) {
	head = 1 + width
	if len(p) < head {
		return 0, 0, errors.New("the file ends within an instruction")
	}
	var count [8]byte
	copy(count[:], p[1:head])
	n := binary.LittleEndian.Uint64(count[:])
	if follow := rest - int64(head); n > uint64(follow) || n > math.MaxInt32 && width == 4 {
		return 0, 0, fmt.Errorf("it claims a string of %d bytes, but only %d follow", n, follow)
	}
	return head, int64(n), nil
}
