// The micro-kernel of every matrix product and of the first layer. A block of six
// rows of C stays in Y0-Y11, two registers a row, while k runs: each step loads
// one row of B into Y12 and Y13 and multiplies it by six broadcast elements of A.
// Twelve multiply-adds for eight loads keep both FMA units of a core busy, which
// take two multiply-adds a cycle while the load ports deliver two vectors; twelve
// independent sums also cover the latency of an FMA (4 or 5 cycles x 2 units).

// ROWS adds a0*B to row (c0, c1) and a1*B to row (c2, c3) of the block.
#define ROWS(A0, A1, C0, C1, C2, C3) \
	VBROADCASTSS A0, Y14           \ // Y14 = a[i]
	VFMADD231PS  Y12, Y14, C0      \
	VFMADD231PS  Y13, Y14, C1      \
	VBROADCASTSS A1, Y15           \ // Y15 = a[i+1]
	VFMADD231PS  Y12, Y15, C2      \
	VFMADD231PS  Y13, Y15, C3

// STEP is one value of k: B at offset OFFB, A at offset OFFA from AX in rows 0
// to 2 and from R9 in rows 3 to 5. R8 is the row stride in bytes.
#define STEP(OFFB, OFFA) \
	VMOVUPS OFFB+0(BX), Y12                                   \ // b[p*16:]
	VMOVUPS OFFB+32(BX), Y13                                  \
	ROWS(OFFA(AX), OFFA(AX)(R8*1), Y0, Y1, Y2, Y3)            \
	ROWS(OFFA(AX)(R8*2), OFFA(R9), Y4, Y5, Y6, Y7)            \
	ROWS(OFFA(R9)(R8*1), OFFA(R9)(R8*2), Y8, Y9, Y10, Y11)

// ZERO clears the block.
#define ZERO \
	VXORPS Y0, Y0, Y0    \
	VXORPS Y1, Y1, Y1    \
	VXORPS Y2, Y2, Y2    \
	VXORPS Y3, Y3, Y3    \
	VXORPS Y4, Y4, Y4    \
	VXORPS Y5, Y5, Y5    \
	VXORPS Y6, Y6, Y6    \
	VXORPS Y7, Y7, Y7    \
	VXORPS Y8, Y8, Y8    \
	VXORPS Y9, Y9, Y9    \
	VXORPS Y10, Y10, Y10 \
	VXORPS Y11, Y11, Y11
