package tensor

// im2col is the matrix behind a convolution: a row for each output position,
// and in it, tap by tap, the input pixels that the filter sees there. Times
// the matrix of filters it gives the output.
//
//	column:        tap (0,0)      tap (0,1)   ...   tap (KH-1,KW-1)
//	           c=0 1 2 ... C   c=0 1 2 ... C     c=0 1 2 ... C
//	row (p,q): the pixel at rows[p*KH+kh], cols[q*KW+kw] for each tap (kh,kw)
//
// The two tables say which input row and column a tap reads, -1 for a zero.
// Stride, dilation and padding exist in the tables alone; so does the
// difference between a convolution and the gradient of its input, which is a
// gather from the output's gradient with other tables.
//
// It is a source: a product copies the blocks it needs, and the matrix, nine
// times the picture for a 3x3 filter, is never formed.
type im2col struct {
	x          []float32 // (N,H,W,C)
	h, w, c    int
	channel    int // first channel of the group
	channels   int // channels of the group
	kh, kw     int
	rows, cols []int // tables of P*KH and Q*KW entries
	// positions lists the output positions as (p,q) pairs, where only some are
	// wanted; nil stands for all P x Q in order.
	positions [][2]int
}

// perImage returns the number of rows of the matrix for one picture.
func (s *im2col) perImage() int {
	if s.positions != nil {
		return len(s.positions)
	}
	return len(s.rows) / s.kh * (len(s.cols) / s.kw)
}

func (s *im2col) copyBlock(dst []float32, ld, r0, nr, c0, nc int) {
	perImage, width := s.perImage(), len(s.cols)/s.kw
	for r := range nr {
		image, at := (r0+r)/perImage, (r0+r)%perImage
		p, q := at/width, at%width
		if s.positions != nil {
			p, q = s.positions[at][0], s.positions[at][1]
		}
		s.copyRow(dst[r*ld:][:nc], s.x[image*s.h*s.w*s.c:], s.rows[p*s.kh:][:s.kh], s.cols[q*s.kw:][:s.kw], c0)
	}
}

// copyRow copies columns [c0,c0+len(dst)) of one row of the matrix. rows and
// cols are the tables' entries for its position.
func (s *im2col) copyRow(dst, x []float32, rows, cols []int, c0 int) {
	tap, skip := c0/s.channels, c0%s.channels
	i, j := tap/s.kw, tap%s.kw
	for len(dst) > 0 {
		row, col := rows[i], cols[j]
		n := s.channels - skip
		j++
		// The pixels of neighbouring taps often stand side by side in memory
		// too: take them in one copy. That matters where there are few channels.
		for n < len(dst) && j < s.kw && s.channels == s.c && col >= 0 && cols[j] == cols[j-1]+1 {
			n += s.channels
			j++
		}
		n = min(n, len(dst))
		if row < 0 || col < 0 {
			clear(dst[:n])
		} else {
			copy(dst[:n], x[(row*s.w+col)*s.c+s.channel+skip:])
		}
		dst = dst[n:]
		skip = 0
		if j == s.kw {
			i, j = i+1, 0
		}
	}
}

// forwardTable returns, for each of n outputs and each tap, the input it
// reads: output*stride + tap*dilation - before, looked up by the padding mode
// in a line of size pixels.
func forwardTable(n, taps, stride, dilation, before, size int, mode PadMode) []int {
	t := make([]int, 0, n*taps)
	for o := range n {
		for k := range taps {
			t = append(t, mode.index(o*stride+k*dilation-before, size))
		}
	}
	return t
}

// backwardTable returns, for each position of the padded input from first on
// and each tap, the one output that reads it through this tap, or -1. It turns
// the equation of forwardTable round: output = (position - tap*dilation) /
// stride, if that is a whole number in range.
func backwardTable(first, n, taps, stride, dilation, outputs int) []int {
	t := make([]int, 0, n*taps)
	for i := range n {
		for k := range taps {
			o := first + i - k*dilation
			if o < 0 || o%stride != 0 || o/stride >= outputs {
				t = append(t, -1)
			} else {
				t = append(t, o/stride)
			}
		}
	}
	return t
}
