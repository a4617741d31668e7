package picture

import (
	"bytes"
	"errors"
)

// maxNetpbmHeader is the most bytes of the header of a PBM, PGM, PPM or PAM, comments
// included.
const maxNetpbmHeader = 1 << 16

// isNetpbm reports whether data begin as one of these does.
func isNetpbm(data []byte) bool {
	return len(data) >= 2 && data[0] == 'P' && data[1] >= '1' && data[1] <= '7'
}

// checkMaxval fails if a PGM or PPM says that its largest value is 0, by which its
// decoder would divide.
func checkMaxval(data []byte) error {
	if data[1] == '1' || data[1] == '4' || data[1] == '7' {
		return nil // which have none, or are checked by the decoder
	}
	fields := 0
	for line := range bytes.Lines(data[2:min(len(data), maxNetpbmHeader)]) {
		line, _, _ = bytes.Cut(line, []byte{'#'})
		for field := range bytes.FieldsSeq(line) {
			if fields++; fields < 3 { // width and height
				continue
			}
			if len(bytes.Trim(field, "0")) == 0 {
				return errors.New("the picture says that its largest value (maxval) is 0; it must be 1 to 65535")
			}
			return nil
		}
	}
	return nil
}
